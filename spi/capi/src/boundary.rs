//! What is particular to this library's side of the boundary to C: what every row of [`table`](crate::table) runs in, and what has to
//! be done before the first use of the catalog. The rows themselves are also those of the DLL for Wine, which has another such file.

pub use crate::base::install as prepare;

/// Runs the body of an exported function.
#[inline]
pub fn enter<R>(body: impl FnOnce() -> R) -> R {
    body()
}
