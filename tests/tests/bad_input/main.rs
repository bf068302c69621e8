//! Bad input through the exported functions: what an application gets for it, and that nothing crashes, hangs or leaks.
//!
//! [`random`] calls every export with random arguments, [`handles`] every function of a socket with what is no socket, [`faults`] each
//! with NULL and short lengths, alone and together with other mistakes, [`alignment`] with structures at odd addresses.

mod alignment;
mod faults;
mod handles;
mod random;
