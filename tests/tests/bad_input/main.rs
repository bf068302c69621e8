//! Bad input through the exported functions: what an application gets for it, and that nothing crashes, hangs or leaks.
//!
//! [`random`] calls every export with random arguments.

mod random;
