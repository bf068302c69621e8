//! WSCWriteProviderOrder.

use std::ptr;

use super::*;

#[test]
fn the_order_is_written_and_enumerated() {
    // U127, U135: returns the code itself; order of enumeration is order of the catalog.
    let world = World::new();
    let ids = [1003, 1001, 1002];
    // SAFETY: three numbers.
    let native = unsafe { api::wsc_write_provider_order(ids.as_ptr(), 3) };
    assert_eq!((native, world.ids(Bits::SixtyFour)), (0, ids.to_vec()));
    assert_eq!(world.ids(Bits::ThirtyTwo), [1001, 1002, 1003]);
    // SAFETY: three numbers.
    let compatible = unsafe { api::wsc_write_provider_order32(ids.as_ptr(), 3) };
    assert_eq!((compatible, world.ids(Bits::ThirtyTwo)), (0, ids.to_vec()));
}

#[test]
fn anything_but_a_permutation_is_refused() {
    // U135: WSAEINVAL and the order unchanged.
    let world = World::new();
    let bad: [&[u32]; 4] = [&[1001, 1002], &[1001, 1001, 1002], &[1001, 1002, 7], &[]];
    for ids in bad {
        // SAFETY: as many numbers as the slice has.
        let result = unsafe { api::wsc_write_provider_order(ids.as_ptr(), ids.len() as u32) };
        assert_eq!(result, Errno::INVAL.code());
    }
    // SAFETY: NULL is allowed.
    let result = unsafe { api::wsc_write_provider_order(ptr::null(), 3) };
    assert_eq!(result, Errno::INVAL.code());
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003]);
}

#[test]
fn the_order_is_not_written_while_another_program_writes() {
    // 4.5: fails with WSATRY_AGAIN while another writer is active.
    let _world = World::new();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("catalog.json");
    let catalog = Catalog::open(&file, "base.so", &base()).unwrap();
    set_process_catalog(Some(Arc::new(catalog)));
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let lock = folder.path().join("catalog.json.lock");
    let other = std::fs::File::options().write(true).open(lock).unwrap();
    other.lock().unwrap();
    let ids = [1004, 1003, 1002, 1001];
    // SAFETY: four numbers.
    let result = unsafe { api::wsc_write_provider_order(ids.as_ptr(), 4) };
    assert_eq!(result, Errno::TRY_AGAIN.code());
    // Under Wine the lock is given up, and an error told all the same.
    let _ = other.unlock();
    // SAFETY: four numbers.
    assert_eq!(unsafe { api::wsc_write_provider_order(ids.as_ptr(), 4) }, 0);
}

#[test]
fn a_broken_file_is_an_error_and_a_diagnostic() {
    // Issue 2, "Bad input": WSANO_RECOVERY, and a sentence that names the file and the place.
    use ws2spi_abi::diagnostic;
    struct Kept(Mutex<Vec<String>>);
    impl diagnostic::Sink for Kept {
        fn report(&self, diagnostic: &diagnostic::Diagnostic) {
            self.0.lock().unwrap().push(diagnostic.to_string());
        }
    }
    let _world = World::new();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("catalog.json");
    let catalog = Catalog::open(&file, "base.so", &base()).unwrap();
    set_process_catalog(Some(Arc::new(catalog)));
    std::fs::write(&file, "{\n  broken").unwrap();
    let kept = Arc::new(Kept(Mutex::default()));
    let before = diagnostic::set_sink(Some(kept.clone()));
    assert_eq!(install(1, "a.so", &[named("a")]), code(Errno::NO_RECOVERY));
    diagnostic::set_sink(before);
    let said = kept.0.lock().unwrap();
    let expected = format!("the catalog: WSCInstallProvider: {}:2:3: ", file.display());
    assert!(said[0].starts_with(&expected), "{said:?}");
}
