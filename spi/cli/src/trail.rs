//! The trail of a process: the calls its threads are inside of and the last ones that ended, in a file that outlives it.
//!
//! A [`Recorder`] is the hook that the client DLL tells of every call ([`ws2spi::trace`]). It rewrites lines of a file in place, one
//! write each, so that whatever ends the process, a signal that cannot be caught too, leaves the file as it was at that moment. The
//! file has [`KEPT`] lines for calls that ended, used in turn, then one for each call that has not. [`read`] is the supervising
//! process's.

use std::cell::Cell;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use ws2spi::trace::{Call, Hook};
use ws2spi_abi::Errno;

/// A call of the trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// When it began, or ended if it has: steps count from 1.
    moment: u64,
    /// The number of its thread.
    pub thread: u32,
    /// The path of the module that was called, or that made the upcall.
    pub module: String,
    /// The C name.
    pub function: String,
    /// What came of it.
    pub end: End,
}

/// What came of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It has not returned.
    Inside,
    /// It succeeded.
    Succeeded,
    /// It failed with this code, which may be 0.
    Failed(i32),
}

impl End {
    /// The words in reports.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Inside => String::from("has not returned"),
            Self::Succeeded => String::from("succeeded"),
            Self::Failed(code) => match Errno::new(code) {
                Some(errno) => format!("failed with {errno}"),
                None => String::from("failed without a code"),
            },
        }
    }
}

/// Writes the trail.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    moment: u64,
    ended: u64,
    inside: Vec<Open>,
}

/// A call that has not ended, and its line among those.
#[derive(Debug)]
struct Open {
    line: u64,
    thread: u32,
    function: &'static str,
}

impl Recorder {
    /// Records into this file from now on.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::create(path)?,
            state: Mutex::default(),
        })
    }

    /// What is guarded stays whole when a thread panics.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line that cannot be written is missing in a report; the call itself does not need it.
    fn write(&self, line: u64, text: &str) {
        let text = format!("{text}\n");
        if text.len() <= WIDTH {
            let _ = self.file.write_all_at(text.as_bytes(), line * WIDTH as u64);
        }
    }
}

impl Hook for Recorder {
    fn begun(&self, module: &'static str, function: &'static str) {
        let thread = this_thread();
        let mut state = self.state();
        state.moment += 1;
        let is_free = |line: &u64| state.inside.iter().all(|open| open.line != *line);
        let line = (KEPT..).find(is_free).unwrap_or(KEPT);
        let moment = state.moment;
        state.inside.push(Open {
            line,
            thread,
            function,
        });
        let text = format!("{moment}\t{thread}\t{module}\t{function}\t{INSIDE}");
        self.write(line, &text);
    }

    fn finished(&self, call: &Call<'_>) {
        let thread = this_thread();
        let mut state = self.state();
        state.moment += 1;
        state.ended += 1;
        let is_this = |open: &Open| open.thread == thread && open.function == call.function;
        if let Some(place) = state.inside.iter().rposition(is_this) {
            let open = state.inside.swap_remove(place);
            self.write(open.line, "");
        }
        let end = match call.error {
            None => SUCCEEDED.to_owned(),
            Some(code) => code.to_string(),
        };
        let (moment, module, function) = (state.moment, call.module, call.function);
        let text = format!("{moment}\t{thread}\t{module}\t{function}\t{end}");
        self.write(state.ended % KEPT, &text);
    }
}

/// The trail in a file, the calls that have ended first; empty when there is none.
#[must_use]
pub fn read(path: &Path) -> Vec<Step> {
    let bytes = fs::read(path).unwrap_or_default();
    let mut steps: Vec<Step> = bytes.chunks(WIDTH).filter_map(step).collect();
    steps.sort_by_key(|step| (step.end == End::Inside, step.moment));
    steps
}

fn step(line: &[u8]) -> Option<Step> {
    let text = std::str::from_utf8(line.split(|byte| *byte == b'\n').next()?).ok()?;
    let mut parts = text.split('\t');
    let moment = parts.next()?.parse().ok()?;
    let thread = parts.next()?.parse().ok()?;
    let (module, function) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let end = match parts.next()? {
        INSIDE => End::Inside,
        SUCCEEDED => End::Succeeded,
        code => End::Failed(code.parse().ok()?),
    };
    Some(Step {
        moment,
        thread,
        module,
        function,
        end,
    })
}

/// The number of the calling thread, from 1 in the order in which threads make their first call.
fn this_thread() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    // Without a destructor: a thread that is ending has its number still.
    thread_local!(static NUMBER: Cell<u32> = const { Cell::new(0) });
    let mut number = NUMBER.get();
    if number == 0 {
        number = NEXT.fetch_add(1, Ordering::Relaxed);
        NUMBER.set(number);
    }
    number
}

/// So many calls that ended are kept.
const KEPT: u64 = 16;
/// The length of a line: a path, a function and numbers.
const WIDTH: usize = 1024;
const INSIDE: &str = "inside";
const SUCCEEDED: &str = "ok";

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use ws2spi::trace::Direction;

    fn ended(function: &'static str, error: Option<i32>) -> Call<'static> {
        Call {
            module: "a.so",
            entry: 1001,
            function,
            direction: Direction::Procedure,
            error,
            duration: Duration::ZERO,
        }
    }

    #[test]
    fn calls_that_have_not_returned_come_last() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("trail");
        let recorder = Recorder::create(&path).expect("a file");
        recorder.begun("a.so", "WSPRecv");
        recorder.begun("b.so", "WSPSend");
        recorder.begun("a.so", "WPUCreateEvent");
        recorder.finished(&ended("WPUCreateEvent", Some(10035)));
        let steps = read(&path);
        let seen = steps.iter().map(|step| (&*step.function, step.end));
        let expected = [
            ("WPUCreateEvent", End::Failed(10035)),
            ("WSPRecv", End::Inside),
            ("WSPSend", End::Inside),
        ];
        assert_eq!(seen.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_the_last_calls_are_kept() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("trail");
        let recorder = Recorder::create(&path).expect("a file");
        for round in 0..100 {
            recorder.begun("a.so", "WSPSend");
            recorder.finished(&ended("WSPSend", (round < 99).then_some(round + 1)));
        }
        let steps = read(&path);
        assert_eq!(steps.len(), KEPT as usize);
        assert_eq!(steps.first().map(|step| step.end), Some(End::Failed(85)));
        assert_eq!(steps.last().map(|step| step.end), Some(End::Succeeded));
    }
}
