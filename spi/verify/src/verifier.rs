//! `Verifier`: what a program holds to verify its providers.

use crate::checks::Checks;
use crate::finding::Finding;
use std::sync::Arc;
use ws2spi::trace;
use ws2spi_abi::GUID;

/// Which providers are verified. The others are looked at where they are below or above one that is, and never reported.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All but these modules, as the loader names them: `linked:base`, the path of a library.
    AllBut(Vec<String>),
    /// These modules.
    Modules(Vec<String>),
    /// The modules that are started for a catalog entry with one of these ProviderIds.
    Providers(Vec<GUID>),
}

/// Verifies providers as long as it lives, which must be until they have been cleaned up: they hold blocks and callbacks of its own.
pub struct Verifier {
    checks: Arc<Checks>,
}

impl Verifier {
    /// Verifies providers that are loaded from now on: to be called before `WSAStartup`. It takes the place of another observer of
    /// `ws2spi::trace`. At most 16 modules and 32 tables of a process can be watched; what is beyond that goes unverified.
    #[must_use]
    pub fn install(scope: Scope) -> Self {
        let checks = Checks::new(scope);
        trace::set_observer(Some(Arc::clone(&checks) as Arc<dyn trace::Observer>));
        Self { checks }
    }

    /// What was found so far, in the order of the rules. What a provider still owes is found after its last `WSPCleanup`, so this
    /// is best asked when the runtime has been stopped.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.checks.settle();
        self.checks.log.list()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        trace::set_observer(None);
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}
