//! Handles: look-ups against closes, owners that change, slots that are used again.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::thread;
use ws2spi_kernel::handles::Handle;
use ws2spi_kernel::handles::HandleCount;
use ws2spi_kernel::handles::Kind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::handles::Owner;
use ws2spi_kernel::handles::Table;

use super::explore;

struct Provider;
impl Owner for Provider {}

/// An object that knows how often it was closed and dropped.
#[derive(Default)]
struct Thing {
    handles: HandleCount,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    closings: AtomicUsize,
    last_closings: AtomicUsize,
    drops: AtomicUsize,
}

impl Counts {
    fn all(&self) -> [usize; 3] {
        [&self.closings, &self.last_closings, &self.drops].map(|count| count.load(SeqCst))
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
        self.counts.closings.fetch_add(1, SeqCst);
    }
    fn last_closed(&self) {
        assert_eq!(self.counts.drops.load(SeqCst), 0);
        self.counts.last_closings.fetch_add(1, SeqCst);
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.counts.drops.fetch_add(1, SeqCst);
    }
}

fn thing() -> (Arc<Thing>, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    (
        Arc::new(Thing {
            handles: HandleCount::new(),
            counts: counts.clone(),
        }),
        counts,
    )
}

fn owner() -> Arc<dyn Owner> {
    Arc::new(Provider)
}

/// A pinned object is there; it is dropped once, after the last pin and the close, whoever is last.
#[test]
fn a_slot_is_released_once_by_whoever_is_last() {
    explore(|| {
        let table = Arc::new(Table::new());
        let (thing, counts) = thing();
        let raw = table.insert(thing).unwrap().raw();
        let users: Vec<_> = (0..2)
            .map(|_| {
                let (table, counts) = (table.clone(), counts.clone());
                thread::spawn(move || {
                    if let Some(pinned) = table.pin(raw) {
                        assert!(pinned.object_as::<Thing>().is_some());
                        assert_eq!(counts.drops.load(SeqCst), 0);
                    }
                })
            })
            .collect();
        let closers: Vec<_> = (0..2)
            .map(|_| {
                let table = table.clone();
                thread::spawn(move || table.close(raw))
            })
            .collect();
        users.into_iter().for_each(|user| user.join().unwrap());
        let results: Vec<_> = closers
            .into_iter()
            .map(|closer| closer.join().unwrap())
            .collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(counts.all(), [1, 1, 1]);
        assert_eq!(table.open_handles(), 0);
    });
}

/// A slot that is used again at once never shows its new content under the old value.
#[test]
fn a_stale_value_never_reaches_the_next_handle() {
    explore(|| {
        let table = Arc::new(Table::new());
        let old = table.insert_minted(owner(), 1).unwrap().raw();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let table = table.clone();
                thread::spawn(move || {
                    let context = table.minted_context(old);
                    assert!(context.is_none() || context == Some(1), "{context:?}");
                    if let Some(pinned) = table.pin(old) {
                        assert_eq!(pinned.context(), 1);
                        assert!(pinned.owner().is_some());
                    }
                })
            })
            .collect();
        let user = {
            let table = table.clone();
            thread::spawn(move || {
                table.close(old).unwrap();
                // The queue holds nothing back here: one of these is the same slot.
                let new: Vec<usize> = (2..5)
                    .map(|n| table.insert_minted(owner(), n).unwrap().raw())
                    .collect();
                for (context, &raw) in (2..).zip(&new) {
                    assert_ne!(raw, old);
                    assert_eq!(table.minted_context(raw), Some(context));
                    table.close(raw).unwrap();
                }
            })
        };
        readers
            .into_iter()
            .for_each(|reader| reader.join().unwrap());
        user.join().unwrap();
        assert_eq!(table.open_handles(), 0);
    });
}

/// A look-up in a signal handler against a close: the object is dropped once, never by the look-up.
#[test]
fn a_signal_handler_leaves_the_release_to_others() {
    explore(|| {
        let table = Arc::new(Table::new());
        let (thing, counts) = thing();
        let raw = table.insert(thing).unwrap().raw();
        let threads: Vec<_> = (0..3)
            .map(|me| {
                let (table, counts) = (table.clone(), counts.clone());
                thread::spawn(move || match me {
                    0 => {
                        table.pin_in_signal(raw, |_| assert_eq!(counts.drops.load(SeqCst), 0));
                    }
                    1 => drop(table.pin(raw)),
                    _ => table.close(raw).unwrap(),
                })
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        // Opening and closing releases what was left over.
        let other = table.insert_minted(owner(), 0).unwrap().raw();
        table.close(other).unwrap();
        assert_eq!(counts.all(), [1, 1, 1]);
        assert_eq!(table.open_handles(), 0);
    });
}

/// Owners that replace each other under readers: a reader sees one of them, and none is lost.
#[test]
fn owners_are_replaced_under_readers() {
    explore(|| {
        let table = Arc::new(Table::new());
        let owners = [owner(), owner(), owner()];
        let (thing, _) = thing();
        let raw = table.insert(thing).unwrap().raw();
        table.set_owner(raw, owners[0].clone()).unwrap();
        let writers: Vec<_> = (1..3)
            .map(|me| {
                let (table, owner) = (table.clone(), owners[me].clone());
                thread::spawn(move || {
                    table.set_owner(raw, owner.clone()).unwrap();
                    table.clear_owner_if(raw, &owner);
                })
            })
            .collect();
        let reader = {
            let (table, owners) = (table.clone(), owners.clone());
            thread::spawn(move || {
                let pinned = table.pin(raw).unwrap();
                if let Some(seen) = pinned.owner() {
                    assert!(owners.iter().any(|owner| Arc::ptr_eq(owner, seen)));
                }
            })
        };
        writers
            .into_iter()
            .for_each(|writer| writer.join().unwrap());
        reader.join().unwrap();
        table.close(raw).unwrap();
        assert!(owners.iter().all(|owner| Arc::strong_count(owner) == 1));
    });
}
