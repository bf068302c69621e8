//! What happens when something runs out, or is larger than usual. Each test has a process of its own.

mod descriptors;
mod handles;
mod threads;
