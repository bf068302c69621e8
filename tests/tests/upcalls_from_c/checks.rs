//! The checks of base_upcalls.c, compiled by each compiler with and without optimisation.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use ws2spi_abi::*;
use ws2spi_kernel::handles;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::upcalls::{ID, Provider};
use ws2spi_tests::{configuration, isolated, pipe, providers, wait};

/// Those that need nothing but a started provider, in the order of the references.
const CHECKS: [&str; 24] = [
    "no_slot_is_empty",
    "errors_need_no_place_and_are_not_the_last_error",
    "events_are_manual_reset",
    "garbage_is_no_event",
    "events_of_all_kinds_are_one",
    "membership",
    "messages_take_the_route_that_is_set",
    "paths_come_as_stored",
    "contexts_are_kept",
    "unknown_entries_get_no_handle",
    "system_handles_have_no_context",
    "a_deferred_close_keeps_the_handle",
    "the_last_registration_gets_the_calls",
    "what_is_no_system_handle_cannot_be_registered",
    "handles_do_not_cross",
    "threads_are_opened_and_closed",
    "apcs_run_in_alertable_waits_in_order",
    "apcs_may_call_and_queue",
    "apcs_wake_other_threads",
    "apcs_need_a_thread_and_a_routine",
    "completions_reach_the_opened_thread",
    "what_is_no_socket_is_told",
    "duplication_looks_at_the_socket_first",
    "an_info_makes_one_duplicate",
];

/// Installs the provider, starts, and has it started by a first socket; runs the body on a thread of its own; ends, and nothing is
/// left over.
fn run(body: fn(&Provider)) {
    let before = Census::take();
    let provider = Provider::load();
    let entry = provider.install(ID, 0);
    configuration::startup();
    drop(pipe::socket_of(&entry).expect("the provider starts"));
    let provider = wait::within_patience("the test", move || {
        body(&provider);
        provider
    });
    cleanup();
    drop(provider);
    before.expect_no_more();
}

// U5: a C provider compiled with gcc and clang (-O0, -O2) receives the by-value table and lpProcTable intact. U9: the same table
// contents are passed on every WSPStartup in a process. U1, U8, U11-U13, U16, U18-U22, U25-U27, U30-U37, U41-U43, U45, U47, U48, U51,
// U52, U54-U64, U72-U74, U76-U84, U157, U173, U174 in each
// of them.
#[test]
fn every_compiler_makes_the_same_provider() {
    isolated!();
    let before = Census::take();
    let mut installed = Vec::new();
    for library in providers::variants("base_upcalls") {
        let provider = Provider::load_from(&library);
        let id = GUID::from_u128(ID.to_u128() + installed.len() as u128);
        let entry = provider.install(id, 0);
        installed.push((provider, entry));
    }
    configuration::startup();
    let installed = wait::within_patience("the checks", move || {
        for (provider, entry) in &installed {
            let s = pipe::socket_of(entry).expect("the provider starts");
            assert_eq!(s.send(b"through all arguments", 0), Ok(21));
            assert!(provider.worked_in_startup());
            for check in CHECKS {
                provider.check(check);
            }
            assert_eq!(provider.table(), installed[0].0.table());
            assert_eq!(provider.entry().dwCatalogEntryId, entry.dwCatalogEntryId);
        }
        installed
    });
    cleanup();
    drop(installed);
    before.expect_no_more();
}

// U10: WPUCompleteOverlappedRequest is an export that C links to by name; U14: upcalls succeed inside WSPStartup. U11: every upcall
// works when lpErrno is NULL; U13: none changes the last error.
#[test]
fn upcalls_work_without_a_place_for_the_error() {
    isolated!();
    run(|provider| {
        assert!(provider.worked_in_startup());
        provider.check("errors_need_no_place_and_are_not_the_last_error");
    });
}

// U24: WPUSetEvent and WPUResetEvent are callable from a signal handler without deadlock, whatever it interrupts.
#[test]
fn events_can_be_set_in_signal_handlers() {
    isolated!();
    // The signal goes to the process: other threads take it as well.
    run(|provider| provider.check("events_can_be_set_in_signal_handlers"));
}

// U17: WPUCreateEvent out of resources: WSA_INVALID_EVENT, WSA_NOT_ENOUGH_MEMORY. U28: handle exhaustion: INVALID_SOCKET, WSAENOBUFS.
#[test]
fn handles_run_out() {
    isolated!();
    run(|provider| {
        handles::set_limit(Some(handles::open_handles()));
        provider.check("exhaustion_is_told");
        handles::set_limit(None);
        provider.check("events_are_manual_reset");
    });
}

// U40: 64 threads, create/query/close: no lost or crossed contexts.
#[test]
fn contexts_do_not_cross_between_threads() {
    isolated!();
    run(|provider| {
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| provider.check("handles_do_not_cross"));
            }
        });
    });
}

// U15: WPUCreateSocketHandle succeeds from inside WSPSocket while another thread enumerates the catalog.
#[test]
fn sockets_are_made_while_the_catalog_is_read() {
    isolated!();
    run(|provider| {
        let entry = provider.entry();
        let (ends, readings) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !ends.load(Ordering::Relaxed) {
                    ws2spi_cli::installer::entries().expect("the catalog can be read");
                    readings.fetch_add(1, Ordering::Relaxed);
                }
            });
            while readings.load(Ordering::Relaxed) < 20 {
                drop(pipe::socket_of(&entry).expect("a socket"));
            }
            ends.store(true, Ordering::Relaxed);
        });
    });
}

// U44, U75: before a start and after the last clean-up upcalls that need the process: WSANOTINITIALISED. U23: events need no start.
#[test]
fn upcalls_fail_while_the_process_is_not_started() {
    isolated!();
    let provider = Provider::load();
    let entry = provider.install(ID, 0);
    configuration::startup();
    drop(pipe::socket_of(&entry).expect("the provider starts"));
    provider.check("contexts_are_kept");
    cleanup();
    provider.check("not_started");
    configuration::startup();
    provider.check("contexts_are_kept");
    cleanup();
}
