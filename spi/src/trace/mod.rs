//! Watching calls: every WSP function of every provider in a chain, and every upcall, with result and duration.
//!
//! Nothing is watched unless a [`Hook`] or an [`Observer`] is set before providers are loaded; then each `WSPStartup` that is found in
//! a module, by our loader or by a layer with `GetProcAddress`, is replaced by one that hands out counting tables ([`interpose`]).
//! Without them no call passes through any of this, so watching costs nothing when it is off.

mod calls;
mod inside;
pub mod interpose;
mod observer;
mod pool;
#[cfg(test)]
mod tests;

pub use calls::{Answer, Procedure, Stored, Upcall};
pub use interpose::is_handed_on;
pub(crate) use observer::complete;
pub use observer::{Completing, Observer, Place, Start, set_observer};

use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ws2spi_abi::ffi::native;

/// Which direction a call went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Direction {
    /// Into the provider: a WSP function.
    Procedure,
    /// Out of the provider: an upcall.
    Upcall,
}

/// One finished call across the table of one provider.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The path of the provider's module.
    pub module: &'a str,
    /// The catalog entry through which the provider was started; of its latest start for upcalls.
    pub entry: u32,
    /// The C name: `WSPSend`, `WPUCreateSocketHandle`.
    pub function: &'static str,
    /// Into the provider or out of it.
    pub direction: Direction,
    /// `None` on success, else the error code the function stored.
    pub error: Option<i32>,
    /// How long it took, calls it made in turn included.
    pub duration: Duration,
}

/// Who watches. Called on the thread of the call, with no lock of ours held; must not call Winsock functions.
pub trait Hook: Send + Sync {
    /// A call begins. The calls of one thread end in the reverse order.
    fn begun(&self, _module: &'static str, _function: &'static str) {}

    /// A call is over.
    fn finished(&self, call: &Call<'_>);
}

static HOOK: RwLock<Option<Arc<dyn Hook>>> = RwLock::new(None);
static IS_SET: AtomicBool = AtomicBool::new(false);

/// Sets the hook, or takes it away with `None`; returns the former one. Providers that are loaded already are not watched; those
/// loaded while a hook was set go on reporting to whatever hook is set.
pub fn set_hook(hook: Option<Arc<dyn Hook>>) -> Option<Arc<dyn Hook>> {
    let mut slot = HOOK.write();
    IS_SET.store(hook.is_some(), Ordering::Release);
    std::mem::replace(&mut *slot, hook)
}

/// The `WSPStartup` to use in place of one found in a module: itself when nobody watches.
#[must_use]
pub fn interposed(module: &str, startup: native::StartupFn) -> native::StartupFn {
    if IS_SET.load(Ordering::Acquire) || observer::is_set() {
        interpose::wrap(module, startup)
    } else {
        startup
    }
}

/// The innermost watched call of the calling thread, as the path of the module whose code runs and the function's C name. Safe to
/// ask in a signal handler: neither locks nor allocates.
#[must_use]
pub fn innermost() -> Option<(&'static str, &'static str)> {
    let call = inside::innermost()?;
    Some((pool::module(call.module)?.path(), call.function))
}

/// The path of a watched module by its number.
#[must_use]
pub fn module_path(number: usize) -> Option<&'static str> {
    Some(pool::module(number)?.path())
}

fn begin(module: &'static str, function: &'static str) {
    let hook = HOOK.read().clone();
    if let Some(hook) = hook {
        hook.begun(module, function);
    }
}

fn report(call: &Call<'_>) {
    let hook = HOOK.read().clone();
    if let Some(hook) = hook {
        hook.finished(call);
    }
}
