//! What a check came to: of each case, and of all.

use super::evidence::{self, LastMoments};
use super::question::Question;
use super::subject::Chain;
use crate::exit::Exit;
use crate::known::Exception;
use std::time::Duration;
use ws2spi_conformance::Case;
use ws2spi_conformance::supervisor::Report;
use ws2spi_conformance::verdict::Verdict;

/// How a case stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// The sentence holds.
    Passed,
    /// It does not hold, and does on the base alone.
    Differs,
    /// It does not hold, on the base alone neither; or there is nothing above the base.
    Failed,
    /// It does not hold, which was known.
    Known {
        /// Why.
        reason: String,
        /// The word for what it is without that: `differs`, `failed`.
        otherwise: &'static str,
    },
    /// It holds, though it is known not to, for this reason.
    Stale(String),
    /// The process ended otherwise.
    Crashed,
    /// The process did not end in time.
    Hung,
    /// It cannot be checked, with the reason.
    NotApplicable(String),
}

impl Standing {
    /// All that can be counted, in the order of reports.
    pub(super) const WORDS: [&str; 8] = [
        "passed",
        "differs",
        "failed",
        "known",
        "stale",
        "crashed",
        "hung",
        "not applicable",
    ];

    /// How a case stands that came to `verdict`; `on_base` runs it on the base alone, `None` when that is what was checked.
    pub(super) fn of(verdict: &Verdict, on_base: impl FnOnce() -> Option<Verdict>) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::NotApplicable(reason) => Self::NotApplicable(reason.clone()),
            Verdict::Crashed(_) => Self::Crashed,
            Verdict::Hung(_) => Self::Hung,
            Verdict::Failed(_) if on_base() == Some(Verdict::Passed) => Self::Differs,
            Verdict::Failed(_) => Self::Failed,
        }
    }

    /// How it stands in view of a known difference.
    pub(super) fn given(self, exception: &Exception) -> Self {
        match self {
            Self::Differs | Self::Failed => Self::Known {
                reason: exception.because(),
                otherwise: self.word(),
            },
            // One case of a module may well pass.
            Self::Passed if exception.is_about_one() => Self::Stale(exception.because()),
            other => other,
        }
    }

    /// Whether the process ended before the case was over.
    pub(super) const fn is_early_end(&self) -> bool {
        matches!(self, Self::Crashed | Self::Hung)
    }

    /// The word for what was seen, whatever was known: [`word`](Self::word) but for [`Known`](Self::Known) and [`Stale`](Self::Stale).
    pub(super) const fn seen(&self) -> &'static str {
        match self {
            Self::Known { otherwise, .. } => otherwise,
            Self::Stale(_) => Self::Passed.word(),
            _ => self.word(),
        }
    }

    /// The word in reports, one of [`WORDS`](Self::WORDS).
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Differs => "differs",
            Self::Failed => "failed",
            Self::Known { .. } => "known",
            Self::Stale(_) => "stale",
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::NotApplicable(_) => "not applicable",
        }
    }
}

/// A case that was checked.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) case: &'static Case,
    pub(super) standing: Standing,
    pub(super) report: Report,
    /// Of a case that crashed or hung.
    pub(super) last_moments: Option<LastMoments>,
    /// The rules for providers that were broken meanwhile, as `ws2spi_verify::Finding` is written.
    pub(super) broken_rules: Vec<serde_json::Value>,
}

impl Checked {
    /// Whether it is the providers' fault that the check fails.
    pub(super) fn is_bad(&self) -> bool {
        matches!(self.standing, Standing::Differs | Standing::Stale(_))
            || self.standing.is_early_end()
            || !self.broken_rules.is_empty()
    }

    /// What is to be said of a case that did not pass.
    pub(super) fn details(&self) -> String {
        match &self.standing {
            Standing::Known { reason, .. } => {
                return format!("{reason}\n{}", self.report.said.trim());
            }
            Standing::Stale(reason) => {
                return format!("passes, although it is known that {reason}");
            }
            _ => {}
        }
        let report = &self.report;
        evidence::details(&report.verdict, self.last_moments.as_ref(), &report.said)
    }
}

