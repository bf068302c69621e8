//! Work that blocks, on a thread of its own.

use crate::wait;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::{fs, path::PathBuf};

/// Starts `work` on a thread and waits until that thread sleeps, as far as the system tells (Linux does). On Windows, which does not,
/// the thread gets a moment.
///
/// # Panics
/// When the thread neither sleeps nor ends.
#[must_use]
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || {
        let me = fs::read_link("/proc/thread-self");
        sender.send(me.ok()).expect("somebody waits for the news");
        work()
    });
    let place = receiver.recv().expect("a thread starts");
    if cfg!(windows) {
        wait::a_moment();
    } else if let Some(place) = place {
        let stat = PathBuf::from("/proc").join(place).join("stat");
        let mut looks = 0;
        wait::until("the thread to sleep", || {
            let is_asleep = fs::read_to_string(&stat).is_ok_and(|stat| sleeps(&stat));
            looks = if is_asleep { looks + 1 } else { 0 };
            worker.is_finished() || looks == LOOKS
        });
    }
    worker
}

/// A thread that sleeps at so many looks in a row waits for more than a lock that somebody holds for a moment.
const LOOKS: u32 = 5;

/// Whether the state in a line of `/proc/PID/stat`, behind the name in parentheses, is "sleeping".
fn sleeps(stat: &str) -> bool {
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
}

/// What blocked work came to.
///
/// # Panics
/// When it does not end within our [`patience`](wait::patience), or panicked.
pub fn finish<T>(what: &str, worker: JoinHandle<T>) -> T {
    wait::until(what, || worker.is_finished());
    worker.join().expect("the work does not panic")
}
