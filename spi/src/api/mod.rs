//! The Winsock API: every function of client-dll.md 5.3 with Microsoft's signature, raw pointers as Windows takes them.
//!
//! Each checks in Windows' order (started, socket, arguments the client DLL itself looks at), dispatches, and answers as its page
//! says: the failure value and the thread's last error, which a success leaves alone except where said. The C exports are one-line
//! thunks onto these functions, which carry the C name in snake case and as a search alias.
//!
//! Nothing in the crate imports this module.

mod address_text;
mod answer;
mod blocking;
mod byte_order;
mod configuration;
mod connect_by;
mod connection;
mod event;
mod extension;
mod host_text;
mod length;
mod message;
mod network_event;
mod option;
mod overlapped;
mod poll;
mod poll_by_select;
mod poll_several;
mod protocol_info;
mod resolver;
mod select;
mod select_below;
mod socket;
mod socket_set;
mod startup;
mod strings;
#[cfg(test)]
mod tests;
mod transfer;

pub use address_text::*;
pub use blocking::*;
pub use byte_order::*;
pub use configuration::*;
pub use connect_by::*;
pub use connection::*;
pub use event::*;
pub use host_text::*;
pub use message::*;
pub use network_event::*;
pub use option::*;
pub use overlapped::*;
pub use poll::*;
pub use resolver::*;
pub use select::*;
pub use socket::*;
pub use startup::*;
pub use transfer::*;
