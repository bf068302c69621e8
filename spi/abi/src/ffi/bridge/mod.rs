//! From one convention to the other, for code that knows only its own.
//!
//! The tables of a provider and of the client DLL exist in both conventions when they are ours. Those of others exist in one: a layer in
//! Microsoft's convention that starts a native provider, or a native program above such a layer, needs functions of its own
//! convention that call the other's. A WSP function has no context argument to tell whose it is, so there is a pool of thunks,
//! numbered at compile time; what a number stands for is entered at run time and stays. The same function always gets the same thunk, and
//! what comes back the way it went is what it was before.
//!
//! [`to_win64`] makes functions that Microsoft's convention can call of native ones, [`to_native`] the reverse. Function pointers inside
//! arguments cross the other way on the same call: completion routines, condition functions and user APCs, the blocking hook
//! that an upcall hands out, and the extension functions that `WSPIoctl` does. Relies on the rows and the tables; the loader
//! and the adapters of Rust providers use it.

mod callbacks;
mod crossing;
mod extensions;
mod procs;
mod slots;
mod startup;
#[cfg(test)]
mod tests;
mod upcalls;

pub(crate) use extensions::stored as stored_extension;

/// Functions that Microsoft's x64 convention can call, made of native ones. `None`: there is no thunk left, which is reported.
pub mod to_win64 {
    pub use super::callbacks::to_win64::{
        blocking_hook, completion_routine, condition_function, user_apc,
    };
    pub use super::extensions::to_win64::extension;
    pub use super::procs::to_win64::table as proc_table;
    pub use super::startup::to_win64::startup;
    pub use super::upcalls::to_win64::table as upcall_table;
}

/// Functions that the native convention can call, made of Microsoft's. `None`: there is no thunk left, which is reported.
pub mod to_native {
    pub use super::callbacks::to_native::{
        blocking_hook, completion_routine, condition_function, user_apc,
    };
    pub use super::extensions::to_native::extension;
    pub use super::procs::to_native::table as proc_table;
    pub use super::startup::to_native::startup;
    pub use super::upcalls::to_native::table as upcall_table;
}
