//! Desktop or Windows CE: a switch of the runtime (client-dll.md section 2).
//!
//! The tables keep their layout and all their slots (U88); under the Windows CE profile seven upcalls fail.

use std::sync::atomic::{AtomicBool, Ordering};

/// Which Windows the upcalls follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Windows on the desktop: all 15 upcalls.
    Desktop,
    /// Windows CE and Windows Mobile: eight upcalls, the others fail.
    WindowsCe,
}

static WINDOWS_CE: AtomicBool = AtomicBool::new(false);

/// The profile in force.
#[must_use]
pub fn profile() -> Profile {
    if WINDOWS_CE.load(Ordering::Relaxed) {
        Profile::WindowsCe
    } else {
        Profile::Desktop
    }
}

/// Replaces the profile, for all providers, from their next upcall on.
pub fn set_profile(profile: Profile) {
    WINDOWS_CE.store(profile == Profile::WindowsCe, Ordering::Relaxed);
}
