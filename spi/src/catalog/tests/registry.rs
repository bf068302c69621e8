//! Tests of the catalog in the registry: what others find there, what others put there.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::LSP_INSPECTOR;

use super::super::CatalogError;
use super::super::State;
use super::super::StoreError;
use super::super::document;
use super::super::registry::RegistryCatalog;
use super::super::store::Patience;
use super::super::store::Store;
use super::*;
use crate::system::registry::Key;

const NATIVE: [Bits; 1] = [Bits::SixtyFour];

/// A key of the test's own, gone when this is.
struct Scratch {
    parameters: String,
}

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let parameters = format!("Software\\ws2spi-test\\{}-{number}", std::process::id());
        Self { parameters }
    }

    fn open(&self) -> Result<Catalog, CatalogError> {
        Catalog::in_registry(&self.parameters, BASE, &base_entries())
    }

    fn store(&self) -> RegistryCatalog {
        let fresh = State::fresh(BASE, &base_entries()).unwrap();
        RegistryCatalog::new(&self.parameters, fresh).unwrap()
    }

    /// The key at `path` below the parameters', to write.
    fn key(&self, path: &str) -> Key {
        Key::create(&format!("{}\\{path}", self.parameters)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        Key::create("Software")
            .unwrap()
            .delete_subkey(&self.parameters["Software\\".len()..])
            .unwrap();
    }
}

fn entry(name: &str) -> WSAPROTOCOL_INFOW {
    named(name, base_entries()[0])
}

#[test]
fn who_reads_the_registry_finds_what_windows_has_there() {
    // Issue 6: in the layout that Windows uses, so that installers which read it find what they expect.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let path = "C:\\layer\\layer.dll";
    catalog
        .install(&NATIVE, guid(1), path, &[layer("layer")])
        .unwrap();

    let parameters = Key::open(&scratch.parameters).unwrap().unwrap();
    assert_eq!(
        parameters
            .text("Current_Protocol_Catalog")
            .unwrap()
            .as_deref(),
        Some("Protocol_Catalog9")
    );
    assert_eq!(
        parameters
            .text("WinSock_Registry_Version")
            .unwrap()
            .as_deref(),
        Some("2.0")
    );
    let protocols = parameters.subkey("Protocol_Catalog9").unwrap().unwrap();
    let number = |name| protocols.number(name).unwrap();
    assert_eq!(number("Num_Catalog_Entries64"), Some(7));
    assert_eq!(number("Num_Catalog_Entries"), Some(6));
    assert_eq!(number("Next_Catalog_Entry_ID"), Some(1008));
    assert_eq!(number("Serial_Access_Num"), Some(1));
    let mut keys = protocols
        .subkey("Catalog_Entries64")
        .unwrap()
        .unwrap()
        .subkeys()
        .unwrap();
    keys.sort();
    assert_eq!(
        keys,
        (1..=7).map(|n| format!("{n:012}")).collect::<Vec<_>>()
    );
    let last = protocols
        .subkey("Catalog_Entries64\\000000000007")
        .unwrap()
        .unwrap();
    assert_eq!(last.text("ProtocolName").unwrap().as_deref(), Some("layer"));
    let item = last.bytes("PackedCatalogItem").unwrap().unwrap();
    assert_eq!(item.len(), 888);
    assert_eq!(&item[..=path.len()], [path.as_bytes(), &[0]].concat());
    assert_eq!(protocols.bytes("ws2spi_Pending").unwrap(), None);

    catalog.deinstall(Bits::SixtyFour, guid(1)).unwrap();
    assert_eq!(number("Num_Catalog_Entries64"), Some(6));
    assert!(
        protocols
            .subkey("Catalog_Entries64\\000000000007")
            .unwrap()
            .is_none()
    );
}

#[test]
fn an_entry_that_was_written_directly_is_seen() {
    // Issue 6: installers which write it directly.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let protocols = scratch.key("Protocol_Catalog9");
    let mut item = protocols
        .subkey("Catalog_Entries64\\000000000001")
        .unwrap()
        .unwrap()
        .bytes("PackedCatalogItem")
        .unwrap()
        .unwrap();
    item[260 + 36..260 + 40].copy_from_slice(&2000_u32.to_le_bytes());
    let new = scratch.key("Protocol_Catalog9\\Catalog_Entries64\\000000000007");
    new.set_bytes("PackedCatalogItem", &item).unwrap();
    new.set_text("Vendor", "Example").unwrap();
    protocols.set_number("Num_Catalog_Entries64", 7).unwrap();

    assert_eq!(
        order(&native(&catalog)),
        [1001, 1002, 1003, 1004, 1005, 1006, 2000]
    );
    catalog
        .install(&NATIVE, guid(1), "a.dll", &[entry("a")])
        .unwrap();
    assert_eq!(order(&native(&catalog)).last(), Some(&2001));
    assert_eq!(
        new.text("Vendor").unwrap().as_deref(),
        Some("Example"),
        "is left alone"
    );
}

