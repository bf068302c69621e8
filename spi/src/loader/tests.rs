//! Starting providers: the error table, one start per provider, and the way down again.

use crate::api::{socket, wsa_cleanup};
use crate::fixture::*;
use crate::process::last_error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::*;

fn refused(n: usize) -> i32 {
    assert_eq!(socket(family(n), SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
    last_error()
}

#[test]
fn start_up_alone_loads_nothing() {
    // U100: WSAStartup alone loads no provider.
    let world = World::started();
    assert!((0..PROVIDERS).all(|n| world.record(n).calls.is_empty()));
}

#[test]
fn a_second_socket_starts_nothing_again() {
    // U101: the second socket of the same GUID does not call WSPStartup again.
    let world = World::started();
    world.socket(0);
    world.socket(0);
    assert_eq!(world.record(0).count("WSPStartup"), 1);
}

#[test]
fn two_installations_of_one_module_are_started_each() {
    // U102: two entries with different GUIDs and one path: two WSPStartup calls.
    let mut other = entry_info(0);
    other.ProviderId = GUID::from_u128(0x1100);
    other.iAddressFamily = 300;
    let world = World::with_entries(vec![entry_info(0), other]);
    world.start();
    world.socket(0);
    assert_ne!(socket(300, SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
    assert_eq!(world.record(0).count("WSPStartup"), 2);
}

#[test]
fn concurrent_first_sockets_start_the_provider_once() {
    // U103: concurrent first sockets on 16 threads: one WSPStartup.
    let world = World::started();
    let arrived = Arc::new(AtomicUsize::new(0));
    let waiting = Arc::clone(&arrived);
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(move |_| {
            while waiting.load(Ordering::SeqCst) < 16 {
                std::thread::yield_now();
            }
        }));
    });
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let arrived = Arc::clone(&arrived);
            std::thread::spawn(move || {
                arrived.fetch_add(1, Ordering::SeqCst);
                socket(family(0), SOCK_STREAM, IPPROTO_TCP)
            })
        })
        .collect();
    for thread in threads {
        assert_ne!(thread.join().unwrap(), INVALID_SOCKET);
    }
    assert_eq!(world.record(0).count("WSPStartup"), 1);
}

#[test]
fn another_provider_starts_while_one_is_still_starting() {
    // U103: loads are serialised per GUID only.
    let world = World::started();
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(|_| {
            let other = std::thread::spawn(|| socket(family(1), SOCK_STREAM, IPPROTO_TCP));
            assert_ne!(other.join().unwrap(), INVALID_SOCKET);
        }));
    });
    world.socket(0);
    assert_eq!(world.record(1).count("WSPStartup"), 1);
}

#[test]
fn the_entry_is_handed_over() {
    // U104: lpProtocolInfo equals the selected entry (id, GUID, name).
    let world = World::started();
    world.socket(2);
    let info = world.record(2).infos[0];
    assert_eq!(
        info,
        WSAPROTOCOL_INFOW {
            dwCatalogEntryId: entry_id(2),
            ..entry_info(2)
        }
    );
}

#[test]
fn a_missing_module_is_a_failed_initialisation() {
    // U96: WSAEPROVIDERFAILEDINIT, and a sentence that names the module.
    let mut lost = entry_info(0);
    lost.ProviderId = GUID::from_u128(0x1000 + 77);
    let world = World::with_entries(vec![lost]);
    world.start();
    assert_eq!(refused(0), WSAEPROVIDERFAILEDINIT);
    assert_eq!(world.findings("WSPStartup").len(), 1);
}

#[test]
fn a_module_without_wspstartup_is_a_failed_initialisation() {
    // U97: WSAEPROVIDERFAILEDINIT.
    let libc = if cfg!(target_os = "macos") {
        "libSystem.B.dylib"
    } else if cfg!(windows) {
        "kernel32.dll"
    } else {
        "libc.so.6"
    };
    let module = super::module::load(libc).unwrap();
    assert!(module.startup().is_none());
    assert_eq!(super::module::find_path(libc), Some(module.id()));
}

#[test]
fn a_failed_wspstartup_is_a_failed_initialisation() {
    // U98: WSAEPROVIDERFAILEDINIT whatever it returned. U99: a fixed provider starts on the next call.
    let world = World::started();
    world.script(0, |script| script.startup = WSASYSNOTREADY);
    assert_eq!(refused(0), WSAEPROVIDERFAILEDINIT);
    assert_eq!(world.record(0).count("WSPCleanup"), 0);
    world.script(0, |script| script.startup = 0);
    world.socket(0);
    assert_eq!(world.record(0).count("WSPStartup"), 2);
}

#[test]
fn any_code_of_wspstartup_but_0_is_a_failure() {
    // U98: also one that is no Winsock error.
    let world = World::started();
    for code in [
        SOCKET_ERROR,
        1,
        WSA_NOT_ENOUGH_MEMORY,
        WSAEINVAL,
        i32::MAX,
        i32::MIN,
    ] {
        world.script(0, |script| script.startup = code);
        assert_eq!(refused(0), WSAEPROVIDERFAILEDINIT, "{code}");
    }
}

#[test]
fn a_provider_of_another_version_is_invalid() {
    // U93: answering 1.1 makes WSASocket fail WSAEINVALIDPROVIDER. U92: WSPCleanup ran exactly once.
    let world = World::started();
    world.script(0, |script| script.version = 0x0101);
    assert_eq!(refused(0), WSAEINVALIDPROVIDER);
    assert_eq!(world.record(0).count("WSPCleanup"), 1);
}

