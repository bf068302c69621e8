//! From a socket to its provider's function and back.
//!
//! [`call`] is the way of every API function on a socket: started? then pin the handle's slot, then the provider's function with no
//! lock held, then the judgement of what it answered. That is one load, one pin and no allocation. The pin keeps association,
//! instance and module alive until the call is over (U38, U39). Order of errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, then the
//! provider's (client-dll.md 5.2).
//!
//! Relies on `process`, `association` and `loader`; the API functions call it.

mod judge;
mod probe;
mod target;
#[cfg(test)]
mod tests;

pub use judge::{count_within, judge, sockets_within, too_long, unjudged, zero};
pub use target::{
    Target, call, call_known, call_provider, is_known, require_idle, with_association, with_target,
};
