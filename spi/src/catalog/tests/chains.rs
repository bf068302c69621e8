//! Tests of WSCInstallProviderAndChains' pure part.

use std::collections::HashSet;

use ws2spi_abi::AF_INET;
use ws2spi_abi::Errno;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::XP1_IFS_HANDLES;

use super::super::CatalogError;
use super::super::Kind;
use super::super::LayerInstallation;
use super::super::Refusal;
use super::super::Targets;
use super::*;

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// What WSAPROTOCOL_INFO means to AndChains: a triple.
fn tcp() -> WSAPROTOCOL_INFOW {
    WSAPROTOCOL_INFOW {
        iAddressFamily: AF_INET,
        iSocketType: SOCK_STREAM,
        iProtocol: IPPROTO_TCP,
        ..WSAPROTOCOL_INFOW::EMPTY
    }
}

fn install(
    list: &List,
    number: u128,
    name: &str,
    service_flags: u32,
    targets: Targets<'_>,
) -> Result<(List, EntryId), Refusal> {
    let name = units(name);
    let provider = guid(number);
    LayerInstallation {
        provider,
        path: "layer.so",
        name: &name,
        service_flags,
        targets,
    }
    .apply(list)
}

#[test]
fn a_layer_gets_a_hidden_entry_and_a_chain_per_base_at_the_head() {
    // U136: NULL list: one chain per distinct base triple, chains first.
    let mut base = base_entries();
    base.push(named("another TCP", base[0]));
    let list = List::fresh(&BASE.into(), &base).unwrap();
    let (list, layer) = install(&list, 1, "layer", 0, Targets::EveryBase).unwrap();
    assert_eq!(layer, id(1008));
    let chains = 1009..=1014;
    let base = 1001..=1007;
    assert_eq!(
        order(&list),
        chains.clone().chain(base).chain([1008]).collect::<Vec<_>>()
    );
    let dummy = list.entry(layer).unwrap();
    assert_eq!(
        (dummy.kind(), dummy.name().as_str()),
        (Kind::Layer, "layer")
    );
    assert!(dummy.is_hidden() && !dummy.matches_protocol_zero());
    assert_eq!((dummy.info().iSocketType, dummy.info().iProtocol), (0, 0));
    for (chain, target) in chains.zip(1001..) {
        let chain = list.entry(id(chain)).unwrap();
        let target = list.entry(id(target)).unwrap();
        assert_eq!(chain.chain().collect::<Vec<_>>(), [layer, target.id()]);
        assert_eq!(chain.triple(), target.triple());
        assert_eq!(chain.name(), format!("layer over [{}]", target.name()));
        assert_eq!(chain.is_hidden(), target.is_hidden());
        assert!(!chain.has_ifs_handles());
        assert_eq!(chain.path(), "layer.so");
    }
}

#[test]
fn a_layer_over_every_base_goes_under_the_layers_that_are_there() {
    // U136: NULL list: over the base entries, whatever chains stand before them in the catalog.
    let (list, _) = install(&fresh_list(), 1, "first", 0, Targets::EveryBase).unwrap();
    let (list, second) = install(&list, 2, "second", 0, Targets::EveryBase).unwrap();
    let chains = list
        .entries()
        .iter()
        .filter(|entry| entry.kind() == Kind::Chain && entry.chain().next() == Some(second));
    let chains: Vec<Vec<_>> = chains.map(|chain| chain.chain().collect()).collect();
    let expected: Vec<_> = (1001..=1006).map(|base| vec![second, id(base)]).collect();
    assert_eq!(chains, expected);
}

#[test]
fn each_chain_has_a_guid_of_its_own() {
    // 3.6: chains that shared a GUID would share one provider instance.
    let (list, _) = install(&fresh_list(), 1, "layer", 0, Targets::EveryBase).unwrap();
    let own: Vec<_> = list
        .entries()
        .iter()
        .filter(|entry| entry.path() == "layer.so")
        .collect();
    let distinct: HashSet<GUID> = own.iter().map(|entry| entry.provider()).collect();
    assert_eq!((own.len(), distinct.len()), (7, 7));
}

#[test]
fn an_ifs_layer_keeps_the_ifs_flag_and_sits_on_ifs_entries_only() {
    // 4.2: an IFS layer may only sit directly on IFS providers.
    let (list, _) = install(&fresh_list(), 1, "plain", 0, Targets::TopOf(&[tcp()])).unwrap();
    let targets = Targets::TopOf(&[tcp()]);
    let (list, layer) = install(&list, 2, "ifs", XP1_IFS_HANDLES, targets).unwrap();
    let chain = &list.entries()[0];
    assert_eq!(chain.chain().collect::<Vec<_>>(), [layer, id(1001)]);
    assert!(chain.has_ifs_handles());
    assert!(list.entry(layer).unwrap().has_ifs_handles());
}

#[test]
fn a_layer_over_a_chain_names_that_chain_next() {
    // 4.2: own id first, then the id of the entry layered over, which can be asked for sockets.
    let (list, lower) = install(&fresh_list(), 1, "lower", 0, Targets::TopOf(&[tcp()])).unwrap();
    let lower_chain = list.entries()[0].id();
    assert_ne!(lower_chain, lower);
    let (list, upper) = install(&list, 2, "upper", 0, Targets::TopOf(&[tcp(), tcp()])).unwrap();
    let chain = &list.entries()[0];
    let components: Vec<_> = chain.chain().collect();
    assert_eq!(components, [upper, lower_chain, id(1001)]);
    let (list, top) = install(&list, 3, "top", 0, Targets::TopOf(&[tcp()])).unwrap();
    let components: Vec<_> = list.entries()[0].chain().collect();
    assert_eq!(components, [top, chain.id(), lower_chain, id(1001)]);
    assert_eq!(
        list.entries().len(),
        12,
        "a triple named twice is layered over once"
    );
}

