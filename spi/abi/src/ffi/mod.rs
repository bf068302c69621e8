//! Everything that has a calling convention: the two tables, their thunks, and checked calls through tables of others.
//!
//! Rows come from [`procs!`](crate::procs) and [`upcalls!`](crate::upcalls); nothing here is written per function. The client DLL
//! calls providers through [`Procs`] and offers itself through [`UpcallHost`]; a provider in Rust offers itself through
//! [`RawProvider`] and calls the client DLL through [`UpcallProcs`].

#[cfg(all(target_arch = "x86_64", not(windows)))]
pub mod bridge;
pub mod guard;
mod procs;
mod tables;
mod upcalls;

pub use procs::{Failure, Procs, RawProvider};
pub use tables::native;
#[cfg(target_arch = "x86_64")]
pub use tables::win64;
pub use upcalls::{UpcallHost, UpcallProcs};

/// The calling convention in which a caller reached us: function pointers inside its arguments are of the same convention.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Convention {
    /// The platform's C convention.
    Native,
    /// Microsoft's x64 convention.
    #[cfg(target_arch = "x86_64")]
    Win64,
}