#[test]
fn categories_come_back() {
    // client-dll.md 4.6: of providers and of applications.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    catalog
        .install(&NATIVE, guid(1), "a.dll", &[entry("a")])
        .unwrap();
    catalog
        .categorize(Bits::SixtyFour, guid(1), LSP_INSPECTOR)
        .unwrap();
    let instance = Identity {
        extra: Some("-k x".into()),
        ..application("C:\\a.exe")
    };
    assert_eq!(catalog.permit(instance.clone(), 1).unwrap(), 0);
    assert_eq!(catalog.permit(application("C:\\a.exe"), 2).unwrap(), 0);
    assert_eq!(catalog.permit(instance.clone(), 4).unwrap(), 1);

    let state = scratch.open().unwrap().state().unwrap();
    let declared = state
        .list(Bits::SixtyFour)
        .provider(guid(1))
        .unwrap()
        .categories();
    assert_eq!(declared, Some(LSP_INSPECTOR));
    assert_eq!(state.applications().get(&instance), Some(5));
    assert_eq!(state.applications().get(&application("C:\\a.exe")), Some(2));
    let keys = scratch.key("AppId_Catalog").subkeys().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.len() == 8), "{keys:?}");
}

#[test]
fn a_change_that_a_killed_program_left_unfinished_is_finished() {
    // Issue 2, "Bad input": killed during a write, the catalog is the old one or the new one.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let model = fresh();
    model
        .install(&NATIVE, guid(1), "a.dll", &[entry("a")])
        .unwrap();
    let new = model.state().unwrap();
    // As far as the program came: the whole content, then one value of it.
    let protocols = scratch.key("Protocol_Catalog9");
    protocols
        .set_bytes("ws2spi_Pending", &document::write(&new).unwrap())
        .unwrap();
    protocols.set_number("Num_Catalog_Entries64", 7).unwrap();

    assert_eq!(catalog.state().unwrap(), new, "readers see the new content");
    catalog
        .install(&NATIVE, guid(2), "b.dll", &[entry("b")])
        .unwrap();
    assert_eq!(protocols.bytes("ws2spi_Pending").unwrap(), None);
    let order = order(&native(&scratch.open().unwrap()));
    assert_eq!(order, [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]);
    assert_eq!(catalog.state().unwrap().serial(), 2);
}

#[test]
fn values_that_cannot_be_are_errors_that_name_the_key() {
    // 4.5: WSANO_RECOVERY for a store failure; what is there is not overwritten.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let third = scratch.key("Protocol_Catalog9\\Catalog_Entries64\\000000000003");
    third.set_bytes("PackedCatalogItem", b"x").unwrap();
    let place = format!(
        "HKLM\\{}\\Protocol_Catalog9: Catalog_Entries64\\000000000003",
        scratch.parameters
    );
    let message = scratch.open().unwrap_err().to_string();
    assert_eq!(
        message,
        format!("{place}\\PackedCatalogItem: has 1 bytes, not 888")
    );
    third.delete_value("PackedCatalogItem").unwrap();
    assert_eq!(
        catalog.state().unwrap_err().to_string(),
        format!("{place}: has no PackedCatalogItem")
    );
    let entries = scratch.key("Protocol_Catalog9\\Catalog_Entries64");
    entries.delete_subkey("000000000003").unwrap();
    let error = catalog.deinstall(Bits::SixtyFour, guid(1)).unwrap_err();
    assert_eq!(error.to_string(), format!("{place}: is not there"));
    assert_eq!(error.errno(), Errno::NO_RECOVERY);
    assert_eq!(entries.subkeys().unwrap().len(), 5);
}

#[test]
fn a_change_is_refused_in_time_while_another_program_changes() {
    // 4.5: order fails at once. The mutex is the system's, so another thread is another program.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let store = scratch.store();
    let turn = store.begin(Patience::Refuse).unwrap();
    thread::scope(|scope| {
        let refused = scope.spawn(|| {
            let ids: Vec<EntryId> = native(&catalog)
                .entries()
                .iter()
                .map(|entry| entry.id())
                .collect();
            let order = catalog.reorder(Bits::SixtyFour, &ids).unwrap_err();
            let short = Patience::Wait(Duration::from_millis(20));
            let begin = scratch.store().begin(short).err().unwrap();
            (order, begin)
        });
        let (order, begin) = refused.join().unwrap();
        assert!(
            matches!(order, CatalogError::Store(StoreError::Busy { .. })),
            "{order}"
        );
        assert!(matches!(begin, StoreError::Busy { .. }), "{begin}");
    });
    drop(turn);
    thread::scope(|scope| {
        let begun = scope.spawn(|| scratch.store().begin(Patience::Refuse).is_ok());
        assert!(begun.join().unwrap());
    });
}

#[test]
fn the_system_tells_whether_others_changed_it() {
    // client-dll.md 4.5, WSAProviderConfigChange: also for changes by other processes.
    let scratch = Scratch::new();
    let catalog = scratch.open().unwrap();
    let store = scratch.store();
    assert!(store.may_have_changed(), "before it is watched");
    assert!(!store.may_have_changed());
    catalog
        .install(&NATIVE, guid(1), "a.dll", &[entry("a")])
        .unwrap();
    assert!(store.may_have_changed());
    while store.may_have_changed() {}
    scratch
        .key("Protocol_Catalog9\\Catalog_Entries64\\000000000001")
        .set_number("LspCategories", 1)
        .unwrap();
    assert!(store.may_have_changed());
}

#[test]
fn without_base_entries_nothing_is_put_there() {
    // Whoever only looks leaves the registry as it is.
    let scratch = Scratch::new();
    let catalog = Catalog::in_registry(&scratch.parameters, BASE, &[]).unwrap();
    assert!(native(&catalog).entries().is_empty());
    assert!(Key::open(&scratch.parameters).unwrap().is_none());
}
