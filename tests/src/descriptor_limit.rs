//! How many descriptors the process may have: systems start programs with few.

use std::mem::zeroed;

/// Raises the limit of this process to `count` where it is less.
///
/// # Panics
/// When the system does not allow as many.
pub fn demand(count: u64) {
    // SAFETY: a C structure of numbers: all zeroes is a value.
    let mut limit: libc::rlimit = unsafe { zeroed() };
    // SAFETY: a live local.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    assert_eq!(known, 0, "the system tells the limit");
    if limit.rlim_cur >= count {
        return;
    }
    assert!(
        limit.rlim_max >= count,
        "{count} descriptors are needed and {} allowed: raise the limit (ulimit -Hn)",
        limit.rlim_max
    );
    limit.rlim_cur = count;
    // SAFETY: a live local.
    let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(raised, 0, "the limit can be raised to {count}");
}
