//! Tests of installing, removing, updating, ordering and categorising.

use ws2spi_abi::Errno;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::super::CatalogError;
use super::super::Refusal;
use super::*;

fn base(name: &str) -> WSAPROTOCOL_INFOW {
    named(name, base_entries()[0])
}

fn install(list: &List, number: u128, infos: &[WSAPROTOCOL_INFOW]) -> Result<List, Refusal> {
    list.install(guid(number), &"provider.so".into(), infos)
}

#[test]
fn a_fresh_catalog_numbers_its_base_entries_from_1001() {
    // 4.3: numbering starts at 1001 in a fresh catalog and grows.
    assert_eq!(
        order(&native(&fresh())),
        [1001, 1002, 1003, 1004, 1005, 1006]
    );
    assert_eq!(native(&fresh()).next_id(), id(1007));
}

#[test]
fn installed_entries_appear_at_the_end_with_fresh_ids() {
    // U128: whatever id and GUID the list's entries carry.
    let mut info = base("new");
    info.dwCatalogEntryId = 1001;
    info.ProviderId = guid(99);
    let list = install(&fresh_list(), 1, &[info, base("other")]).unwrap();
    assert_eq!(
        order(&list),
        [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]
    );
    let entry = list.entry(id(1007)).unwrap();
    assert_eq!((entry.provider(), entry.path()), (guid(1), "provider.so"));
    assert_eq!(entry.info().dwCatalogEntryId, 1007);
}

#[test]
fn the_id_of_a_removed_entry_is_not_given_again() {
    // U129: also when it was the highest.
    let list = install(&fresh_list(), 1, &[base("new")]).unwrap();
    let list = list.deinstall(guid(1)).unwrap();
    let list = install(&list, 2, &[base("next")]).unwrap();
    assert_eq!(order(&list), [1001, 1002, 1003, 1004, 1005, 1006, 1008]);
}

#[test]
fn a_guid_cannot_be_installed_twice() {
    // U130: WSANO_RECOVERY, and nothing changes.
    let catalog = fresh();
    let all = [Bits::SixtyFour];
    catalog
        .install(&all, guid(1), "one.so", &[base("one")])
        .unwrap();
    let before = catalog.state().unwrap();
    let error = catalog
        .install(&all, guid(1), "two.so", &[base("two")])
        .unwrap_err();
    assert_eq!(error.errno(), Errno::NO_RECOVERY);
    assert_eq!(catalog.state().unwrap(), before);
}

#[test]
fn bad_entries_are_refused_and_nothing_is_stored() {
    // U131, U138: an empty list, a name without end, a path beyond MAX_PATH, a chain of 8.
    let list = fresh_list();
    assert_eq!(install(&list, 1, &[]), Err(Refusal::NoEntries));
    let mut endless = base("x");
    endless.szProtocol.fill(0x61);
    assert_eq!(
        install(&list, 1, &[base("ok"), endless]),
        Err(Refusal::UnterminatedName)
    );
    for (path, refusal) in [
        ("", Refusal::BadPath),
        ("a\0b", Refusal::BadPath),
        (&*"p".repeat(260), Refusal::PathTooLong),
    ] {
        let refused = list.install(guid(1), &path.into(), &[base("x")]);
        assert_eq!(refused, Err(refusal), "{path:?}");
    }
    assert!(
        list.install(guid(1), &"p".repeat(259).into(), &[base("x")])
            .is_ok()
    );
    for length in [-1, 8] {
        let mut chain = base("x");
        chain.ProtocolChain.ChainLen = length;
        assert_eq!(
            install(&list, 1, &[chain]),
            Err(Refusal::BadChainLength(length))
        );
    }
}

