//! Collecting what the client DLL finds about providers: broken contracts, failed starts.

use std::sync::{Arc, Mutex, PoisonError};
use ws2spi_abi::diagnostic::{self, Diagnostic, Sink};

/// The process's findings since it was [installed](Self::install).
#[derive(Debug, Default)]
pub struct Findings(Mutex<Vec<Diagnostic>>);

impl Findings {
    /// Collects from now on, in place of the line on standard error.
    #[must_use]
    pub fn install() -> Arc<Self> {
        let findings = Arc::new(Self::default());
        diagnostic::set_sink(Some(Arc::clone(&findings) as Arc<dyn Sink>));
        findings
    }

    /// What was found so far.
    #[must_use]
    pub fn list(&self) -> Vec<Diagnostic> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What was found so far, which is forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Findings {
    fn report(&self, diagnostic: &Diagnostic) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(diagnostic.clone());
    }
}
