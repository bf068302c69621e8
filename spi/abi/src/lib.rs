//! Types, constants, tables and traits of the Winsock 2 Service Provider Interface.
//!
//! The data half: [`types`] and [`constants`] under Microsoft's names, [`Errno`] and [`NtStatus`]
//! for the codes, [`GUID`] for names of providers and functions.

pub mod constants;
mod errno;
mod guid;
mod ntstatus;
pub mod types;

pub use constants::*;
pub use errno::Errno;
pub use guid::GUID;
pub use guid::ParseGuidError;
pub use ntstatus::NtStatus;
pub use types::*;
