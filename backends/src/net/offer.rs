//! A socket on its way to another process.

use std::num::NonZeroU32;

/// A socket that waits to be fetched by one other process, once, with
/// [`Net::fetch`](super::Net::fetch). Made by [`NetSocket::offer`](super::NetSocket::offer).
///
/// The offer holds the socket open by itself. Dropping it withdraws it, unless it was taken.
pub trait Offer: Send + Sync {
    /// What the other process fetches it by: random, with [`FOREIGN`] set.
    fn token(&self) -> NonZeroU32;

    /// Whether it was taken, or the process that it is for has ended.
    fn is_over(&self) -> bool;
}

/// The bit that every token of an offer has, so that others can be told from it.
pub const FOREIGN: u32 = 1 << 31;
