//! Bad input through the exported functions: what an application gets for it, and that nothing crashes, hangs or leaks.
//!
//! [`random`] calls every export with random arguments, [`handles`] every function of a socket with what is no socket.

mod handles;
mod random;