#[test]
fn every_null_slot_is_an_invalid_table() {
    // U94: any NULL in the 30 entries: WSAEINVALIDPROCTABLE. U95: Cleanup, if non-NULL, ran once.
    let world = World::started();
    const CLEANUP: usize = 5;
    for slot in 0..30 {
        world.script(0, |script| script.missing = Some(slot));
        let before = world.record(0).count("WSPCleanup");
        assert_eq!(refused(0), WSAEINVALIDPROCTABLE, "slot {slot}");
        let cleaned = world.record(0).count("WSPCleanup") - before;
        assert_eq!(cleaned, usize::from(slot != CLEANUP), "slot {slot}");
    }
    assert!(world.findings("WSPStartup")[3].contains("WSPBind"));
}

#[test]
fn a_provider_that_needs_itself_to_start_fails_instead_of_hanging() {
    // client-dll.md 3.6.7: never a hang; the provider's own socket call inside WSPStartup fails.
    let world = World::started();
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(|_| {
            assert_eq!(refused(0), WSAEPROVIDERFAILEDINIT);
        }));
    });
    world.socket(0);
    assert_eq!(world.record(0).count("WSPStartup"), 1);
}

#[test]
fn providers_that_need_each_other_to_start_do_not_hang() {
    // client-dll.md 3.6.7: two threads, each inside one WSPStartup and asking for the other provider: one of them is refused.
    let world = World::started();
    let arrived = Arc::new(AtomicUsize::new(0));
    for (n, other) in [(0, 1), (1, 0)] {
        let arrived = Arc::clone(&arrived);
        world.script(n, |script| {
            script.in_startup = Some(Arc::new(move |_| {
                arrived.fetch_add(1, Ordering::SeqCst);
                while arrived.load(Ordering::SeqCst) < 2 {
                    std::thread::yield_now();
                }
                let _ = socket(family(other), SOCK_STREAM, IPPROTO_TCP);
            }));
        });
    }
    let threads =
        [0, 1].map(|n| std::thread::spawn(move || socket(family(n), SOCK_STREAM, IPPROTO_TCP)));
    for thread in threads {
        assert_ne!(thread.join().unwrap(), INVALID_SOCKET);
    }
    assert_eq!(world.findings("WSPStartup").len(), 1);
}

#[test]
fn a_load_that_panics_leaves_no_thread_waiting() {
    // client-dll.md 3.6: a failure is reported and not kept, whatever it was.
    struct Panicking;
    impl ws2spi_abi::diagnostic::Sink for Panicking {
        fn report(&self, _: &ws2spi_abi::diagnostic::Diagnostic) {
            panic!("a sink that panics");
        }
    }
    let world = World::started();
    world.script(0, |script| script.startup = WSASYSNOTREADY);
    let former = ws2spi_abi::diagnostic::set_sink(Some(Arc::new(Panicking)));
    let failed = std::thread::spawn(|| socket(family(0), SOCK_STREAM, IPPROTO_TCP)).join();
    ws2spi_abi::diagnostic::set_sink(former);
    assert!(failed.is_err());
    world.script(0, |script| script.startup = 0);
    world.socket(0);
}

#[test]
fn the_last_clean_up_ends_each_provider_once() {
    // U108: one WSPCleanup per loaded provider. U110: N startups, N-1 cleanups: it still works. U111: it starts again at once.
    let world = World::started();
    world.start();
    world.socket(0);
    world.socket(1);
    assert_eq!(wsa_cleanup(), 0);
    world.socket(0);
    assert_eq!(world.record(0).count("WSPCleanup"), 0);
    assert_eq!(wsa_cleanup(), 0);
    let counts: Vec<_> = (0..3)
        .map(|n| world.record(n).count("WSPCleanup"))
        .collect();
    assert_eq!(counts, [1, 1, 0]);
    world.start();
    world.socket(0);
    assert_eq!(world.record(0).count("WSPStartup"), 2);
}

#[test]
fn upcalls_work_inside_wspstartup() {
    // U14: CreateEvent, GetProviderPath, OpenCurrentThread succeed from inside WSPStartup.
    let world = World::started();
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(|up| {
            let event = up.create_event().unwrap();
            up.close_event(event).unwrap();
            let path = up.get_provider_path(&entry_info(0).ProviderId).unwrap();
            assert_eq!(String::from_utf16_lossy(&path), "linked:scripted0");
            let mut id = up.open_current_thread().unwrap();
            up.close_thread(&mut id).unwrap();
        }));
    });
    world.socket(0);
}

#[test]
fn every_start_gets_the_same_upcalls() {
    // U9: the same table contents on every WSPStartup. U8: all 15 are there.
    let world = World::started();
    world.socket(0);
    world.socket(1);
    let (one, other) = (world.record(0).tables[0], world.record(1).tables[0]);
    assert_eq!(one, other);
    assert!(one.iter().all(|slot| *slot != 0));
}

#[test]
fn clean_up_from_inside_a_providers_start_is_survived() {
    // provider-sources.md 5.10: WSACleanup while a provider starts: the socket fails, the provider is ended again.
    let world = World::started();
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(|_| assert_eq!(wsa_cleanup(), 0)));
    });
    assert_eq!(refused(0), WSANOTINITIALISED);
    assert_eq!(world.record(0).count("WSPCleanup"), 1);
}

#[test]
fn a_module_stays_while_a_call_is_inside_it() {
    // U39: the module is not unloaded while any WSP call is on a stack.
    let world = World::started();
    world.script(3, |script| {
        script.action = Some(Arc::new(|_| {
            assert_eq!(wsa_cleanup(), 0);
            let loaded = super::module::find_path("linked:scripted3").is_some();
            Ok(if loaded { 0 } else { 1 })
        }));
    });
    let s = world.socket(3);
    assert_eq!(crate::api::listen(s, 1), 0);
    assert_eq!(super::module::find_path("linked:scripted3"), None);
}
