//! Types, constants, tables and traits of the Winsock 2 Service Provider Interface.
//!
//! The data half: [`types`] and [`constants`] under Microsoft's names, [`Errno`] and [`NtStatus`]
//! for the codes, [`GUID`] for names of providers and functions. The functions: the two tables in
//! both conventions in [`ffi`], expanded from one list; [`provider`] and [`layer`], the safe traits
//! that providers in Rust are written on, with [`args`] for their arguments; [`Upcalls`] for the way
//! back; [`diagnostic`] for findings about providers.

pub mod args;
pub mod diagnostic;
pub mod ffi;
pub mod layer;
pub mod provider;
mod table;
mod upcalls;

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
pub use upcalls::Upcalls;
