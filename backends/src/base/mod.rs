//! The base provider: Winsock sockets over a [`Net`](crate::net::Net).
//!
//! What it relies on: the network seam for mechanisms, the kernel role for handles and threads, the
//! upcalls for the client DLL. Who calls it: the client DLL, through the 30 entries of [`Base`].
//!
//! ```text
//! provider ── stack ── create, duplicate, registry (names), worker (what goes on behind)
//!                └── socket ── status (1.31), bind, listen, connect, accept, plain, receive,
//!                              transmit, requests (overlapped), shutdown, close, names, options,
//!                              wait (how a call blocks)
//! ```
//!
//! Pure state machines, tested alone: `status`, `sharing`, `backlog`, `urgent`, `text`, `create`.
//! Numbers such as P42 and sections such as 1.31 cite the reference of this provider's behaviour.

#![deny(unsafe_code)]

mod accept;
mod backlog;
mod bind;
mod broadcast;
mod catalog;
mod close;
mod connect;
mod create;
mod disconnect;
mod duplicate;
mod extension;
mod file;
mod host_watch;
mod ioctl;
mod leaf;
mod listen;
mod luggage;
mod message;
#[cfg(all(test, ws2spi_shuttle))]
mod models;
mod names;
mod network_events;
mod options;
mod overlapped_result;
mod plain;
mod poll;
mod provider;
mod readiness;
mod receive;
mod registry;
mod requests;
mod select;
mod several;
mod sharing;
mod shutdown;
mod socket;
mod stack;
mod status;
mod text;
mod transmission;
mod transmit;
mod urgent;
mod wait;
mod waiters;
mod work;
mod worker;

pub use catalog::catalog_entries;
pub use provider::Base;
pub use provider::entry;
pub use provider::socket_fd;
