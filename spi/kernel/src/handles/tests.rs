//! Tests of the handle table, each on a table of its own.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use ws2spi_abi::Errno;

use super::*;

struct Provider(&'static str);
impl Owner for Provider {}

/// Counts what happens to it.
#[derive(Default)]
struct Thing {
    handles: HandleCount,
    closings: AtomicUsize,
    last_closings: AtomicUsize,
    drops: Arc<AtomicUsize>,
}

impl Thing {
    fn counted(drops: &Arc<AtomicUsize>) -> Self {
        let mut thing = Self::default();
        thing.drops = drops.clone();
        thing
    }
}

impl Object for Thing {
    fn kind(&self) -> Kind {
        Kind::Other
    }
    fn handles(&self) -> Option<&HandleCount> {
        Some(&self.handles)
    }
    fn closing(&self, _: Handle) {
        self.closings.fetch_add(1, SeqCst);
    }
    fn last_closed(&self) {
        self.last_closings.fetch_add(1, SeqCst);
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.drops.fetch_add(1, SeqCst);
    }
}

fn owner(name: &'static str) -> Arc<dyn Owner> {
    Arc::new(Provider(name))
}

fn owner_name(table: &Table, raw: usize) -> Option<&'static str> {
    table
        .pin(raw)?
        .owner_as::<Provider>()
        .map(|provider| provider.0)
}

/// design.md, "Handles": multiples of 4, never 0 or ~0, within 31 bits.
#[test]
fn values_are_multiples_of_four_within_31_bits() {
    let table = Table::new();
    for context in 0..2000 {
        let raw = table.insert_minted(owner("base"), context).unwrap().raw();
        assert!(
            raw != 0 && raw.is_multiple_of(4) && raw <= 0x7fff_ffff,
            "{raw:#x}"
        );
        assert_eq!(Handle::from_raw(raw).unwrap().raw(), raw);
    }
}

/// design.md, "Handles": values that no handle can have are refused.
#[test]
fn malformed_values_are_no_handles() {
    let table = Table::new();
    let raw = table.insert_minted(owner("base"), 1).unwrap().raw();
    let malformed = [
        0,
        1,
        2,
        3,
        4,
        raw | 1,
        raw | 2,
        raw | 1 << 31,
        raw | 1 << 40,
        usize::MAX,
        !1,
        !3,
    ];
    for value in malformed {
        assert!(table.pin(value).is_none(), "{value:#x}");
        assert_eq!(table.close(value), Err(Errno::INVALID_HANDLE), "{value:#x}");
        assert_eq!(table.minted_context(value), None, "{value:#x}");
    }
    assert_eq!(table.minted_context(raw), Some(1));
}

/// client-dll.md 1.6: two handles may carry the same context, and every one is a new value.
#[test]
fn equal_contexts_get_different_handles() {
    let table = Table::new();
    let values: HashSet<usize> = (0..100)
        .map(|_| table.insert_minted(owner("base"), 7).unwrap().raw())
        .collect();
    assert_eq!(values.len(), 100);
    assert!(
        values
            .iter()
            .all(|&raw| table.minted_context(raw) == Some(7))
    );
}

/// client-dll.md 1.12: the context is that of WPUCreateSocketHandle; a handle that was not made so
/// has none.
#[test]
fn only_minted_handles_have_a_context() {
    let table = Table::new();
    let minted = table
        .insert_minted(owner("layer"), usize::MAX)
        .unwrap()
        .raw();
    let ifs = table.insert(Arc::new(Thing::default())).unwrap().raw();
    assert_eq!(table.minted_context(minted), Some(usize::MAX));
    assert_eq!(table.minted_context(ifs), None);
    assert!(table.pin(minted).unwrap().is_minted());
    assert!(!table.pin(ifs).unwrap().is_minted());
}

/// client-dll.md 1.19: closing twice is an error the second time.
#[test]
fn a_closed_handle_is_stale_everywhere() {
    let table = Table::new();
    let raw = table.insert_minted(owner("layer"), 5).unwrap().raw();
    assert_eq!(table.close(raw), Ok(()));
    assert_eq!(table.close(raw), Err(Errno::INVALID_HANDLE));
    assert!(table.pin(raw).is_none());
    assert_eq!(table.minted_context(raw), None);
    assert_eq!(
        table.set_owner(raw, owner("other")),
        Err(Errno::INVALID_HANDLE)
    );
    assert_eq!(table.duplicate(raw), Err(Errno::INVALID_HANDLE));
    assert!(!table.clear_owner_if(raw, &owner("layer")));
}

