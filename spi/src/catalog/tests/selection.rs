//! Tests of selection: tables B and C of client-dll.md 4.4.

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::Errno;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::SOCK_DGRAM;
use ws2spi_abi::SOCK_RAW;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::super::Criteria;
use super::super::Snapshot;
use super::*;

const BAD: i32 = 0xdead;

fn select(snapshot: &Snapshot, family: i32, socket_type: i32, protocol: i32) -> Result<u32, Errno> {
    let criteria = Criteria {
        family,
        socket_type,
        protocol,
    };
    snapshot.select(criteria).map(|entry| entry.id().get())
}

/// The base entries with a layer's chain over TCP/IP at the end: dummy 1007, chain 1008.
fn with_layer() -> List {
    let list = fresh_list()
        .install(guid(1), &"layer.so".into(), &[layer("layer")])
        .unwrap();
    let over = chain(
        "layer over TCP",
        list.entry(id(1001)).unwrap(),
        &[id(1007), id(1001)],
    );
    list.install(guid(2), &"layer.so".into(), &[over]).unwrap()
}

#[test]
fn every_row_of_the_error_table_holds() {
    // U143: all rows of table 4.4 C.
    let snapshot = seen(&fresh_list());
    let rows = [
        (BAD, SOCK_STREAM, IPPROTO_TCP, Err(Errno::AFNOSUPPORT)),
        (BAD, SOCK_STREAM, BAD, Err(Errno::AFNOSUPPORT)),
        (AF_INET, BAD, IPPROTO_UDP, Err(Errno::SOCKTNOSUPPORT)),
        (AF_INET, BAD, BAD, Err(Errno::SOCKTNOSUPPORT)),
        (BAD, BAD, IPPROTO_UDP, Err(Errno::SOCKTNOSUPPORT)),
        (BAD, BAD, BAD, Err(Errno::SOCKTNOSUPPORT)),
        (AF_INET, SOCK_STREAM, BAD, Err(Errno::PROTONOSUPPORT)),
        (
            AF_INET,
            SOCK_STREAM,
            IPPROTO_UDP,
            Err(Errno::PROTONOSUPPORT),
        ),
        (AF_INET, SOCK_DGRAM, IPPROTO_TCP, Err(Errno::PROTONOSUPPORT)),
        (0, SOCK_STREAM, BAD, Err(Errno::PROTONOSUPPORT)),
        (AF_INET, SOCK_STREAM, 0, Ok(1001)),
        (AF_INET, SOCK_DGRAM, 0, Ok(1002)),
        (AF_INET, 0, 0, Ok(1001)),
        (0, SOCK_STREAM, IPPROTO_TCP, Ok(1001)),
        (0, 0, IPPROTO_TCP, Ok(1001)),
        (0, 0, IPPROTO_UDP, Ok(1002)),
        (0, 0, 0, Err(Errno::INVAL)),
        (0, SOCK_STREAM, 0, Err(Errno::INVAL)),
        (0, SOCK_DGRAM, 0, Err(Errno::INVAL)),
        (0, BAD, 0, Err(Errno::INVAL)),
        (0, BAD, IPPROTO_UDP, Err(Errno::SOCKTNOSUPPORT)),
        (AF_INET6, SOCK_STREAM, IPPROTO_TCP, Ok(1004)),
    ];
    for (family, socket_type, protocol, expected) in rows {
        let found = select(&snapshot, family, socket_type, protocol);
        assert_eq!(found, expected, "({family}, {socket_type}, {protocol})");
    }
}

#[test]
fn a_bare_layer_is_never_selected_even_first_in_order() {
    // U144: an entry of ChainLen 0 is never selected and contributes nothing to the error.
    let mut dummy = layer("layer");
    dummy.iAddressFamily = AF_INET;
    dummy.iSocketType = BAD;
    dummy.iProtocol = IPPROTO_TCP;
    let list = fresh_list()
        .install(guid(1), &"layer.so".into(), &[dummy])
        .unwrap();
    let first = list
        .reorder(&[1007, 1001, 1002, 1003, 1004, 1005, 1006].map(id))
        .unwrap();
    let snapshot = seen(&first);
    assert_eq!(select(&snapshot, AF_INET, 0, IPPROTO_TCP), Ok(1001));
    assert_eq!(
        select(&snapshot, AF_INET, BAD, IPPROTO_TCP),
        Err(Errno::SOCKTNOSUPPORT)
    );
}

