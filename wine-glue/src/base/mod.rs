//! The base provider in Wine: a provider table over Wine's own transport.
//!
//! Wine has the transport and no provider: sockets, overlapped requests, completion ports and events are all
//! in its `ws2_32.dll`, behind functions only. Here those functions become the 30 entries of a
//! `WSPPROC_TABLE`. Sockets are Wine's own handles, told to the client DLL with `WPUModifyIFSHandle`, so
//! everything that the system does with a handle keeps working; overlapped requests go down as they come. Data
//! that can be carried at once passes Wine by ([`crate::direct`]).
//! What the table's contract wants and Wine does not do is added on the way: checks of pointers that Wine
//! reads unasked, the order of checks, the condition function, the blocking hook, leaves, `TransmitPackets`.
//!
//! Relies on the `ws2_32.dll` of the system's folder, which it finds by its full path; the client DLL links
//! [`startup`] and takes [`entries`] for its catalog.

mod accept;
mod blocking;
mod buffers;
mod extensions;
mod ioctl;
mod leaf;
mod names;
mod packets;
mod provider;
mod select;
mod sockets;
mod startup;
mod system;
#[cfg(test)]
mod tests;
mod transfer;

pub use startup::entries;
pub use startup::startup;
pub use system::use_module;
