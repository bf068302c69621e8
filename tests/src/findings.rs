//! What the client DLL finds about providers, one by one as it is reported.

use std::sync::{Arc, Mutex, PoisonError};
use ws2spi_abi::diagnostic::{self, Diagnostic, Sink};

/// The process's findings since they were [installed](Self::install).
#[derive(Debug, Default)]
pub struct Findings(Mutex<Vec<Diagnostic>>);

impl Findings {
    /// Collects from now on, in place of the line on standard error.
    #[must_use]
    pub fn install() -> Arc<Self> {
        let findings = Arc::new(Self::default());
        let sink = Arc::<Self>::clone(&findings);
        diagnostic::set_sink(Some(sink));
        findings
    }

    /// What was found so far, which is forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Findings {
    fn report(&self, diagnostic: &Diagnostic) {
        let mut findings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        findings.push(diagnostic.clone());
    }
}