/// All of a check.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) chain: Chain,
    /// What the subject was asked and did not answer; when it did not even start, there are no rows.
    pub(super) questions: Vec<Question>,
    pub(super) rows: Vec<Checked>,
    pub(super) elapsed: Duration,
    pub(super) strict: bool,
}

impl Summary {
    /// How many cases stand so.
    pub(super) fn count(&self, word: &str) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row.standing.word() == word).count()
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        let failed = |row: &Checked| row.standing == Standing::Failed;
        let counts_failed = self.strict || self.chain.below().is_none();
        let is_bad = |row: &Checked| row.is_bad() || (counts_failed && failed(row));
        if !self.questions.is_empty() || self.rows.iter().any(is_bad) {
            Exit::Failed
        } else {
            Exit::Passed
        }
    }

    /// The broken rules of all cases, each rule and place once, with the cases.
    pub(super) fn broken_rules(&self) -> Vec<BrokenRule<'_>> {
        let mut all: Vec<BrokenRule<'_>> = Vec::new();
        for row in &self.rows {
            for finding in &row.broken_rules {
                let place = BrokenRule::place(finding);
                match all.iter_mut().find(|known| known.place == place) {
                    Some(known) => known.cases.push(row.case),
                    None => all.push(BrokenRule {
                        place,
                        finding,
                        cases: vec![row.case],
                    }),
                }
            }
        }
        all.sort_by_key(|broken| broken.place.clone());
        all
    }
}

/// A rule that was broken at one place of a provider's code, in some cases.
pub(super) struct BrokenRule<'a> {
    /// Rule, provider, function, frames.
    place: [String; 4],
    pub(super) finding: &'a serde_json::Value,
    pub(super) cases: Vec<&'static Case>,
}

impl BrokenRule<'_> {
    fn place(finding: &serde_json::Value) -> [String; 4] {
        ["rule", "provider", "function", "stack"].map(|part| finding[part].to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Verdict {
        Verdict::Failed(String::from("why"))
    }

    #[test]
    fn what_the_base_passes_alone_differs() {
        let of = |base| Standing::of(&failed(), || base);
        assert_eq!(of(Some(Verdict::Passed)), Standing::Differs);
        assert_eq!(of(Some(failed())), Standing::Failed);
        assert_eq!(of(None), Standing::Failed);
    }

    #[test]
    fn a_known_difference_is_one_and_stale_when_its_case_passes() {
        let exception = |test: &str| Exception {
            test: test.to_owned(),
            configurations: Vec::new(),
            reason: String::from("why"),
            source: String::new(),
        };
        let (one, all) = (exception("names::one"), exception("names::*"));
        let why = || String::from("why");
        for (standing, exception) in [(Standing::Differs, &one), (Standing::Failed, &all)] {
            let otherwise = standing.word();
            let known = standing.given(exception);
            let reason = why();
            assert_eq!(known, Standing::Known { reason, otherwise });
            assert_eq!((known.word(), known.seen()), ("known", otherwise));
        }
        let stale = Standing::Passed.given(&one);
        assert_eq!(stale.seen(), "passed");
        assert_eq!(stale, Standing::Stale(why()));
        assert_eq!(Standing::Passed.given(&all), Standing::Passed);
        assert_eq!(Standing::Crashed.given(&one), Standing::Crashed);
    }

    #[test]
    fn the_base_is_not_asked_about_what_passes() {
        let not_asked = || unreachable!("nobody needs to know");
        assert_eq!(Standing::of(&Verdict::Passed, not_asked), Standing::Passed);
        let hung = Verdict::Hung(Duration::from_secs(1));
        assert_eq!(Standing::of(&hung, not_asked), Standing::Hung);
    }
}