#[test]
fn a_chain_of_seven_cannot_be_layered_over() {
    // U137: WSANO_RECOVERY.
    let mut list = fresh_list();
    for number in 1..=6 {
        let name = format!("layer {number}");
        list = install(&list, number, &name, 0, Targets::TopOf(&[tcp()]))
            .unwrap()
            .0;
    }
    assert_eq!(list.entries()[0].chain().count(), 7);
    let refused = install(&list, 7, "one too many", 0, Targets::TopOf(&[tcp()]));
    assert_eq!(refused.unwrap_err().errno(), Errno::NO_RECOVERY);
}

#[test]
fn bad_arguments_are_refused() {
    // U138: path, name, GUID and name twice, no list, nothing to match.
    let (list, _) = install(&fresh_list(), 1, "layer", 0, Targets::EveryBase).unwrap();
    let long = "n".repeat(256);
    let unknown = WSAPROTOCOL_INFOW {
        iProtocol: 99,
        ..tcp()
    };
    let every = Targets::EveryBase;
    let rows = [
        (1, "other", 0, every, Refusal::DuplicateProvider(guid(1))),
        (2, "layer", 0, every, Refusal::DuplicateName("layer".into())),
        (2, long.as_str(), 0, every, Refusal::BadLayerName),
        (2, "", 0, every, Refusal::BadLayerName),
        (2, "other", 1, every, Refusal::BadServiceFlags(1)),
        (2, "other", 0, Targets::TopOf(&[]), Refusal::NoEntries),
    ];
    for (number, name, flags, targets, refusal) in rows {
        assert_eq!(install(&list, number, name, flags, targets), Err(refusal));
    }
    let unmatched = install(&list, 2, "other", 0, Targets::TopOf(&[unknown])).unwrap_err();
    assert_eq!(unmatched.errno(), Errno::INVAL);
    assert!(
        install(&list, 2, &long[1..], 0, every).is_ok(),
        "255 characters fit"
    );
}

#[test]
fn a_catalog_without_base_entries_has_nothing_to_layer_over() {
    // 4.5: WSANO_RECOVERY.
    let empty = List::fresh(&BASE.into(), &[]).unwrap();
    let refused = install(&empty, 1, "layer", 0, Targets::EveryBase).unwrap_err();
    assert_eq!(refused, Refusal::NoBase);
    assert_eq!(refused.errno(), Errno::NO_RECOVERY);
}

#[test]
fn long_names_of_chains_are_cut_between_characters() {
    // 4.1: szProtocol holds 255 units and a NUL.
    let name = "n".repeat(246) + "\u{1f980}\u{1f980}";
    let (list, _) = install(&fresh_list(), 1, &name, 0, Targets::EveryBase).unwrap();
    let chain = &list.entries()[0];
    assert_eq!(chain.name(), format!("{name} over")[..].to_owned());
}

#[test]
fn a_module_that_cannot_serve_is_refused_and_nothing_is_installed() {
    // 4.5: WSAEINVALIDPROCTABLE; the module is looked at last.
    let catalog = fresh();
    let name = units("layer");
    let layer = |targets| LayerInstallation {
        provider: guid(1),
        path: "bad.so",
        name: &name,
        service_flags: 0,
        targets,
    };
    let install = |targets, serves| {
        let probe = |_: Bits, _: &LayerInstallation<'_>| serves;
        catalog.install_layer(&[(Bits::SixtyFour, layer(targets))], &probe)
    };
    let error = install(Targets::EveryBase, false).unwrap_err();
    assert_eq!(error.errno(), Errno::INVALIDPROCTABLE);
    assert!(native(&catalog).provider(guid(1)).is_none());
    let error = install(Targets::TopOf(&[]), false).unwrap_err();
    assert_eq!(error.errno(), Errno::INVAL);
    assert_eq!(install(Targets::EveryBase, true).unwrap(), id(1007));
}

#[test]
fn an_installation_during_another_is_refused() {
    // 4.5: WSAEINPROGRESS while another install runs.
    let catalog = fresh();
    let name = units("layer");
    let layer = LayerInstallation {
        provider: guid(1),
        path: "layer.so",
        name: &name,
        service_flags: 0,
        targets: Targets::EveryBase,
    };
    let within = |_: Bits, _: &LayerInstallation<'_>| {
        let second = catalog.install_layer(&[(Bits::SixtyFour, layer)], &|_, _| true);
        assert!(matches!(second, Err(CatalogError::Installing)));
        true
    };
    catalog
        .install_layer(&[(Bits::SixtyFour, layer)], &within)
        .unwrap();
}

#[test]
fn the_flags_of_a_chain_are_its_targets() {
    // 4.2: hidden stays hidden, protocol 0 stays matched.
    let (list, _) = install(&fresh_list(), 1, "layer", 0, Targets::EveryBase).unwrap();
    let raw = list
        .entries()
        .iter()
        .find(|entry| entry.name() == "layer over [RAW/IP]")
        .unwrap();
    let flags = PFL_HIDDEN | PFL_MATCHES_PROTOCOL_ZERO;
    assert_eq!(raw.info().dwProviderFlags, flags);
    assert_eq!(raw.info().dwServiceFlags1 & XP1_IFS_HANDLES, 0);
}
