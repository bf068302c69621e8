//! The conformance suite: what programs expect of Winsock, as [cases](mod@cases) that any implementation of it can be put through.
//!
//! A [`Case`] is one sentence about the Winsock API with the [assertions] it stands on, what it [needs](Need), and a body that speaks
//! the API through its C names ([`winsock`]), with [`Socket`] as a safe face. The crate has no implementation of that API: it links to
//! the one that the program brings which runs the cases, `ws2_32.dll` on Windows. What differs between implementations apart from the
//! API itself is the [`Subject`](subject::Subject)'s, which the program says first.
//!
//! The other modules are what bodies are written with: sockets, operations, ports, notices, waiting.

pub mod accepting;
pub mod apc;
pub mod assertions;
pub mod blocked;
pub mod case;
pub mod cases;
pub mod child;
pub mod controls;
pub mod expectations;
pub mod extended;
pub mod extensions;
pub mod host;
pub mod messages;
pub mod need;
pub mod notices;
pub mod overlapped;
pub mod own_network;
pub mod partner;
pub mod port;
pub mod ports;
mod probes;
pub mod processes;
pub mod readiness;
pub mod receiving;
pub mod scratch;
pub mod sending;
pub mod sets;
pub mod socket;
pub mod subject;
pub mod supervisor;
pub mod text;
pub mod transmissions;
pub mod transmitted;
pub mod unanswered;
pub mod values;
pub mod verdict;
pub mod wait;
pub mod winsock;

pub use case::{Case, Outcome, Process};
pub use need::{Lack, Need};
pub use socket::Socket;
pub use verdict::Verdict;
