//! Tests of what processes and applications see: enumeration, snapshots, categories.

use ws2spi_abi::AF_INET;
use ws2spi_abi::Errno;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::LSP_FIREWALL;
use ws2spi_abi::LSP_INSPECTOR;
use ws2spi_abi::LSP_SYSTEM;
use ws2spi_abi::SOCK_STREAM;

use super::super::Criteria;
use super::super::Wanted;
use super::super::admits;
use super::*;

const TCP: Criteria = Criteria {
    family: AF_INET,
    socket_type: SOCK_STREAM,
    protocol: IPPROTO_TCP,
};

fn ids(entries: &[Arc<Entry>]) -> Vec<u32> {
    entries.iter().map(|entry| entry.id().get()).collect()
}

/// A catalog whose first entry is a chain 1008 of the layer 1007 over TCP/IP.
fn layered() -> Catalog {
    let catalog = fresh();
    let both = [Bits::SixtyFour];
    catalog
        .install(&both, guid(1), "layer.so", &[layer("layer")])
        .unwrap();
    let over = chain(
        "c",
        native(&catalog).entry(id(1001)).unwrap(),
        &[id(1007), id(1001)],
    );
    catalog
        .install(&both, guid(2), "layer.so", &[over])
        .unwrap();
    let order = [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007].map(id);
    catalog.reorder(Bits::SixtyFour, &order).unwrap();
    catalog
}

#[test]
fn the_provider_interface_sees_hidden_entries_and_layers() {
    // U123, U127: all entries, in catalog order.
    let list = native(&layered());
    let all = ids(&list.enumerate(Wanted::Every));
    assert_eq!(all, [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007]);
}

#[test]
fn applications_see_neither_hidden_entries_nor_layers() {
    // U124, U127.
    let snapshot = layered().snapshot().unwrap();
    assert_eq!(
        ids(&snapshot.enumerate(Wanted::Every)),
        [1008, 1001, 1002, 1004, 1005]
    );
}

#[test]
fn a_list_of_protocols_filters_by_range() {
    // U126: {6} gives TCP, {} nothing; 4.5: {255} gives RAW where hidden entries are seen.
    let list = fresh_list();
    let wanted = |protocols| ids(&list.enumerate(Wanted::Protocols(protocols)));
    assert_eq!(wanted(&[255]), [1003, 1006]);
    assert_eq!(wanted(&[]), [0; 0]);
    let snapshot = seen(&list);
    let shown = |protocols| ids(&snapshot.enumerate(Wanted::Protocols(protocols)));
    assert_eq!(shown(&[6]), [1001, 1004]);
    assert_eq!(shown(&[6, 17]), [1001, 1002, 1004, 1005]);
    assert_eq!(shown(&[255]), [0; 0]);
}

#[test]
fn a_snapshot_does_not_see_later_changes() {
    // U134: an installation is invisible until the next first WSAStartup.
    let catalog = fresh();
    let before = catalog.snapshot().unwrap();
    let lists = [Bits::SixtyFour];
    catalog
        .install(&lists, guid(1), "new.so", &[base_entries()[0]])
        .unwrap();
    assert!(before.provider(guid(1)).is_none());
    let after = catalog.snapshot().unwrap();
    assert!(after.provider(guid(1)).is_some());
    assert!(after.serial() > before.serial());
}

#[test]
fn the_path_is_given_as_installed() {
    // U58, U59, U65: unexpanded, per installation; an unknown GUID is WSAEINVAL.
    let catalog = fresh();
    let lists = [Bits::SixtyFour];
    catalog
        .install(&lists, guid(1), "%ROOT%/layer.so", &[layer("layer")])
        .unwrap();
    let snapshot = catalog.snapshot().unwrap();
    assert_eq!(snapshot.provider_path(guid(1)), Ok("%ROOT%/layer.so"));
    assert_eq!(snapshot.provider_path(guid(2)), Err(Errno::INVAL));
}

#[test]
fn categories_admit_what_the_table_says() {
    // U141: table of 4.6.
    let system = Some(LSP_SYSTEM | LSP_INSPECTOR);
    let inspector = Some(LSP_INSPECTOR);
    let layers = [None, inspector, system, Some(LSP_FIREWALL)];
    let table = [
        (None, [true, true, true, true]),
        (inspector, [true, true, false, false]),
        (system, [false, false, true, false]),
    ];
    for (application, row) in table {
        assert_eq!(
            layers.map(|layer| admits(application, layer)),
            row,
            "{application:?}"
        );
    }
}

