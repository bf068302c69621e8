//! The blocking hook of the program, which a provider runs while it waits: for V023.
//!
//! A provider that asks for the hook gets a function of the verifier's, which runs the program's as a callback of it.

use crate::checks::Checks;
use crate::memory;
use crate::nest;
use crate::reentry::Holdable;
use parking_lot::Mutex;
use std::sync::Weak;
use ws2spi_abi::{BOOL, RawCallback};

/// A hook, as the program has it.
struct Hook {
    hook: RawCallback,
    context: usize,
    checks: Weak<Checks>,
}

/// All hooks that were handed out: as many as the program and the client DLL have. What providers pass back is the place in it.
static HOOKS: Mutex<Vec<Hook>> = Mutex::new(Vec::new());

impl Checks {
    /// Exchanges the hook that WPUQueryBlockingCallback has stored.
    pub(crate) fn exchange_hook(&self, hook: *mut RawCallback, context: *mut usize) {
        // SAFETY: the provider's contract (WPUQueryBlockingCallback), which succeeded: it has stored a hook.
        let Some(found) = (unsafe { memory::read(hook.cast_const()) }) else {
            return;
        };
        // SAFETY: as above, for the context.
        let Some(its_context) = (unsafe { memory::read(context.cast_const()) }) else {
            return;
        };
        if found.is_null() {
            return;
        }
        let place = {
            let mut hooks = HOOKS.lock();
            let known = hooks.iter().position(|known| {
                known.hook == found
                    && known.context == its_context
                    && Weak::ptr_eq(&known.checks, &self.me)
            });
            known.unwrap_or_else(|| {
                hooks.push(Hook {
                    hook: found,
                    context: its_context,
                    checks: Weak::clone(&self.me),
                });
                hooks.len() - 1
            })
        };
        let ours = RawCallback::from_raw(run as *const () as usize);
        // SAFETY: the provider's contract: not null, so it is writable.
        unsafe { hook.write_unaligned(ours) };
        // SAFETY: as above.
        unsafe { context.write_unaligned(place) };
    }
}

type Function = unsafe extern "system" fn(usize) -> BOOL;

/// The hook that providers get.
///
/// # Safety
/// As a blocking hook; the context came with it.
unsafe extern "system" fn run(context: usize) -> BOOL {
    let found = {
        let hooks = HOOKS.lock();
        let hook = hooks.get(context);
        hook.map(|hook| (hook.hook, hook.context, hook.checks.upgrade()))
    };
    let Some((hook, context, checks)) = found else {
        return 0;
    };
    // SAFETY: the address that the client DLL answered with as the hook.
    let hook = unsafe { std::mem::transmute::<usize, Function>(hook.as_raw()) };
    let call = || {
        // SAFETY: the hook with its own context, while the provider waits.
        unsafe { hook(context) }
    };
    match checks {
        Some(checks) => checks.call_back(Holdable::innermost(), "the blocking hook", call),
        None => nest::in_application(call),
    }
}