/// design.md, "Handles": a stale value is an error and never someone else's socket.
#[test]
fn a_value_is_held_back_for_at_least_1024_frees() {
    let table = Table::new();
    let first = table.insert_minted(owner("layer"), 0).unwrap();
    table.close(first.raw()).unwrap();
    let mut last_use = std::collections::HashMap::from([(first.index(), 0usize)]);
    for free in 1..5000 {
        let handle = table.insert_minted(owner("layer"), free).unwrap();
        table.close(handle.raw()).unwrap();
        if let Some(before) = last_use.insert(handle.index(), free) {
            assert!(
                free - before >= HELD_BACK,
                "slot {} came back after {}",
                handle.index(),
                free - before
            );
        }
    }
    assert!(
        last_use.len() < 2000,
        "slots are used again: {}",
        last_use.len()
    );
}

/// The generation makes a value of the same slot different each of 511 times.
#[test]
fn a_slot_used_again_has_another_value() {
    let table = Table::new();
    let values: HashSet<usize> = (0..100_000)
        .map(|_| {
            let raw = table.insert_minted(owner("layer"), 0).unwrap().raw();
            table.close(raw).unwrap();
            raw
        })
        .collect();
    assert_eq!(values.len(), 100_000);
}

/// client-dll.md 1.6: WSAENOBUFS when handles run out; closing one makes room.
#[test]
fn exhaustion_is_nobufs() {
    let table = Table::new();
    table.set_limit(Some(3));
    let raws: Vec<usize> = (0..3)
        .map(|n| table.insert_minted(owner("layer"), n).unwrap().raw())
        .collect();
    assert_eq!(table.insert_minted(owner("layer"), 3), Err(Errno::NOBUFS));
    let thing = Arc::new(Thing::default());
    assert_eq!(table.insert(thing.clone()), Err(Errno::NOBUFS));
    assert_eq!(thing.handles.open(), 0);
    table.close(raws[1]).unwrap();
    assert!(table.insert_minted(owner("layer"), 4).is_ok());
    table.set_limit(None);
    assert!(table.insert_minted(owner("layer"), 5).is_ok());
    assert_eq!(table.open_handles(), 4);
}

/// client-dll.md 1.9: the last caller of WPUModifyIFSHandle wins, the value is unchanged.
#[test]
fn the_last_owner_wins() {
    let table = Table::new();
    let raw = table.insert(Arc::new(Thing::default())).unwrap().raw();
    assert_eq!(owner_name(&table, raw), None);
    for name in ["base", "lower", "upper", "lower", "base", "upper"] {
        table.set_owner(raw, owner(name)).unwrap();
        assert_eq!(owner_name(&table, raw), Some(name));
    }
}

/// client-dll.md 1.9: calls already dispatched through the old association finish normally.
#[test]
fn a_replaced_owner_lives_until_the_handle_is_released() {
    let table = Table::new();
    let base = owner("base");
    let upper = owner("upper");
    let raw = table.insert(Arc::new(Thing::default())).unwrap().raw();
    table.set_owner(raw, base.clone()).unwrap();
    let pinned = table.pin(raw).unwrap();
    let seen = pinned.owner().unwrap();
    for _ in 0..10 {
        table.set_owner(raw, upper.clone()).unwrap();
        table.set_owner(raw, base.clone()).unwrap();
    }
    assert!(Arc::ptr_eq(seen, &base));
    assert!(
        Arc::strong_count(&base) <= 3,
        "an owner that returns is not stored again"
    );
    drop(pinned);
    table.close(raw).unwrap();
    assert_eq!(
        (Arc::strong_count(&base), Arc::strong_count(&upper)),
        (1, 1)
    );
}

/// client-dll.md 1.9, "Race to get right": removal compares the association, not the number.
#[test]
fn only_the_same_owner_is_cleared() {
    let table = Table::new();
    let (old, new) = (owner("old"), owner("new"));
    let raw = table.insert(Arc::new(Thing::default())).unwrap().raw();
    table.set_owner(raw, old.clone()).unwrap();
    table.set_owner(raw, new.clone()).unwrap();
    assert!(!table.clear_owner_if(raw, &old));
    assert_eq!(owner_name(&table, raw), Some("new"));
    assert!(table.clear_owner_if(raw, &new));
    assert_eq!(owner_name(&table, raw), None);
    table.set_owner(raw, old).unwrap();
    assert_eq!(owner_name(&table, raw), Some("old"));
}

