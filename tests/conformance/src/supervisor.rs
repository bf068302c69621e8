//! Cases in processes of their own, with a time limit: a hang or a crash is a finding like any other.
//!
//! A child is the same program with the same arguments and an [`ORDER`] in its environment: a program calls [`serve_if_asked`] as soon
//! as it has said what its subject is. Which needs the subject does not meet is asked once, of a child of its own, and of one more behind
//! each question that is not answered: a case that needs a process in which nothing was started cannot ask itself.

use crate::case::{Case, Outcome, Process};
use crate::child::{self, Ended};
use crate::need::{Lack, Need};
use crate::verdict::{FAILED, NOT_APPLICABLE, PASSED, UNKNOWN, Verdict};
use crate::{cases, partner, subject, wait};
use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fmt};

/// Says in the environment of a child what it is to do: the name of a case, or [`NEEDS`].
const ORDER: &str = "WS2SPI_CONFORMANCE_CASE";
/// What begins the order that asks for the needs, from the one of this number on.
const NEEDS: &str = "needs?";
/// What stands before the reason in what a child tells.
const REASON: &str = "not applicable: ";
/// What a child tells before it asks for the need of that number.
const ASKING: &str = "\x01asking for need\x02 ";
/// What a child tells when there is not what it asked for, with the reason.
const LACKING: &str = "\x01lacking\x02 ";
/// What a child tells that did all it was to do, or whose case passed: a provider may end the process with any exit code.
const OVER: &str = "\x01the case is over\x02";

/// One who runs cases, each in a process of its own.
#[derive(Clone, Debug)]
pub struct Supervisor {
    arguments: Vec<OsString>,
    limit: Duration,
    /// How long bodies wait for what does not come, in seconds.
    patience: Option<u64>,
    lacks: Vec<Lack>,
    unanswered: Vec<Unanswered>,
}

/// How a case went.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it came to.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
    /// What the process wrote to its standard output.
    told: String,
    /// What the process wrote to its standard error.
    pub said: String,
}

impl Report {
    /// One of a process that came to this, and said that.
    #[must_use]
    pub const fn of(verdict: Verdict, took: Duration, said: String) -> Self {
        Self {
            verdict,
            took,
            told: String::new(),
            said,
        }
    }
}

/// A question that the subject did not answer: the process that asked it hung, crashed or failed.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// What was asked: `for windows`.
    pub what: String,
    /// The order that the process had, as [`asked_for`] told it.
    pub order: String,
    /// How it went.
    pub report: Report,
}

/// The subject could not be started.
#[derive(Debug)]
pub enum Unusable {
    /// It said why.
    Refused(String),
    /// The process hung or crashed.
    Unanswered(Box<Unanswered>),
}

impl fmt::Display for Unusable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => to.write_str(why),
            Self::Unanswered(question) => {
                write!(to, "{}: {}", question.what, question.report.verdict)
            }
        }
    }
}

impl std::error::Error for Unusable {}

impl Supervisor {
    /// One whose children get these arguments, and as much time for each case. Asks now what the subject lacks: a question that it does
    /// not answer in that time, or at which it crashes, is one of the [unanswered](Self::unanswered), and what it is about counts as
    /// lacking.
    ///
    /// # Errors
    /// What the child said that could not start the subject, or how it ended.
    pub fn new(
        arguments: impl IntoIterator<Item = OsString>,
        limit: Duration,
    ) -> Result<Self, Unusable> {
        let mut supervisor = Self {
            arguments: arguments.into_iter().collect(),
            limit,
            patience: None,
            lacks: Vec::new(),
            unanswered: Vec::new(),
        };
        let mut next = 0;
        while next < Need::ALL.len() {
            next = supervisor.ask_from(next)?;
        }
        Ok(supervisor)
    }

