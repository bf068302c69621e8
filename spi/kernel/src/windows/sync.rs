//! The atomics that files shared with other systems take from here.

pub(crate) use std::sync::atomic::AtomicU32;
pub(crate) use std::sync::atomic::Ordering;
