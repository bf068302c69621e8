//! Watching a chain: the top provider that the client DLL starts, and the lower one that a layer starts by itself.

use super::{
    Answer, Call, Direction, Hook, Observer, Place, Procedure, Stored, interposed, set_hook,
    set_observer,
};
use crate::api::*;
use crate::fixture::*;
use crate::loader::module;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use ws2spi_abi::ffi::{Procs, native};
use ws2spi_abi::*;

type Seen = BTreeMap<(String, &'static str), Vec<Option<i32>>>;

#[derive(Default)]
struct Counts(Mutex<Seen>);

impl Hook for Counts {
    fn finished(&self, call: &Call<'_>) {
        assert_eq!(
            call.function.starts_with("WPU"),
            call.direction == Direction::Upcall
        );
        let key = (call.module.to_owned(), call.function);
        self.0.lock().entry(key).or_default().push(call.error);
    }
}

impl Counts {
    fn of(&self, n: usize, function: &'static str) -> Vec<Option<i32>> {
        let key = (format!("linked:scripted{n}"), function);
        self.0.lock().get(&key).cloned().unwrap_or_default()
    }
}

/// Watches for the time of a test.
struct Watching(Arc<Counts>);

impl Watching {
    fn start() -> Self {
        let counts = Arc::new(Counts::default());
        set_hook(Some(Arc::<Counts>::clone(&counts)));
        Self(counts)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        set_hook(None);
    }
}

#[test]
fn calls_into_a_provider_and_its_upcalls_are_counted() {
    // cli: calls per WSP function and per upcall at each level, with their errors.
    let world = World::new();
    let watching = Watching::start();
    world.start();
    world.script(0, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::ADDRINUSE)))
    });
    let s = world.socket(0);
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(crate::process::last_error(), WSAEADDRINUSE);
    assert_eq!(closesocket(s), 0);
    let counts = &watching.0;
    assert_eq!(counts.of(0, "WSPStartup"), [None]);
    assert_eq!(counts.of(0, "WSPSocket"), [None]);
    assert_eq!(counts.of(0, "WSPListen"), [Some(WSAEADDRINUSE)]);
    assert_eq!(counts.of(0, "WSPCloseSocket"), [None]);
    assert_eq!(counts.of(0, "WPUCreateSocketHandle"), [None]);
    assert_eq!(counts.of(0, "WPUCloseSocketHandle"), [None]);
    assert!(counts.of(1, "WSPStartup").is_empty());
}

#[test]
fn a_provider_that_a_layer_starts_is_counted_apart() {
    // provider-sources.md 4: a layer finds the lower WSPStartup with GetProcAddress, which is where it is wrapped.
    let world = World::new();
    let watching = Watching::start();
    world.start();
    world.script(0, |script| {
        script.in_startup = Some(Arc::new(|up| {
            let lower = module::load("linked:scripted1").unwrap();
            let startup = interposed(&lower.path(), lower.startup().unwrap());
            let (mut data, mut table) = (WSPDATA::EMPTY, native::ProcTable::EMPTY);
            let info = WSAPROTOCOL_INFOW {
                dwCatalogEntryId: entry_id(1),
                ..entry_info(1)
            };
            let table_given = *up.native().unwrap();
            // SAFETY: the provider's own function; all pointers are live locals.
            let code = unsafe {
                startup(
                    0x0202,
                    &raw mut data,
                    &raw const info,
                    table_given,
                    &raw mut table,
                )
            };
            assert_eq!(code, 0);
            // SAFETY: a started provider, no pointers.
            let listened = unsafe { Procs::Native(table).listen(4, 1) };
            assert_eq!(listened, Ok(0));
        }));
    });
    world.socket(0);
    assert_eq!(watching.0.of(1, "WSPListen"), [None]);
    assert!(watching.0.of(0, "WSPListen").is_empty());
}

/// A call that an observer saw, with its answer afterwards.
#[derive(Debug, PartialEq, Eq)]
struct Observed(&'static str, Option<SOCKET>, Option<Answer>);

#[derive(Default)]
struct Observing(Mutex<Vec<Observed>>);

impl Observer for Observing {
    fn entering(&self, at: &Place, call: &mut Procedure) {
        assert_eq!(at.module, "linked:scripted0");
        assert!(at.level.is_some());
        let seen = Observed(call.function(), call.socket(), None);
        self.0.lock().push(seen);
    }

    fn left(&self, _: &Place, call: &Procedure, answer: &mut Answer) {
        let seen = Observed(call.function(), call.socket(), Some(*answer));
        self.0.lock().push(seen);
    }
}

#[test]
fn an_observer_sees_a_call_before_and_after_and_what_was_stored() {
    // verify: arguments and results of each call; the rules need both.
    let world = World::new();
    let observer = Arc::new(Observing::default());
    set_observer(Some(Arc::<Observing>::clone(&observer)));
    world.start();
    let s = world.socket(0);
    observer.0.lock().clear();
    world.script(0, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::ADDRINUSE)))
    });
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    set_observer(None);
    assert_eq!(crate::process::last_error(), WSAEADDRINUSE);
    let answer = Answer {
        value: -1,
        failed: true,
        stored: Stored::Code(WSAEADDRINUSE),
    };
    let before = Observed("WSPListen", Some(s), None);
    let after = Observed("WSPListen", Some(s), Some(answer));
    assert_eq!(*observer.0.lock(), [before, after]);
}

#[test]
fn nothing_stands_between_when_nobody_watches() {
    // cli: costs nothing when unset: the provider's own functions are called.
    let world = World::new();
    assert_eq!(interposed("x", STARTUPS[0]) as usize, STARTUPS[0] as usize);
    let _watching = Watching::start();
    assert_ne!(
        interposed("linked:scripted0", STARTUPS[0]) as usize,
        STARTUPS[0] as usize
    );
    drop(world);
}

#[test]
fn a_table_with_holes_is_handed_on_as_it_is() {
    // U94 under watching: the missing slot is still found.
    let world = World::new();
    let _watching = Watching::start();
    world.start();
    world.script(0, |script| script.missing = Some(3));
    assert_eq!(socket(family(0), SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
    assert_eq!(crate::process::last_error(), WSAEINVALIDPROCTABLE);
}
