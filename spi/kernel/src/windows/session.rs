//! State that processes share: here the system's own objects do.

/// There is none of ours.
#[derive(Debug)]
pub enum Shared {}
