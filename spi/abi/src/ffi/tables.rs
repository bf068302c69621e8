//! The two tables and their thunks, one expansion per calling convention.
//!
//! `native` is the platform's C convention, what providers compiled here speak; `win64` is Microsoft's x64 convention, what Windows
//! code that a compatibility layer maps into the process speaks. Everything above asks [`Procs`](super::Procs) and
//! [`Upcalls`](super::UpcallProcs) and never knows which.

/// Expands to the items of one convention: `ProcTable`, `UpcallTable`, `StartupFn` and the thunks behind them.
macro_rules! convention {
    ($abi:literal $kind:ident) => {
        use crate::ffi::guard::{guard, store_errno};
        use crate::ffi::{Convention, RawProvider, UpcallHost};
        use crate::*;
        use core::ffi::{c_long, c_void};

        $crate::procs!(proc_table $abi $kind);
        $crate::upcalls!(upcall_table $abi $kind);

        /// `WSPStartup`: the one symbol a provider exports. Returns the error code itself, 0 for success; the upcall table is
        /// passed by value.
        pub type StartupFn = unsafe extern $abi fn(
            requested: u16,
            data: *mut WSPDATA,
            info: *const WSAPROTOCOL_INFOW,
            upcalls: UpcallTable,
            procs: *mut ProcTable,
        ) -> i32;
    };
}

macro_rules! proc_table {
    ([$abi:literal $kind:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        /// `WSPPROC_TABLE` in this convention: 30 pointers, 240 bytes on 64-bit systems. Owned by whoever starts the provider,
        /// filled by `WSPStartup`. A slot that the provider left NULL is `None`.
        #[doc(alias = "WSPPROC_TABLE")]
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case, reason = "Microsoft's field names")]
        pub struct ProcTable {
            $(#[doc = concat!("`", $c, "`.")] pub $field: Option<unsafe extern $abi fn($($arg: $ty,)* errno: *mut i32) -> $ret>,)*
        }

        impl ProcTable {
            /// All slots NULL.
            pub const EMPTY: Self = Self { $($field: None,)* };

            /// The table of a Rust provider: thunks onto the methods of `P`.
            #[must_use]
            pub const fn of<P: RawProvider>() -> Self {
                Self { $($field: Some(thunks::$name::<P>),)* }
            }

            /// The C name of the first NULL slot, or `None` when all 30 are there.
            #[must_use]
            pub fn first_missing(&self) -> Option<&'static str> {
                $(if self.$field.is_none() { return Some($c); })*
                None
            }
        }

        mod thunks {
            use super::*;
            $(
                pub(super) unsafe extern $abi fn $name<P: RawProvider>($($arg: $ty,)* errno: *mut i32) -> $ret {
                    match guard(P::NAME, $c, || {
                        // SAFETY: the arguments are the caller's, who owes the contract of this SPI function.
                        unsafe { P::$name(Convention::$kind, $($arg),*) }
                    }) {
                        Ok(value) => value,
                        Err(error) => {
                            // SAFETY: the caller's contract: lpErrno is null or writable.
                            unsafe { store_errno(errno, error.code()) };
                            $fail
                        }
                    }
                }
            )*
        }
    };
}

macro_rules! upcall_table {
    ([$abi:literal $kind:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        /// `WSPUPCALLTABLE` in this convention: 15 pointers, 120 bytes on 64-bit systems, passed to `WSPStartup` by value. The
        /// provider keeps a copy of its contents.
        #[doc(alias = "WSPUPCALLTABLE")]
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        #[allow(non_snake_case, reason = "Microsoft's field names")]
        pub struct UpcallTable {
            $(#[doc = concat!("`", $c, "`.")] pub $field: Option<unsafe extern $abi fn($($arg: $ty,)* $($errno: *mut i32)?) -> $ret>,)*
        }

        impl UpcallTable {
            /// All slots NULL: what nobody hands out, for providers that have not been started.
            pub const EMPTY: Self = Self { $($field: None,)* };

            /// The table of a client DLL: thunks onto the methods of `H`.
            #[must_use]
            pub const fn of<H: UpcallHost>() -> Self {
                Self { $($field: Some(upcall_thunks::$name::<H>),)* }
            }
        }

        mod upcall_thunks {
            use super::*;
            $(
                pub(super) unsafe extern $abi fn $name<H: UpcallHost>($($arg: $ty,)* $($errno: *mut i32)?) -> $ret {
                    match guard(H::NAME, $c, || {
                        // SAFETY: the arguments are the provider's, who owes the contract of this upcall.
                        unsafe { H::$name(Convention::$kind, $($arg),*) }
                    }) {
                        Ok(value) => value,
                        Err(_error) => {
                            $(
                                // SAFETY: the provider's contract: lpErrno is null or writable.
                                unsafe { store_errno($errno, _error.code()) };
                            )?
                            $fail
                        }
                    }
                }
            )*
        }
    };
}

/// The tables in the platform's own C convention (`extern "system"`).
pub mod native {
    convention!("system" Native);
}

/// The tables in Microsoft's x64 convention.
#[cfg(target_arch = "x86_64")]
pub mod win64 {
    convention!("win64" Win64);
}