    /// Has a child ask for all needs from this one on; the number of the first that was not asked for.
    fn ask_from(&mut self, first: usize) -> Result<usize, Unusable> {
        let order = format!("{NEEDS}{first}");
        let report = self.report(&order, self.limit);
        let mut asked = None;
        for line in report.told.lines() {
            // A provider may have written before it.
            if let Some((_, number)) = line.split_once(ASKING) {
                asked = number.parse::<usize>().ok().filter(|it| *it >= first);
            } else if let Some((_, reason)) = line.split_once(LACKING)
                && let Some(need) = asked.and_then(|number| Need::ALL.get(number))
            {
                let reason = reason.to_owned();
                self.lacks.push(Lack {
                    need: *need,
                    reason,
                });
            }
        }
        let question = |what| Unanswered {
            what,
            order: order.clone(),
            report: report.clone(),
        };
        let need = asked.and_then(|number| Some((number, *Need::ALL.get(number)?)));
        match (need, &report.verdict) {
            (_, Verdict::Passed) => Ok(Need::ALL.len()),
            (Some((number, need)), verdict) => {
                let reason = format!("asking for it {}", verdict.word());
                self.lacks.push(Lack { need, reason });
                self.unanswered
                    .push(question(format!("for {}", need.name())));
                Ok(number + 1)
            }
            (None, Verdict::Failed(why) | Verdict::NotApplicable(why)) => {
                Err(Unusable::Refused(why.clone()))
            }
            (None, _) => {
                let what = String::from("the subject to start");
                Err(Unusable::Unanswered(Box::new(question(what))))
            }
        }
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
    pub fn lacks(&self) -> &[Lack] {
        &self.lacks
    }

    /// The questions that the subject did not answer.
    #[must_use]
    pub fn unanswered(&self) -> &[Unanswered] {
        &self.unanswered
    }

    /// The first need of a case that the subject, the machine or the process does not meet.
    #[must_use]
    pub fn lacking(&self, case: &Case) -> Option<&Lack> {
        let mut needs = case.needs.iter();
        needs.find_map(|need| self.lacks.iter().find(|lack| lack.need == *need))
    }

    /// Runs a case. Blocks until it is over, for the time limit at most, or that of the case itself when it is shorter. Several threads may do so at once.
    #[must_use]
    pub fn run(&self, case: &Case) -> Report {
        match self.lacking(case) {
            None => self.report(&case.name(), case.limit(self.limit)),
            Some(lack) => {
                let verdict = Verdict::NotApplicable(lack.to_string());
                Report::of(verdict, Duration::ZERO, String::new())
            }
        }
    }

    /// How a child went that had this order.
    fn report(&self, order: &str, limit: Duration) -> Report {
        let began = Instant::now();
        match self.order(order, limit) {
            Ok(ended) => Report {
                verdict: judge(&ended, limit),
                took: began.elapsed(),
                told: ended.told,
                said: ended.said,
            },
            Err(error) => {
                let verdict = Verdict::Crashed(error.to_string());
                Report::of(verdict, began.elapsed(), String::new())
            }
        }
    }

    /// Has a child do what is ordered.
    fn order(&self, order: &str, limit: Duration) -> io::Result<Ended> {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(&self.arguments)
            .env(ORDER, order)
            .env("RUST_BACKTRACE", "0");
        if let Some(seconds) = self.patience {
            command.env(wait::PATIENCE_VARIABLE, seconds.to_string());
        }
        child::run(&mut command, limit)
    }
}

/// What the end of a child means.
fn judge(ended: &Ended, limit: Duration) -> Verdict {
    let said = || ended.said.trim_end().to_owned();
    match ended.code() {
        _ if ended.status.is_none() => Verdict::Hung(limit),
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

/// In a child of a [`Supervisor`], its order: the name of a case, or a question.
#[must_use]
pub fn asked_for() -> Option<String> {
    let order = env::var(ORDER).ok();
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
    if let Some(first) = order.strip_prefix(NEEDS) {
        subject::start_once();
        let first = first.parse().unwrap_or_default();
        for (number, need) in Need::ALL.into_iter().enumerate().skip(first) {
            println!("{ASKING}{number}");
            if let Some(lack) = need.lack() {
                println!("{LACKING}{}", lack.reason);
            }
        }
        println!("{OVER}");
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
