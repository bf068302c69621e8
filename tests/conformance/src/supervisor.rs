//! Cases in processes of their own, with a time limit: a hang or a crash is a finding like any other.
//!
//! A child is the same program with the same arguments and an [`ORDER`] in its environment: a program calls [`serve_if_asked`] as soon
//! as it has said what its subject is. Which needs the subject does not meet is asked once, of a child of its own: a case that needs a
//! process in which nothing was started cannot ask itself.

use crate::case::{Case, Outcome, Process};
use crate::need::Need;
use crate::verdict::{FAILED, NOT_APPLICABLE, PASSED, UNKNOWN, Verdict};
use crate::{cases, partner, processes, subject, wait};
use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{env, fmt};

/// Says in the environment of a child what it is to do: the name of a case, or [`NEEDS`].
const ORDER: &str = "WS2SPI_CONFORMANCE_CASE";
/// The order that asks for the needs that are not met.
const NEEDS: &str = "needs?";
/// What stands before the reason in what a child tells.
const REASON: &str = "not applicable: ";
/// What a child tells whose case passed: a provider may end the process with any exit code.
const OVER: &str = "\x01the case is over\x02";

/// One who runs cases, each in a process of its own.
#[derive(Clone, Debug)]
pub struct Supervisor {
    arguments: Vec<OsString>,
    limit: Duration,
    /// How long bodies wait for what does not come, in seconds.
    patience: Option<u64>,
    unmet: Vec<Need>,
}

/// How a case went.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it came to.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
    /// What the process wrote to its standard error.
    pub said: String,
}

/// The subject could not be started.
#[derive(Debug)]
pub struct Unusable(String);

impl fmt::Display for Unusable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

impl Supervisor {
    /// One whose children get these arguments, and as much time for each case. Asks now what the subject lacks.
    ///
    /// # Errors
    /// What the child said that could not start the subject.
    pub fn new(
        arguments: impl IntoIterator<Item = OsString>,
        limit: Duration,
    ) -> Result<Self, Unusable> {
        let mut supervisor = Self {
            arguments: arguments.into_iter().collect(),
            limit,
            patience: None,
            unmet: Vec::new(),
        };
        let ended = supervisor.order(NEEDS);
        let ended = ended.map_err(|error| Unusable(error.to_string()))?;
        if ended.code() != Some(PASSED) {
            return Err(Unusable(format!("{}\n{}", ended.how(), ended.said)));
        }
        let lacks = |need: &Need| ended.told.lines().any(|line| line == need.name());
        supervisor.unmet = Need::ALL.into_iter().filter(lacks).collect();
        Ok(supervisor)
    }

    /// One like this for cases that are known to fail: bodies wait so many seconds for what does not come
    /// ([`wait::patience`]), and a case may take as long as `limit`.
    #[must_use]
    pub fn hurried(&self, seconds: u64, limit: Duration) -> Self {
        Self {
            limit,
            patience: Some(seconds),
            ..self.clone()
        }
    }

    /// What the subject, the machine or the process lacks.
    #[must_use]
    pub fn unmet(&self) -> &[Need] {
        &self.unmet
    }

    /// The first need of a case that the subject, the machine or the process does not meet.
    #[must_use]
    pub fn lacking(&self, case: &Case) -> Option<Need> {
        let mut needs = case.needs.iter().copied();
        needs.find(|need| self.unmet.contains(need))
    }

    /// Runs a case. Blocks until it is over, for the time limit at most. Several threads may do so at once.
    #[must_use]
    pub fn run(&self, case: &Case) -> Report {
        let began = Instant::now();
        let (verdict, said) = match (self.lacking(case), || self.order(&case.name())) {
            (Some(need), _) => {
                let reason = format!("it needs {}", need.name());
                (Verdict::NotApplicable(reason), String::new())
            }
            (None, order) => match order() {
                Ok(ended) => (self.judge(&ended), ended.said),
                Err(error) => (Verdict::Crashed(error.to_string()), String::new()),
            },
        };
        Report {
            verdict,
            took: began.elapsed(),
            said,
        }
    }

    fn judge(&self, ended: &Ended) -> Verdict {
        let said = || ended.said.trim_end().to_owned();
        match ended.code() {
            _ if ended.status.is_none() => Verdict::Hung(self.limit),
            Some(PASSED) if ended.told.contains(OVER) => Verdict::Passed,
            Some(NOT_APPLICABLE) => {
                let mut lines = ended.told.lines().rev();
                let reason = lines.find_map(|line| line.strip_prefix(REASON));
                Verdict::NotApplicable(reason.unwrap_or_default().to_owned())
            }
            Some(FAILED) => Verdict::Failed(said()),
            _ => Verdict::Crashed(format!("{}\n{}", ended.how(), said())),
        }
    }

    /// Starts a child and waits until it has ended, or kills it when it takes too long.
    fn order(&self, order: &str) -> io::Result<Ended> {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(&self.arguments)
            .env(ORDER, order)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(seconds) = self.patience {
            command.env(wait::PATIENCE_VARIABLE, seconds.to_string());
        }
        let mut child = processes::start(&mut command)?;
        let (told, said) = (
            Output::of(child.stdout.take()),
            Output::of(child.stderr.take()),
        );
        let began = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if began.elapsed() > self.limit => {
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
}

/// How a child ended, and what it wrote.
struct Ended {
    /// `None` for one that hung.
    status: Option<ExitStatus>,
    told: String,
    said: String,
}

impl Ended {
    fn code(&self) -> Option<u8> {
        let code = self.status?.code()?;
        u8::try_from(code).ok()
    }

    fn how(&self) -> String {
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

/// In a child of a [`Supervisor`] that was asked for a case, its name.
#[must_use]
pub fn asked_for() -> Option<String> {
    let order = env::var(ORDER).ok().filter(|order| order != NEEDS);
    order.filter(|_| !partner::is_one())
}

/// In a child of a [`Supervisor`], or a [partner], does what is asked and returns the exit code of the process; in any other process
/// does nothing.
#[must_use]
pub fn serve_if_asked() -> Option<ExitCode> {
    if partner::serve_if_one() {
        return Some(ExitCode::SUCCESS);
    }
    let order = env::var(ORDER).ok()?;
    if order == NEEDS {
        subject::start_once();
        for need in Need::ALL.into_iter().filter(|need| !need.is_met()) {
            println!("{}", need.name());
        }
        return Some(ExitCode::SUCCESS);
    }
    let case = cases::find(&order);
    Some(case.map_or(ExitCode::from(UNKNOWN), serve))
}

/// Runs a case in this process, in which nothing else was run: the exit code of the process. What the body says when it fails has gone
/// to the standard error by then.
#[must_use]
pub fn serve(case: &Case) -> ExitCode {
    if case.process == Process::Shared {
        subject::start_once();
    }
    match case.run() {
        Ok(Outcome::Passed) => {
            println!("{OVER}");
            PASSED.into()
        }
        Ok(Outcome::NotApplicable(reason)) => {
            println!("{REASON}{reason}");
            NOT_APPLICABLE.into()
        }
        Err(_) => FAILED.into(),
    }
}
