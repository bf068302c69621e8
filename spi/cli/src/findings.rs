//! Collecting what the client DLL finds about providers: broken contracts, failed starts.
//!
//! A provider that breaks a contract usually does it at every call, so equal findings are counted,
//! and of those that differ in their details only so many are kept apart. What a provider says to a
//! debugger breaks nothing; it goes to standard error.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use ws2spi_abi::diagnostic::{self, Diagnostic, Sink};

/// A finding, and how often it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// How often.
    pub times: u64,
}

/// The process's findings since it was [installed](Self::install).
#[derive(Debug, Default)]
pub struct Findings(Mutex<Vec<Finding>>);

impl Findings {
    /// Collects from now on, in place of the line on standard error.
    #[must_use]
    pub fn install() -> Arc<Self> {
        let findings = Arc::new(Self::default());
        diagnostic::set_sink(Some(Arc::clone(&findings) as Arc<dyn Sink>));
        findings
    }

    /// What was found so far, in the order of its first time.
    #[must_use]
    pub fn list(&self) -> Vec<Finding> {
        self.lock().clone()
    }

    /// What was found so far, which is forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Finding> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Finding>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Findings {
    fn report(&self, diagnostic: &Diagnostic) {
        if diagnostic.function.starts_with(DEBUG_TEXT) {
            // Nobody may be there to read it.
            let _ = writeln!(io::stderr(), "{}: {}", diagnostic.provider, diagnostic.what);
            return;
        }
        let mut findings = self.lock();
        let mut diagnostic = diagnostic.clone();
        let known = findings.iter().any(|known| known.diagnostic == diagnostic);
        if !known && findings.len() >= KEPT_APART {
            diagnostic.what = String::from("more findings, with other details");
        }
        match findings
            .iter_mut()
            .find(|known| known.diagnostic == diagnostic)
        {
            Some(known) => known.times += 1,
            None => findings.push(Finding {
                diagnostic,
                times: 1,
            }),
        }
    }
}

/// How the functions begin that give text to debuggers.
const DEBUG_TEXT: &str = "OutputDebugString";
/// How many different findings are kept as they are.
const KEPT_APART: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(what: &str) -> Diagnostic {
        Diagnostic {
            provider: String::from("a.so"),
            function: "WSPSend",
            what: what.to_owned(),
        }
    }

    #[test]
    fn text_for_debuggers_is_no_finding() {
        let findings = Findings::default();
        findings.report(&Diagnostic {
            function: "OutputDebugStringW",
            ..finding("WSPStartup")
        });
        assert_eq!(findings.list(), []);
    }

    #[test]
    fn equal_findings_are_counted() {
        let findings = Findings::default();
        for what in ["one", "other", "one"] {
            findings.report(&finding(what));
        }
        let times: Vec<u64> = findings
            .take()
            .iter()
            .map(|finding| finding.times)
            .collect();
        assert_eq!(times, [2, 1]);
        assert_eq!(findings.list(), []);
    }

    #[test]
    fn findings_that_all_differ_do_not_grow_without_end() {
        let findings = Findings::default();
        for number in 0..10_000 {
            findings.report(&finding(&number.to_string()));
        }
        let list = findings.list();
        assert_eq!(list.len(), KEPT_APART + 1);
        assert_eq!(
            list.iter().map(|finding| finding.times).sum::<u64>(),
            10_000
        );
    }
}
