//! Procedure tables.

use super::crossing::{Argument, Toward};
use super::slots::{self, Tables, each_table, used_up};
use crate::ffi::guard::store_errno;
use crate::ffi::{native, win64};
use crate::*;
use core::ffi::{c_long, c_void};

macro_rules! bridge {
    ([$outer:ident $outer_abi:literal $inner:ident $arguments:ident $results:ident $back:ident]
        $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        static BEHIND: Tables<$inner::ProcTable> = Tables::new();
        static THUNKS: [$outer::ProcTable; slots::TABLES] = each_table!(thunks);

        const fn thunks<const NUMBER: usize>() -> $outer::ProcTable {
            let mut table = $outer::ProcTable { $($field: Some(thunk::$name::<NUMBER>),)* };
            table.lpWSPIoctl = Some(ioctl::<NUMBER>);
            table
        }

        /// The table in the other convention. A slot that is NULL is NULL there; a function that is a thunk of ours gives back
        /// what is behind it.
        #[must_use]
        pub fn table(inner: &$inner::ProcTable) -> Option<$outer::ProcTable> {
            let same = |left: &$inner::ProcTable, right: &$inner::ProcTable| {
                $(left.$field.map(|function| function as usize) == right.$field.map(|function| function as usize))&&*
            };
            let thunks = BEHIND.enter(inner, same).and_then(|number| THUNKS.get(number));
            let Some(thunks) = thunks else {
                used_up("WSPPROC_TABLE");
                return None;
            };
            let back = super::$back::originals(inner);
            Some($outer::ProcTable { $($field: back.$field.or(inner.$field.and(thunks.$field)),)* })
        }

        /// For each slot that is a thunk of this direction what is behind it, `None` for the others.
        pub(super) fn originals(outer: &$outer::ProcTable) -> $inner::ProcTable {
            $inner::ProcTable { $(
                $field: outer.$field.and_then(|function| {
                    let is_it = |own: &$outer::ProcTable| own.$field.is_some_and(|own| own as usize == function as usize);
                    let number = THUNKS.iter().position(is_it)?;
                    BEHIND.table(number)?.$field
                }),
            )* }
        }

        mod thunk {
            use super::*;
            $(
                pub(super) unsafe extern $outer_abi fn $name<const NUMBER: usize>($($arg: $ty,)* errno: *mut i32) -> $ret {
                    let function = BEHIND.table(NUMBER).and_then(|table| table.$field);
                    let Some(function) = function else {
                        // SAFETY: the caller's contract: lpErrno is null or writable.
                        unsafe { store_errno(errno, WSAEOPNOTSUPP) };
                        return $fail;
                    };
                    $(
                        let Some($arg) = $arg.cross(Toward::$arguments, $c) else {
                            // SAFETY: as above.
                            unsafe { store_errno(errno, WSAENOBUFS) };
                            return $fail;
                        };
                    )*
                    // SAFETY: the provider's function, with its caller's arguments.
                    unsafe { function($($arg,)* errno) }
                }
            )*
        }

        /// An extension function that the provider hands out is of its convention.
        #[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
        unsafe extern $outer_abi fn ioctl<const NUMBER: usize>(
            s: SOCKET,
            code: u32,
            input: *const c_void,
            input_len: u32,
            output: *mut c_void,
            output_len: u32,
            returned: *mut u32,
            ov: *mut OVERLAPPED,
            routine: RawCallback,
            thread: *mut WSATHREADID,
            errno: *mut i32,
        ) -> i32 {
            // SAFETY: the caller's contract (WSPIoctl), passed on.
            let result = unsafe {
                thunk::ioctl::<NUMBER>(s, code, input, input_len, output, output_len, returned, ov, routine, thread, errno)
            };
            if result != 0 || code != SIO_GET_EXTENSION_FUNCTION_POINTER {
                return result;
            }
            // SAFETY: the ioctl succeeded: it read a GUID and stored a function of that name, or the provider broke the contract; lengths are
            // looked at before.
            let crossed = unsafe {
                super::super::extensions::stored(input, input_len, output, output_len, super::super::extensions::$results::extension)
            };
            if crossed {
                return result;
            }
            // SAFETY: the caller's contract: lpErrno is null or writable.
            unsafe { store_errno(errno, WSAEOPNOTSUPP) };
            SOCKET_ERROR
        }
    };
}

pub(super) mod to_win64 {
    use super::*;
    crate::procs!(bridge win64 "win64" native Native to_win64 to_native);
}

pub(super) mod to_native {
    use super::*;
    crate::procs!(bridge native "system" win64 Win64 to_native to_win64);
}
