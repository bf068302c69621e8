//! Questions that were not answered: before the cases the subject is asked what it has, in processes of their own. One that hangs,
//! crashes or fails is a finding like that of a case.

use super::evidence::{self, Files, LastMoments};
use super::subject::Chain;
use std::path::Path;
use std::time::Duration;
use ws2spi_conformance::supervisor::Unanswered;
use ws2spi_conformance::verdict::Verdict;

/// A question that was not answered.
#[derive(Debug)]
pub(super) struct Question {
    /// What was asked: `for TCP`.
    pub(super) what: String,
    pub(super) verdict: Verdict,
    pub(super) took: Duration,
    pub(super) last_moments: LastMoments,
    /// What the process wrote to its standard error.
    pub(super) said: String,
}

impl Question {
    /// One that was asked of a chain by the supervisor of these orders.
    pub(super) fn of(unanswered: &Unanswered, chain: &Chain, orders: &Path) -> Self {
        let report = &unanswered.report;
        Self {
            what: unanswered.what.clone(),
            verdict: report.verdict.clone(),
            took: report.took,
            last_moments: Files::of(orders, &unanswered.order).last_moments(&report.verdict, chain),
            said: report.said.clone(),
        }
    }

    /// How it ended, where, what the process did last, and what it said.
    pub(super) fn details(&self) -> String {
        evidence::details(&self.verdict, Some(&self.last_moments), &self.said)
    }
}