/// base-provider.md 4.5: nothing is cancelled until the last handle is closed.
#[test]
fn the_object_learns_of_each_close_and_of_the_last() {
    let table = Table::new();
    let thing = Arc::new(Thing::default());
    let first = table.insert(thing.clone()).unwrap().raw();
    let second = table.duplicate(first).unwrap().raw();
    assert_ne!(first, second);
    assert_eq!(thing.handles.open(), 2);
    table.close(first).unwrap();
    assert_eq!(
        (
            thing.closings.load(SeqCst),
            thing.last_closings.load(SeqCst)
        ),
        (1, 0)
    );
    assert!(table.pin(second).unwrap().object_as::<Thing>().is_some());
    table.close(second).unwrap();
    assert_eq!(
        (
            thing.closings.load(SeqCst),
            thing.last_closings.load(SeqCst)
        ),
        (2, 1)
    );
    assert_eq!(Arc::strong_count(&thing), 1);
}

/// P234: for the client DLL an OS-duplicated handle is no socket.
#[test]
fn a_duplicate_has_no_owner() {
    let table = Table::new();
    let raw = table.insert(Arc::new(Thing::default())).unwrap().raw();
    table.set_owner(raw, owner("base")).unwrap();
    let duplicate = table.duplicate(raw).unwrap().raw();
    assert_eq!(owner_name(&table, duplicate), None);
    assert_eq!(owner_name(&table, raw), Some("base"));
}

/// Contract of `Pinned`: what a handle stood for stays as long as somebody has it pinned.
#[test]
fn a_pin_keeps_the_object_of_a_closed_handle() {
    let table = Table::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let thing = Thing::counted(&drops);
    let raw = table.insert(Arc::new(thing)).unwrap().raw();
    let pinned = table.pin(raw).unwrap();
    table.close(raw).unwrap();
    assert!(table.pin(raw).is_none());
    assert_eq!(drops.load(SeqCst), 0);
    assert!(pinned.object_as::<Thing>().is_some());
    drop(pinned);
    assert_eq!(drops.load(SeqCst), 1);
    assert_eq!(table.open_handles(), 0);
}

/// U24: a look-up in a signal handler frees nothing, even when the handle is closed meanwhile.
#[test]
fn a_look_up_in_a_signal_handler_leaves_the_release_to_others() {
    let table = Table::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let thing = Thing::counted(&drops);
    let raw = table.insert(Arc::new(thing)).unwrap().raw();
    let seen = table.pin_in_signal(raw, |object| {
        table.close(raw).unwrap();
        object.downcast_ref::<Thing>().is_some()
    });
    assert_eq!(seen, Some(true));
    assert_eq!(drops.load(SeqCst), 0, "not freed by the look-up");
    assert_eq!(table.pin_in_signal(raw, |_| ()), None);
    let other = table.insert_minted(owner("layer"), 0).unwrap().raw();
    assert_eq!(drops.load(SeqCst), 1, "freed by the next open");
    table.close(other).unwrap();
    assert_eq!(table.open_handles(), 0);
}

/// The owner's bits start at 0 in every new handle, also in a slot that was used before.
#[test]
fn flags_belong_to_the_handle() {
    let table = Table::new();
    for _ in 0..3000 {
        let raw = table.insert_minted(owner("layer"), 0).unwrap().raw();
        let pinned = table.pin(raw).unwrap();
        assert_eq!(pinned.set_flags(5), 0);
        assert_eq!(pinned.clear_flags(1), 5);
        assert_eq!(pinned.flags(), 4);
        drop(pinned);
        table.close(raw).unwrap();
    }
}

/// Cleanup visits what is open, and may close it.
#[test]
fn a_visit_sees_the_open_handles_and_may_close_them() {
    let table = Table::new();
    let raws: HashSet<usize> = (0..1000)
        .map(|n| table.insert_minted(owner("layer"), n).unwrap().raw())
        .collect();
    let gone: HashSet<usize> = raws.iter().copied().filter(|raw| raw % 3 == 0).collect();
    gone.iter().for_each(|&raw| table.close(raw).unwrap());
    let mut seen = HashSet::new();
    table.for_each(|pinned| {
        seen.insert(pinned.handle().raw());
        table.close(pinned.handle().raw()).unwrap();
    });
    assert_eq!(seen, &raws - &gone);
    assert_eq!(table.open_handles(), 0);
}