#[test]
fn a_chain_is_installed_only_after_its_components() {
    // 4.2: components exist, each once.
    let list = install(&fresh_list(), 1, &[layer("layer")]).unwrap();
    let tcp = list.entry(id(1001)).unwrap();
    let unknown = chain("c", tcp, &[id(1007), id(4711)]);
    assert_eq!(
        install(&list, 2, &[unknown]),
        Err(Refusal::UnknownComponent(id(4711)))
    );
    let twice = chain("c", tcp, &[id(1007), id(1007), id(1001)]);
    assert_eq!(
        install(&list, 2, &[twice]),
        Err(Refusal::RepeatedComponent(id(1007)))
    );
    let good = chain("c", tcp, &[id(1007), id(1001)]);
    assert!(install(&list, 2, &[good]).is_ok());
}

#[test]
fn an_unknown_guid_cannot_be_removed() {
    // U132: WSAEINVAL.
    let error = fresh().deinstall(Bits::SixtyFour, guid(1)).unwrap_err();
    assert_eq!(error.errno(), Errno::INVAL);
}

#[test]
fn removing_a_layer_leaves_the_chains_that_name_it() {
    // 4.5: chains referring to a removed provider are not repaired.
    let list = install(&fresh_list(), 1, &[layer("layer")]).unwrap();
    let over = chain("c", list.entry(id(1001)).unwrap(), &[id(1007), id(1001)]);
    let list = install(&list, 2, &[over])
        .unwrap()
        .deinstall(guid(1))
        .unwrap();
    assert_eq!(order(&list), [1001, 1002, 1003, 1004, 1005, 1006, 1008]);
    let chain = list.entry(id(1008)).unwrap();
    assert_eq!(chain.chain().collect::<Vec<_>>(), [id(1007), id(1001)]);
}

#[test]
fn an_order_that_is_no_permutation_is_refused() {
    // U135: missing, duplicate, unknown id, wrong count; the order stays.
    let catalog = fresh();
    let good = [1006, 1005, 1004, 1003, 1002, 1001];
    let bad: [&[u32]; 4] = [
        &[1001, 1002, 1003, 1004, 1005],
        &[1001, 1001, 1003, 1004, 1005, 1006],
        &[1001, 1002, 1003, 1004, 1005, 4711],
        &[1001, 1002, 1003, 1004, 1005, 1006, 1001],
    ];
    for ids in bad {
        let ids: Vec<EntryId> = ids.iter().copied().map(id).collect();
        let error = catalog.reorder(Bits::SixtyFour, &ids).unwrap_err();
        assert_eq!(error.errno(), Errno::INVAL);
        assert_eq!(
            order(&native(&catalog)),
            [1001, 1002, 1003, 1004, 1005, 1006]
        );
    }
    catalog.reorder(Bits::SixtyFour, &good.map(id)).unwrap();
    assert_eq!(order(&native(&catalog)), good);
}

#[test]
fn an_update_checks_chains_as_an_installation_does() {
    // 4.2: a chain's components are installed before it, and each layer is in it once.
    let list = install(&fresh_list(), 1, &[layer("layer")]).unwrap();
    let over = |components: &[EntryId]| chain("c", list.entry(id(1001)).unwrap(), components);
    let update = |info| list.update(guid(1), &"new.so".into(), &[info]).map(drop);
    let unknown = update(over(&[id(1007), id(4711)]));
    assert_eq!(unknown, Err(Refusal::UnknownComponent(id(4711))));
    let twice = update(over(&[id(1007), id(1007), id(1001)]));
    assert_eq!(twice, Err(Refusal::RepeatedComponent(id(1007))));
}

#[test]
fn an_update_keeps_the_declared_categories() {
    // 4.5, 4.6: WSCUpdateProvider replaces path and entry data; what WSCSetProviderInfo declared is neither.
    let list = install(&fresh_list(), 1, &[base("a")]).unwrap();
    let list = list.categorize(guid(1), 5).unwrap();
    let infos = [base("A"), base("another")];
    let updated = list.update(guid(1), &"new.so".into(), &infos).unwrap();
    let own = updated
        .entries()
        .iter()
        .filter(|entry| entry.provider() == guid(1));
    let categories: Vec<_> = own.map(|entry| entry.categories()).collect();
    assert_eq!(categories, [Some(5), Some(5)]);
}

