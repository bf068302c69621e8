//! What happens when something runs out, or is larger than usual. Each test has a process of its own.

mod backlog;
mod descriptors;
mod gigabyte;
mod handles;
mod idle_receives;
mod many_events;
mod pages;
mod threads;

use ws2spi_tests::allocated::Counting;

#[global_allocator]
static COUNTING: Counting = Counting;