/// Every value is closed by exactly one of several threads, and released once.
#[test]
fn of_many_closers_one_succeeds() {
    let table = Arc::new(Table::new());
    let drops = Arc::new(AtomicUsize::new(0));
    let closed = Arc::new(AtomicUsize::new(0));
    let raws: Arc<Vec<usize>> = Arc::new(
        (0..2000)
            .map(|_| {
                let thing = Thing::counted(&drops);
                table.insert(Arc::new(thing)).unwrap().raw()
            })
            .collect(),
    );
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (table, raws) = (table.clone(), raws.clone());
            let (closed, start) = (closed.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                for &raw in raws.iter() {
                    let pinned = table.pin(raw);
                    if table.close(raw).is_ok() {
                        closed.fetch_add(1, SeqCst);
                    }
                    drop(pinned);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(closed.load(SeqCst), raws.len());
    assert_eq!(drops.load(SeqCst), raws.len());
    assert_eq!(table.open_handles(), 0);
}

/// Threads that open and close their own handles never see another's context.
#[test]
fn concurrent_users_see_only_their_own_contexts() {
    let table = Arc::new(Table::new());
    let threads: Vec<_> = (1..=4usize)
        .map(|me| {
            let table = table.clone();
            thread::spawn(move || {
                for n in 0..20_000 {
                    let context = me << 32 | n;
                    let raw = table.insert_minted(owner("layer"), context).unwrap().raw();
                    assert_eq!(table.minted_context(raw), Some(context));
                    assert_eq!(table.pin(raw).unwrap().context(), context);
                    table.close(raw).unwrap();
                    assert_eq!(table.minted_context(raw), None);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(table.open_handles(), 0);
}

/// A handle made by one thread and closed by another does not use up slots.
#[test]
fn slots_return_to_where_they_came_from() {
    let table = Arc::new(Table::new());
    let (send, receive) = std::sync::mpsc::sync_channel::<usize>(16);
    let closer = {
        let table = table.clone();
        thread::spawn(move || receive.iter().for_each(|raw| table.close(raw).unwrap()))
    };
    let mut highest = 0;
    for n in 0..100_000 {
        let handle = table.insert_minted(owner("layer"), n).unwrap();
        highest = highest.max(handle.index());
        send.send(handle.raw()).unwrap();
    }
    drop(send);
    closer.join().unwrap();
    assert!(highest < 4096, "{highest}");
}

#[test]
fn a_nested_look_up_sees_the_same_handle_and_its_close() {
    // U38: what a call holds stays until it is over; a closed handle is stale for the next look.
    let thing = Arc::new(Thing::default());
    let raw = super::insert(thing.clone()).unwrap().raw();
    let other = super::insert(Arc::new(Thing::default())).unwrap().raw();
    with(raw, |outer| {
        assert!(outer.is_some());
        with(other, |between| {
            assert!(between.is_some());
            with(raw, |again| assert!(again.is_some()));
        });
        with(raw, |inner| {
            let object = inner.and_then(|inner| inner.object()).cloned();
            assert!(object.is_some_and(|object| object.downcast::<Thing>().is_some()));
            super::close(raw).unwrap();
            // This one keeps what it has; a new one finds nothing.
            assert!(inner.is_some_and(|inner| inner.object().is_some()));
            with(raw, |stale| assert!(stale.is_none()));
        });
    });
    with(raw, |gone| assert!(gone.is_none()));
    super::close(other).unwrap();
    assert_eq!(Arc::strong_count(&thing), 1);
}

#[test]
fn a_panic_inside_a_look_up_leaves_nothing_held() {
    // U38: the pin of a call ends with it, however it ends.
    let thing = Arc::new(Thing::default());
    let raw = super::insert(thing.clone()).unwrap().raw();
    let panicked = std::panic::catch_unwind(|| with(raw, |_| panic!("inside")));
    assert!(panicked.is_err());
    super::close(raw).unwrap();
    assert_eq!(Arc::strong_count(&thing), 1);
    with(raw, |gone| assert!(gone.is_none()));
}
