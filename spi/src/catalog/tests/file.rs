//! Tests of the catalog's file: what it says, what is refused, who wins.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
#[cfg(not(windows))]
use std::sync::Barrier;
#[cfg(not(windows))]
use std::thread;
use std::time::Duration;
use std::time::Instant;

use tempfile::TempDir;
use ws2spi_abi::Errno;
use ws2spi_abi::LSP_INSPECTOR;
use ws2spi_abi::LSP_SYSTEM;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::super::CatalogError;
use super::super::LayerInstallation;
use super::super::State;
use super::super::StoreError;
use super::super::Targets;
use super::super::file::CatalogFile;
use super::super::file::Lock;
use super::super::store::Patience;
use super::super::store::Store;
use super::*;

const NATIVE: [Bits; 1] = [Bits::SixtyFour];

fn scratch() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("catalog.json");
    (folder, file)
}

fn open(file: &Path) -> Result<Catalog, CatalogError> {
    Catalog::open(file, BASE, &base_entries())
}

fn entry(name: &str) -> WSAPROTOCOL_INFOW {
    named(name, base_entries()[0])
}

/// A catalog with one of everything.
fn filled(file: &Path) -> Catalog {
    let catalog = open(file).unwrap();
    let mut odd = entry("odd \u{1f980} \"name\"");
    odd.dwServiceFlags2 = 1;
    odd.dwServiceFlags4 = u32::MAX;
    odd.dwProviderReserved = 7;
    odd.iProtocol = -1;
    let name: Vec<u16> = "layer".encode_utf16().collect();
    let layer = LayerInstallation {
        provider: guid(2),
        path: "%ROOT%/layer.so",
        name: &name,
        service_flags: 0,
        targets: Targets::EveryBase,
    };
    catalog
        .install(
            &[Bits::SixtyFour, Bits::ThirtyTwo],
            guid(1),
            "odd.so",
            &[odd],
        )
        .unwrap();
    catalog
        .install_layer(&[(Bits::SixtyFour, layer)], &|_, _| true)
        .unwrap();
    catalog
        .categorize(Bits::SixtyFour, guid(2), LSP_SYSTEM | LSP_INSPECTOR)
        .unwrap();
    catalog
        .permit(application("/bin/a"), LSP_INSPECTOR)
        .unwrap();
    let instance = Identity {
        extra: Some("-k x".into()),
        ..application("/bin/a")
    };
    catalog.permit(instance, LSP_SYSTEM).unwrap();
    catalog
}

#[test]
fn another_process_reads_what_was_written() {
    // design.md "Catalog": persistent when a file is named.
    let (_folder, file) = scratch();
    let written = filled(&file).state().unwrap();
    let read = open(&file).unwrap().state().unwrap();
    assert_eq!(read, written);
    assert_eq!(read.serial(), 5);
}

#[test]
fn a_missing_file_is_a_fresh_catalog_and_stays_missing_until_a_change() {
    // design.md "Catalog": starts with the base entries.
    let (_folder, file) = scratch();
    let catalog = open(&file).unwrap();
    assert_eq!(
        order(&native(&catalog)),
        [1001, 1002, 1003, 1004, 1005, 1006]
    );
    assert!(!file.exists());
    catalog
        .install(&NATIVE, guid(1), "new.so", &[entry("new")])
        .unwrap();
    assert!(file.exists());
}

#[test]
fn a_process_that_was_forked_during_a_change_does_not_keep_the_lock() {
    // client-dll.md 4.5, WSCWriteProviderOrder: it fails while another writer is active, not after.
    let (_folder, file) = scratch();
    let catalog = filled(&file);
    let lock = File::options()
        .write(true)
        .open(file.with_file_name(format!(
            "{}.lock",
            file.file_name().unwrap().to_string_lossy()
        )));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    // What a fork leaves in the child: the same open file once more.
    let _inherited = lock.try_clone().unwrap();
    drop(Lock(lock));
    let ids: Vec<EntryId> = native(&catalog)
        .entries()
        .iter()
        .map(|entry| entry.id())
        .collect();
    assert!(catalog.reorder(Bits::SixtyFour, &ids).is_ok());
}

