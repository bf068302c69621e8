//! The arguments of SPI calls as safe values.
//!
//! Only the adapters make them, from the raw arguments of a call whose caller owes the SPI's contract; from then on they are safe to
//! use. Nothing is checked when they are made: the order of checks is behaviour and belongs to the provider, so each check is a
//! method (`AddressIn::read`, `Buffers::check`, `Out::set`) that answers `WSAEFAULT` when it is called.

mod address;
mod buffers;
mod callback;
mod fd_set;
mod held;
mod message;
mod overlapped;
mod params;
mod status_block;
mod text;

pub use address::{Address, AddressIn, AddressOut};
pub use buffers::{Buffers, BuffersMut};
pub use callback::{BlockingHook, Callback, Condition, Decision};
pub use fd_set::FdSet;
pub use held::{HeldAddressOut, HeldBuffers, HeldBuffersMut};
pub use message::{HeldMessageRoom, MessageRoom};
pub use overlapped::{CompletionRoutine, Overlapped, OverlappedArgs, OverlappedRequest};
pub use params::{InOut, OptionIn, OptionOut, Out};
pub use status_block::StatusBlock;
pub use text::{TextIn, TextOut};