#[test]
fn a_chain_placed_first_wins_over_its_base() {
    // U145: order alone decides.
    let order = [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007].map(id);
    let snapshot = seen(&with_layer().reorder(&order).unwrap());
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_STREAM, IPPROTO_TCP),
        Ok(1008)
    );
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_DGRAM, IPPROTO_UDP),
        Ok(1002)
    );
}

#[test]
fn a_chain_placed_last_is_not_selected() {
    // U146: the base before it fits.
    let snapshot = seen(&with_layer());
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_STREAM, IPPROTO_TCP),
        Ok(1001)
    );
}

#[test]
fn protocol_zero_needs_the_flag_of_the_entry() {
    // U147: PFL_MATCHES_PROTOCOL_ZERO decides for protocol 0.
    let mut base = base_entries();
    base[0].dwProviderFlags = 0;
    let snapshot = seen(&List::fresh(&BASE.into(), &base).unwrap());
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_STREAM, 0),
        Err(Errno::PROTONOSUPPORT)
    );
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_STREAM, IPPROTO_TCP),
        Ok(1001)
    );
}

#[test]
fn a_raw_protocol_selects_the_hidden_raw_entry() {
    // U148: iProtocol ..= iProtocol + iProtocolMaxOffset is accepted, hidden entries take part.
    let snapshot = seen(&fresh_list());
    assert_eq!(select(&snapshot, AF_INET, SOCK_RAW, 255), Ok(1003));
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_RAW, 256),
        Err(Errno::PROTONOSUPPORT)
    );
    assert_eq!(
        select(&snapshot, AF_INET, SOCK_RAW, -1),
        Err(Errno::PROTONOSUPPORT)
    );
}

#[test]
fn a_given_info_selects_by_its_id_alone() {
    // U149: only dwCatalogEntryId decides; U150: a base entry's info bypasses chains.
    let order = [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007].map(id);
    let snapshot = seen(&with_layer().reorder(&order).unwrap());
    let asked = |number| {
        let info = WSAPROTOCOL_INFOW {
            dwCatalogEntryId: number,
            iAddressFamily: -1,
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        snapshot.select_by_info(&info).map(|entry| entry.id().get())
    };
    assert_eq!(asked(1001), Ok(1001));
    assert_eq!(asked(1008), Ok(1008));
    assert_eq!(asked(1007), Err(Errno::INVAL), "a bare layer");
    assert_eq!(asked(4711), Err(Errno::INVAL), "no such entry");
}

#[test]
fn the_search_can_go_on_after_an_entry() {
    // U151: after WSAEINPROGRESS the next match is tried.
    let list = with_layer();
    let snapshot = seen(&list);
    let tcp = Criteria {
        family: AF_INET,
        socket_type: SOCK_STREAM,
        protocol: IPPROTO_TCP,
    };
    let found: Vec<u32> = snapshot
        .candidates(tcp)
        .map(|entry| entry.id().get())
        .collect();
    assert_eq!(found, [1001, 1008]);
}

#[test]
fn a_layer_finds_what_lies_below_it_in_a_chain() {
    // U105, U106: the id after the layer's own names a base, a layer or another chain.
    let list = with_layer();
    let list = list
        .install(guid(3), &"upper.so".into(), &[layer("upper")])
        .unwrap();
    let tcp = list.entry(id(1001)).unwrap();
    let long = chain("long", tcp, &[id(1009), id(1007), id(1001)]);
    let nested = chain("nested", tcp, &[id(1009), id(1008)]);
    let list = list
        .install(guid(4), &"upper.so".into(), &[long, nested])
        .unwrap();
    let snapshot = seen(&list);
    let below = |chain: u32, layer: u32| {
        let chain = snapshot.entry(id(chain)).unwrap();
        snapshot
            .below(chain, id(layer))
            .map(|entry| entry.id().get())
    };
    assert_eq!(below(1010, 1009), Some(1007));
    assert_eq!(below(1010, 1007), Some(1001));
    assert_eq!(below(1010, 1001), None, "the base is last");
    assert_eq!(below(1010, 1008), None, "not in the chain");
    assert_eq!(below(1011, 1009), Some(1008));
    assert_eq!(below(1001, 1001), None, "no chain");
}
