//! Findings about providers: who broke the contract, in which function, and how.
//!
//! A faulty provider gives the application an error code; the person who debugs it needs a sentence. The client DLL, the thunks and
//! the layers report here; there is one sink in the process, by default a line on standard error.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// One finding about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The provider's name or path, as the catalog has it.
    pub provider: String,
    /// The C name of the function in which it happened.
    pub function: &'static str,
    /// What happened, one sentence.
    pub what: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.provider, self.function, self.what)
    }
}

/// Where findings go. Called on the thread on which the finding arose, with no lock of ours held.
pub trait Sink: Send + Sync {
    /// Takes one finding.
    fn report(&self, diagnostic: &Diagnostic);
}

static SINK: RwLock<Option<Arc<dyn Sink>>> = RwLock::new(None);

/// Replaces the process's sink; `None` restores the line on standard error. Returns the former one.
pub fn set_sink(sink: Option<Arc<dyn Sink>>) -> Option<Arc<dyn Sink>> {
    let mut slot = SINK.write().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut slot, sink)
}

/// Reports a finding to the process's sink.
pub fn report(diagnostic: &Diagnostic) {
    let sink = SINK.read().unwrap_or_else(PoisonError::into_inner).clone();
    match sink {
        Some(sink) => sink.report(diagnostic),
        None => eprintln!("ws2spi: {diagnostic}"),
    }
}
