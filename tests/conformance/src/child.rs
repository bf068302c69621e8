//! A process that has a time limit: how it ended, and what it wrote.

use crate::processes;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How a process ended, and what it wrote.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `None` for one that hung and was killed.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub told: String,
    /// Its standard error.
    pub said: String,
}

/// Starts a process without input and waits until it has ended, or kills it when it takes longer than `limit`.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Ended> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = processes::start(command)?;
    let (told, said) = (
        Output::of(child.stdout.take()),
        Output::of(child.stderr.take()),
    );
    let began = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if began.elapsed() > limit => {
                // It may have ended at this moment.
                let _ = child.kill();
                child.wait()?;
                break None;
            }
            None => thread::park_timeout(Duration::from_millis(2)),
        }
    };
    let [told, said] = [told, said].map(Output::take);
    Ok(Ended { status, told, said })
}

impl Ended {
    /// Its exit code, if it ended with one.
    #[must_use]
    pub fn code(&self) -> Option<u8> {
        let code = self.status?.code()?;
        u8::try_from(code).ok()
    }

    /// How it ended, in words.
    #[must_use]
    pub fn how(&self) -> String {
        let hung = || String::from("it did not end");
        self.status.map_or_else(hung, |status| status.to_string())
    }
}

/// What a child writes, read on a thread of its own: one that writes much does not wait for its parent.
struct Output {
    so_far: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Output {
    fn of(from: Option<impl Read + Send + 'static>) -> Self {
        let so_far = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&so_far);
        let reader = thread::spawn(move || {
            let Some(mut from) = from else { return };
            let mut room = [0; 4096];
            // What was read before an error counts.
            while let Ok(count @ 1..) = from.read(&mut room) {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.extend_from_slice(&room[..count]);
            }
        });
        Self { so_far, reader }
    }

    /// What a child that has ended wrote. A process that it started and left behind may keep the pipe: nobody waits long for that one.
    fn take(self) -> String {
        let ended = Instant::now();
        while !self.reader.is_finished() && ended.elapsed() < LEFT_BEHIND {
            thread::park_timeout(Duration::from_millis(2));
        }
        let bytes = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// How long what a child wrote last may take to arrive.
const LEFT_BEHIND: Duration = Duration::from_secs(1);
