//! Upcall tables.

use super::crossing::{Argument, Toward};
use super::slots::{self, Tables, each_table, used_up};
use crate::ffi::guard::store_errno;
use crate::ffi::{native, win64};
use crate::*;

macro_rules! bridge {
    ([$outer:ident $outer_abi:literal $inner:ident $arguments:ident $results:ident $back:ident]
        $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        static BEHIND: Tables<$inner::UpcallTable> = Tables::new();
        static THUNKS: [$outer::UpcallTable; slots::TABLES] = each_table!(thunks);

        const fn thunks<const NUMBER: usize>() -> $outer::UpcallTable {
            let mut table = $outer::UpcallTable { $($field: Some(thunk::$name::<NUMBER>),)* };
            table.lpWPUQueryBlockingCallback = Some(query_blocking_callback::<NUMBER>);
            table
        }

        /// The table in the other convention. A slot that is NULL is NULL there; a function that is a thunk of ours gives back
        /// what is behind it.
        #[must_use]
        pub fn table(inner: &$inner::UpcallTable) -> Option<$outer::UpcallTable> {
            let same = |left: &$inner::UpcallTable, right: &$inner::UpcallTable| {
                $(left.$field.map(|function| function as usize) == right.$field.map(|function| function as usize))&&*
            };
            let thunks = BEHIND.enter(inner, same).and_then(|number| THUNKS.get(number));
            let Some(thunks) = thunks else {
                used_up("WSPUPCALLTABLE");
                return None;
            };
            let back = super::$back::originals(inner);
            Some($outer::UpcallTable { $($field: back.$field.or(inner.$field.and(thunks.$field)),)* })
        }

        /// For each slot that is a thunk of this direction what is behind it, `None` for the others.
        pub(super) fn originals(outer: &$outer::UpcallTable) -> $inner::UpcallTable {
            $inner::UpcallTable { $(
                $field: outer.$field.and_then(|function| {
                    let is_it = |own: &$outer::UpcallTable| own.$field.is_some_and(|own| own as usize == function as usize);
                    let number = THUNKS.iter().position(is_it)?;
                    BEHIND.table(number)?.$field
                }),
            )* }
        }

        mod thunk {
            use super::*;
            $(
                pub(super) unsafe extern $outer_abi fn $name<const NUMBER: usize>($($arg: $ty,)* $($errno: *mut i32)?) -> $ret {
                    let failed = |_code: i32| {
                        $(
                            // SAFETY: the provider's contract: lpErrno is null or writable.
                            unsafe { store_errno($errno, _code) };
                        )?
                        $fail
                    };
                    let function = BEHIND.table(NUMBER).and_then(|table| table.$field);
                    let Some(function) = function else {
                        return failed(WSAEOPNOTSUPP);
                    };
                    $(
                        let Some($arg) = $arg.cross(Toward::$arguments, $c) else {
                            return failed(WSAENOBUFS);
                        };
                    )*
                    // SAFETY: the client DLL's function, with the provider's arguments.
                    unsafe { function($($arg,)* $($errno)?) }
                }
            )*
        }

        /// The hook that the client DLL hands out is of its convention.
        unsafe extern $outer_abi fn query_blocking_callback<const NUMBER: usize>(
            entry: u32,
            callback: *mut RawCallback,
            context: *mut usize,
            errno: *mut i32,
        ) -> i32 {
            // SAFETY: the provider's contract (WPUQueryBlockingCallback), passed on.
            let result = unsafe { thunk::query_blocking_callback::<NUMBER>(entry, callback, context, errno) };
            if result != 0 || callback.is_null() {
                return result;
            }
            // SAFETY: the call succeeded: it has written there.
            let hook = unsafe { callback.read_unaligned() };
            let Some(hook) = super::super::callbacks::$results::blocking_hook(hook) else {
                // SAFETY: the provider's contract: lpErrno is null or writable.
                unsafe { store_errno(errno, WSAENOBUFS) };
                return SOCKET_ERROR;
            };
            // SAFETY: as for reading.
            unsafe { callback.write_unaligned(hook) };
            result
        }
    };
}

pub(super) mod to_win64 {
    use super::*;
    crate::upcalls!(bridge win64 "win64" native Native to_win64 to_native);
}

pub(super) mod to_native {
    use super::*;
    crate::upcalls!(bridge native "system" win64 Win64 to_native to_win64);
}
