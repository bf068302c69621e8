//! What providers are called for, and what they call: the trace of the client DLL, kept.

use std::sync::{Arc, Mutex, PoisonError};
use ws2spi::trace::{self, Call, Direction, Hook};

/// One finished call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The path of the provider's module.
    pub module: String,
    /// The catalog entry through which the provider was started.
    pub entry: u32,
    /// The C name.
    pub function: &'static str,
    /// Whether the provider was called, or called.
    pub direction: Direction,
    /// `None` on success.
    pub error: Option<i32>,
}

/// The calls since the watch began. Providers that are loaded already are not seen.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Vec<Seen>>);

impl Watch {
    /// Watches from now on.
    #[must_use]
    pub fn begin() -> Arc<Self> {
        let watch = Arc::new(Self::default());
        let hook = Arc::<Self>::clone(&watch);
        trace::set_hook(Some(hook));
        watch
    }

    /// What was seen so far, which is forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The modules in which a function was called since the last time somebody asked, without their folders.
    #[must_use]
    pub fn modules_of(&self, function: &str) -> Vec<String> {
        let seen = self.take().into_iter();
        let calls = seen.filter(|call| call.function == function);
        calls
            .map(|call| match call.module.rsplit_once('/') {
                Some((_, file)) => file.to_owned(),
                None => call.module,
            })
            .collect()
    }
}

impl Hook for Watch {
    fn finished(&self, call: &Call<'_>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(Seen {
            module: call.module.to_owned(),
            entry: call.entry,
            function: call.function,
            direction: call.direction,
            error: call.error,
        });
    }
}