#[test]
fn the_file_is_readable_text() {
    // Issue: a text format a person can read and repair: GUIDs, names, flags.
    let (_folder, file) = scratch();
    drop(filled(&file));
    let text = fs::read_to_string(&file).unwrap();
    for part in [
        "\"format\": \"ws2spi catalog\"",
        "\"version\": 1",
        "\"provider\": \"e70f1aa0-ab8b-11cf-8ca3-00805f48a192\"",
        "\"name\": \"TCP/IP\"",
        "\"service_flags\": \"0x00020066\"",
        "\"kind\": \"chain\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_that_names_file_and_place() {
    // Issue, "Bad input": truncated; the old content is not overwritten by a change.
    let (_folder, file) = scratch();
    let catalog = Catalog::open(&file, BASE, &base_entries()[..1]).unwrap();
    catalog
        .install(&NATIVE, guid(1), "a.so", &[layer("layer")])
        .unwrap();
    let whole = fs::read(&file).unwrap();
    // Without the last newline it is still whole.
    for length in 0..whole.len() - 1 {
        fs::write(&file, &whole[..length]).unwrap();
        let Err(CatalogError::Store(error)) = open(&file) else {
            panic!("{length} bytes")
        };
        assert!(
            matches!(error, StoreError::Garbled { .. }),
            "{length}: {error}"
        );
        let message = error.to_string();
        let place = message
            .strip_prefix(&*format!("{}:", file.display()))
            .unwrap();
        let line: usize = place.split(':').next().unwrap().parse().unwrap();
        let lines = whole[..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        assert!(line <= lines + 1, "{length}: {message}");
    }
}

#[test]
fn a_change_does_not_overwrite_what_it_cannot_read() {
    // Issue, "Bad input": garbled; the old content survives.
    let (_folder, file) = scratch();
    let catalog = filled(&file);
    fs::write(
        &file,
        "{ \"format\": \"ws2spi catalog\", \"version\": 1, precious",
    )
    .unwrap();
    let error = catalog.deinstall(Bits::SixtyFour, guid(1)).unwrap_err();
    assert_eq!(error.errno(), Errno::NO_RECOVERY);
    assert!(catalog.state().is_err() && catalog.snapshot().is_err());
    assert!(fs::read_to_string(&file).unwrap().ends_with("precious"));
}

#[test]
fn impossible_values_are_errors_that_name_the_field() {
    // Issue, "Bad input": an error that names the file and the place.
    let (_folder, file) = scratch();
    drop(filled(&file));
    let good = fs::read_to_string(&file).unwrap();
    let rows = [
        (
            "\"version\": 1,",
            "\"version\": 2,",
            "version: 2 is newer than 1",
        ),
        (
            "\"ws2spi catalog\"",
            "\"shopping list\"",
            "format: is \"shopping list\"",
        ),
        (
            "\"id\": 1002",
            "\"id\": 1001",
            "catalog.entries[8].id: 1001 occurs twice",
        ),
        (
            "\"id\": 1002",
            "\"id\": 5000",
            "catalog.entries[8].id: 5000 is not below next_id",
        ),
        (
            "\"TCP/IP\"",
            &format!("\"{}\"", "x".repeat(256)),
            "catalog.entries[7].name: is longer",
        ),
        (
            "\"linked:base\"",
            "\"\"",
            "catalog.entries[7].path: the provider's path is empty",
        ),
        (
            "\"kind\": \"base\"",
            "\"kind\": \"chain\"",
            "catalog.entries[7].chain: has 0 ids",
        ),
        (
            "\"kind\": \"chain\"",
            "\"kind\": \"base\"",
            "catalog.entries[0].chain: belongs to",
        ),
        (
            "\"extra\": \"-k x\",",
            "",
            "applications[1].path: \"/bin/a\" occurs twice",
        ),
    ];
    for (from, to, expected) in rows {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        fs::write(&file, bad).unwrap();
        let message = open(&file).unwrap_err().to_string();
        let expected = format!("{}: {expected}", file.display());
        assert!(message.starts_with(&expected), "{from}: {message}");
    }
}

#[test]
fn misspelt_fields_and_numbers_are_errors_with_line_and_column() {
    // Issue, "Bad input": garbled.
    let (_folder, file) = scratch();
    drop(filled(&file));
    let good = fs::read_to_string(&file).unwrap();
    let rows = [
        (
            "\"protocol\":",
            "\"protocoll\":",
            "unknown field `protocoll`",
        ),
        (
            "\"0x00020066\"",
            "\"0x+20066\"",
            "\"0x+20066\" is not a number like 0x1f",
        ),
        (
            "e70f1aa0-",
            "e70f1aa0",
            "a GUID is 8-4-4-4-12 hexadecimal digits",
        ),
        (
            "\"next_id\":",
            "\"id\": 1, \"next_id\":",
            "unknown field `id`",
        ),
        (
            "\"serial\": 5",
            "\"serial\": -5",
            "invalid value: integer `-5`",
        ),
    ];
    for (from, to, expected) in rows {
        fs::write(&file, good.replacen(from, to, 1)).unwrap();
        let error = open(&file).unwrap_err();
        assert!(
            matches!(error, CatalogError::Store(StoreError::Garbled { .. })),
            "{error}"
        );
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_or_written_is_an_error_that_names_it() {
    // 4.5: WSANO_RECOVERY for a store failure.
    let (folder, file) = scratch();
    fs::create_dir(&file).unwrap();
    let message = open(&file).unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("{}: cannot read: ", file.display())),
        "{message}"
    );

    let missing = folder.path().join("missing");
    let lost = missing.join("catalog.json");
    let catalog = open(&lost).unwrap();
    let error = catalog
        .install(&NATIVE, guid(1), "a.so", &[entry("a")])
        .unwrap_err();
    assert_eq!(error.errno(), Errno::NO_RECOVERY);
    let message = error.to_string();
    assert!(
        message.contains(&missing.display().to_string()),
        "{message}"
    );
}

// There a file that somebody reads cannot be replaced, and the catalog is in the registry.
#[cfg(not(windows))]
#[test]
fn concurrent_writers_lose_no_change() {
    // Issue, "Bad input": two writers at once serialize.
    let (_folder, file) = scratch();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for writer in 0..4u128 {
            let (file, start) = (&file, &start);
            scope.spawn(move || {
                let catalog = open(file).unwrap();
                start.wait();
                for number in 0..10 {
                    let provider = guid(writer << 8 | number);
                    catalog
                        .install(&NATIVE, provider, "a.so", &[entry("a")])
                        .unwrap();
                    open(file).unwrap();
                }
            });
        }
    });
    let state = open(&file).unwrap().state().unwrap();
    assert_eq!(state.serial(), 40);
    assert_eq!(state.list(Bits::SixtyFour).entries().len(), 46);
}