#[test]
fn an_update_replaces_path_and_entries_in_place() {
    // 4.5: ids and places stay; surplus structures are appended, surplus entries go.
    let list = install(&fresh_list(), 1, &[base("a"), base("b"), base("c")]).unwrap();
    let list = list.reorder(&[1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009].map(id));
    let mut named_b = base("B");
    named_b.dwCatalogEntryId = 1008;
    let path = "new.so".into();
    let list = list.unwrap();

    let shrunk = list.update(guid(1), &path, &[base("A"), named_b]).unwrap();
    assert_eq!(
        order(&shrunk),
        [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007]
    );
    let names = |list: &List| {
        let own = list
            .entries()
            .iter()
            .filter(|entry| entry.provider() == guid(1));
        own.map(|entry| (entry.name(), entry.path().to_owned()))
            .collect::<Vec<_>>()
    };
    let new = |name: &str| (name.to_owned(), "new.so".to_owned());
    assert_eq!(names(&shrunk), [new("B"), new("A")]);

    let infos = [base("1"), base("2"), base("3"), base("4")];
    let grown = list.update(guid(1), &path, &infos).unwrap();
    assert_eq!(
        order(&grown),
        [1008, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1010]
    );
    assert_eq!(names(&grown), [new("1"), new("2"), new("3"), new("4")]);
}

#[test]
fn a_bad_update_is_refused() {
    // 4.5: WSAEINVAL for an unknown provider, no entries, an entry named twice.
    let list = install(&fresh_list(), 1, &[base("a"), base("b")]).unwrap();
    let mut named_a = base("A");
    named_a.dwCatalogEntryId = 1007;
    let update = |number, infos: &[WSAPROTOCOL_INFOW]| {
        list.update(guid(number), &"new.so".into(), infos)
            .map_err(|refusal| refusal.errno())
    };
    assert_eq!(update(2, &[base("A")]), Err(Errno::INVAL));
    assert_eq!(update(1, &[]), Err(Errno::INVAL));
    assert_eq!(update(1, &[named_a, named_a]), Err(Errno::INVAL));
}

#[test]
fn an_installation_in_both_lists_happens_in_both_or_neither() {
    // 4.5: WSCInstallProvider64_32; the 32-bit functions act on the second list only.
    let catalog = fresh();
    let both = [Bits::SixtyFour, Bits::ThirtyTwo];
    catalog
        .install(&both[1..], guid(1), "32.so", &[base("a")])
        .unwrap();
    assert!(native(&catalog).provider(guid(1)).is_none());
    let refused = catalog.install(&both, guid(1), "64.so", &[base("a")]);
    assert!(matches!(
        refused,
        Err(CatalogError::Refused(Refusal::DuplicateProvider(_)))
    ));
    assert!(native(&catalog).provider(guid(1)).is_none());
    catalog
        .install(&both, guid(2), "both.so", &[base("a")])
        .unwrap();
    let state = catalog.state().unwrap();
    for bits in both {
        assert!(state.list(bits).provider(guid(2)).is_some());
    }
}

#[test]
fn application_categories_are_ored() {
    // U140: per path and extra; the previous ones are returned.
    let catalog = fresh();
    assert_eq!(catalog.permit(application("/bin/a"), 1).unwrap(), 0);
    assert_eq!(catalog.permit(application("/bin/a"), 8).unwrap(), 1);
    let instance = Identity {
        extra: Some("-k x".into()),
        ..application("/bin/a")
    };
    assert_eq!(catalog.permit(instance.clone(), 4).unwrap(), 0);
    let state = catalog.state().unwrap();
    assert_eq!(state.applications().get(&application("/bin/a")), Some(9));
    assert_eq!(state.applications().get(&instance), Some(4));
    assert_eq!(state.applications().get(&application("/bin/b")), None);
}