#[test]
fn a_system_application_skips_the_chain_of_an_uncategorised_layer() {
    // U141: selection goes on with the next entry that fits; the uncategorised application loads.
    let catalog = layered();
    catalog
        .permit(application("/bin/service"), LSP_SYSTEM)
        .unwrap();
    let selected = |path: &str| {
        let snapshot = catalog.snapshot_for(&application(path)).unwrap();
        snapshot.select(TCP).map(|entry| entry.id().get())
    };
    assert_eq!(selected("/bin/service"), Ok(1001));
    assert_eq!(selected("/bin/other"), Ok(1008));
    catalog
        .categorize(Bits::SixtyFour, guid(1), LSP_SYSTEM)
        .unwrap();
    assert_eq!(selected("/bin/service"), Ok(1008));
}

#[test]
fn an_excluded_chain_is_not_reached_by_its_info_either() {
    // 4.6: a categorised application loads a layer only if it permits it.
    let catalog = layered();
    catalog
        .permit(application("/bin/service"), LSP_SYSTEM)
        .unwrap();
    let snapshot = catalog.snapshot_for(&application("/bin/service")).unwrap();
    let chain = Arc::clone(snapshot.entry(id(1008)).unwrap());
    assert_eq!(
        snapshot.select_by_info(chain.info()).err(),
        Some(Errno::INVAL)
    );
    assert_eq!(
        ids(&snapshot.enumerate(Wanted::Every)),
        [1001, 1002, 1004, 1005]
    );
}

#[test]
fn every_layer_of_a_chain_must_be_admitted() {
    // 4.6: layers below the top one count, also through a chain named as a component.
    let catalog = layered();
    let lists = [Bits::SixtyFour];
    catalog
        .install(&lists, guid(3), "upper.so", &[layer("upper")])
        .unwrap();
    let tcp = Arc::clone(native(&catalog).entry(id(1001)).unwrap());
    let flat = chain("flat", &tcp, &[id(1009), id(1007), id(1001)]);
    let nested = chain("nested", &tcp, &[id(1009), id(1008)]);
    catalog
        .install(&lists, guid(4), "upper.so", &[flat, nested])
        .unwrap();
    catalog
        .categorize(Bits::SixtyFour, guid(3), LSP_INSPECTOR)
        .unwrap();
    catalog
        .categorize(Bits::SixtyFour, guid(1), LSP_FIREWALL)
        .unwrap();
    catalog
        .permit(application("/bin/a"), LSP_INSPECTOR)
        .unwrap();
    let snapshot = catalog.snapshot_for(&application("/bin/a")).unwrap();
    for number in [1008, 1010, 1011] {
        let chain = snapshot.entry(id(number)).unwrap();
        assert!(!snapshot.is_selectable(chain), "{number}");
    }
    catalog.permit(application("/bin/a"), LSP_FIREWALL).unwrap();
    let snapshot = catalog.snapshot_for(&application("/bin/a")).unwrap();
    for number in [1008, 1010, 1011] {
        let chain = snapshot.entry(id(number)).unwrap();
        assert!(snapshot.is_selectable(chain), "{number}");
    }
}

#[test]
fn the_very_command_line_wins_over_the_path_alone() {
    // 4.5: the application is identified by path and extra.
    let catalog = fresh();
    let instance = |extra: &str| Identity {
        extra: Some(extra.into()),
        ..application("/bin/a")
    };
    catalog.permit(application("/bin/a"), LSP_FIREWALL).unwrap();
    catalog.permit(instance("-k x"), LSP_SYSTEM).unwrap();
    let state = catalog.state().unwrap();
    assert_eq!(
        state.applications().of_process(&instance("-k x")),
        Some(LSP_SYSTEM)
    );
    assert_eq!(
        state.applications().of_process(&instance("-k y")),
        Some(LSP_FIREWALL)
    );
    assert_eq!(
        state.applications().of_process(&application("/bin/b")),
        None
    );
}

#[test]
fn without_layers_there_are_the_base_entries() {
    // Issue 6: a program runs with or without layers.
    let snapshot = layered().snapshot_without_layers().unwrap();
    assert_eq!(
        ids(snapshot.entries()),
        [1001, 1002, 1003, 1004, 1005, 1006]
    );
    assert_eq!(snapshot.serial(), layered().state().unwrap().serial());
}
