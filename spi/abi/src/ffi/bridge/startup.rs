//! `WSPStartup`: tables in, tables out.

use super::slots::{FUNCTIONS, Functions, each_function, used_up};
use crate::ffi::{native, win64};
use crate::*;

macro_rules! bridge {
    ($outer:ident $outer_abi:literal $inner:ident $way:ident $back:ident) => {
        /// A `WSPStartup` for callers of the other convention: gives the provider upcalls, and its caller procedures, of their
        /// own. It answers `WSAEPROVIDERFAILEDINIT` when there is no thunk left for one of the tables.
        #[must_use]
        pub fn startup(function: $inner::StartupFn) -> Option<$outer::StartupFn> {
            if let Some(original) = super::$back::original(function) {
                return Some(original);
            }
            let number = BEHIND.enter(function as usize);
            let thunk = number.and_then(|number| THUNKS.get(number)).copied();
            if thunk.is_none() {
                used_up("WSPStartup");
            }
            thunk
        }

        /// The function behind a thunk of this direction, `None` for any other.
        pub(super) fn original(thunk: $outer::StartupFn) -> Option<$inner::StartupFn> {
            let number = THUNKS.iter().position(|own| *own as usize == thunk as usize)?;
            // SAFETY: only `startup` enters functions, of this type.
            Some(unsafe { std::mem::transmute::<usize, $inner::StartupFn>(BEHIND.address(number)) })
        }

        static BEHIND: Functions = Functions::new();
        static THUNKS: [$outer::StartupFn; FUNCTIONS] = each_function!(thunk as $outer::StartupFn);

        unsafe extern $outer_abi fn thunk<const NUMBER: usize>(
            requested: u16,
            data: *mut WSPDATA,
            info: *const WSAPROTOCOL_INFOW,
            upcalls: $outer::UpcallTable,
            procs: *mut $outer::ProcTable,
        ) -> i32 {
            // SAFETY: a thunk's address leaves this module only after `startup` has entered a function of this type.
            let function = unsafe { std::mem::transmute::<usize, $inner::StartupFn>(BEHIND.address(NUMBER)) };
            let Some(upcalls) = super::super::upcalls::$back::table(&upcalls) else {
                return WSAEPROVIDERFAILEDINIT;
            };
            let mut filled = $inner::ProcTable::EMPTY;
            let table = if procs.is_null() { std::ptr::null_mut() } else { &raw mut filled };
            // SAFETY: the caller's contract (WSPStartup); the table is a live local.
            let code = unsafe { function(requested, data, info, upcalls, table) };
            if code != 0 || procs.is_null() {
                return code;
            }
            let Some(crossed) = super::super::procs::$way::table(&filled) else {
                if let Some(cleanup) = filled.lpWSPCleanup {
                    let mut errno = 0;
                    // SAFETY: the provider has started; its start is given back, as nobody can use it.
                    unsafe { cleanup(&raw mut errno) };
                }
                return WSAEPROVIDERFAILEDINIT;
            };
            // SAFETY: the caller's contract: not null, so it points to a table.
            unsafe { procs.write_unaligned(crossed) };
            0
        }
    };
}

pub(super) mod to_win64 {
    use super::*;
    bridge!(win64 "win64" native to_win64 to_native);
}

pub(super) mod to_native {
    use super::*;
    bridge!(native "system" win64 to_native to_win64);
}