#[test]
fn a_change_is_refused_in_time_while_another_program_writes() {
    // Issue, "Bad input": two writers fail cleanly; 4.5: order fails at once, an install of a
    // layer is WSAEINPROGRESS.
    let (folder, file) = scratch();
    let catalog = filled(&file);
    let before = catalog.state().unwrap();
    let other = File::options()
        .write(true)
        .open(folder.path().join("catalog.json.lock"))
        .unwrap();
    other.lock().unwrap();

    let ids: Vec<EntryId> = native(&catalog)
        .entries()
        .iter()
        .map(|entry| entry.id())
        .collect();
    let begun = Instant::now();
    let refused = catalog.reorder(Bits::SixtyFour, &ids).unwrap_err();
    assert!(matches!(
        refused,
        CatalogError::Store(StoreError::Busy { .. })
    ));
    let name: Vec<u16> = "second".encode_utf16().collect();
    let layer = LayerInstallation {
        provider: guid(3),
        path: "second.so",
        name: &name,
        service_flags: 0,
        targets: Targets::EveryBase,
    };
    let refused = catalog
        .install_layer(&[(Bits::SixtyFour, layer)], &|_, _| true)
        .unwrap_err();
    assert_eq!(refused.errno(), Errno::INPROGRESS);
    // Others wait twice as long for a writer.
    assert!(begun.elapsed() < Duration::from_secs(15), "at once");

    let short = Patience::Wait(Duration::from_millis(20));
    let store = CatalogFile::new(&file, State::fresh(BASE, &[]).unwrap()).unwrap();
    let refused = store.begin(short).err().unwrap();
    assert!(matches!(refused, StoreError::Busy { .. }));
    assert_eq!(catalog.state().unwrap(), before, "readers do not wait");

    // Under Wine the lock is given up, and an error told all the same.
    let _ = other.unlock();
    let patient = Patience::Wait(Duration::from_secs(60));
    store.begin(patient).unwrap();
}

#[cfg(unix)]
#[test]
fn a_change_keeps_links_and_permissions() {
    // Atomic replacement must not turn a shared or linked catalog into a private one.
    use std::os::unix::fs::PermissionsExt;
    let (folder, link) = scratch();
    let real = folder.path().join("real.json");
    drop(filled(&real));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    open(&link)
        .unwrap()
        .deinstall(Bits::SixtyFour, guid(1))
        .unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(native(&open(&real).unwrap()).provider(guid(1)).is_none());
}

#[test]
fn nothing_but_the_catalog_and_its_lock_is_left_behind() {
    // A folder that fills up with temporary files is a leak.
    let (folder, file) = scratch();
    drop(filled(&file));
    let left = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["catalog.json", "catalog.json.lock"]);
}
