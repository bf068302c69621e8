//! The rows of the exports: one list of C functions, from which the thunks and the lists of names are made.
//!
//! A row is `"exported name" thunk_name(arguments) -> Type = value on failure => body;`. The thunk calls the body with the same
//! arguments inside the guard, so that no panic crosses into C: one becomes the value on failure and `WSASYSCALLFAILURE` as the thread's
//! last error, or in `*errno` for rows that name that argument after the value: `-> i32 = SOCKET_ERROR, errno`. A list that opens with
//! `before path;` calls that function first in each of its rows.
//!
//! Used by every file of `winsock` and `win32`, which see the macro by its path. Each row runs in the library's own
//! [`boundary`](crate::boundary).

use ws2spi_abi::RawCallback;

/// One exported name, where its code is and what its calls pass: what `GetProcAddress` finds in the client DLL.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    name: &'static str,
    address: *const (),
    arguments: &'static [usize],
    result: usize,
}

// SAFETY: the address of code; nothing is read or written through it.
unsafe impl Sync for Export {}
// SAFETY: as above.
unsafe impl Send for Export {}

impl Export {
    pub(crate) const fn new(
        name: &'static str,
        address: *const (),
        arguments: &'static [usize],
        result: usize,
    ) -> Self {
        Self {
            name,
            address,
            arguments,
            result,
        }
    }

    /// The name as C knows it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The function.
    #[must_use]
    pub fn address(&self) -> RawCallback {
        RawCallback::from_raw(self.address as usize)
    }

    /// The sizes of its arguments in bytes, in order.
    #[must_use]
    pub fn argument_sizes(&self) -> &'static [usize] {
        self.arguments
    }

    /// The size of its result in bytes; 0 for none.
    #[must_use]
    pub fn result_size(&self) -> usize {
        self.result
    }
}

/// Defines exported functions from rows, and `EXPORTS`, their list.
macro_rules! exports {
    (
        $(before $before:path;)?
        $($c:literal $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty = $fail:expr $(, $errno:ident)?)? => $body:path;)*
    ) => {
        mod thunks {
            use super::*;

            #[inline]
            fn before() {
                $($before();)?
            }

            $(
                #[doc = concat!("`", $c, "`: see [`", stringify!($body), "`].")]
                ///
                /// # Safety
                /// The contract of the function of this name on its Microsoft page.
                #[unsafe(export_name = $c)]
                #[allow(unused_unsafe, clippy::too_many_arguments, reason = "some bodies are safe; Microsoft's signatures")]
                pub unsafe extern "system" fn $name($($arg: $ty),*) $(-> $ret)? {
                    $crate::boundary::enter(|| {
                        let result = ws2spi_abi::ffi::guard::guard("ws2_32", $c, || {
                            before();
                            // SAFETY: the caller's contract is that of the body.
                            Ok(unsafe { $body($($arg),*) })
                        });
                        $crate::table::or_failure!(result $(, $fail $(, $errno)?)?)
                    })
                }
            )*
        }

        /// The exports of this file.
        pub static EXPORTS: &[$crate::table::Export] = &[
            $($crate::table::Export::new(
                $c,
                thunks::$name as *const (),
                &[$(size_of::<$ty>()),*],
                0 $(+ size_of::<$ret>())?,
            ),)*
        ];
    };
}
pub(crate) use exports;

/// The value, or the failure value with the error stored.
macro_rules! or_failure {
    ($result:ident) => {
        if let Err(error) = $result {
            ws2spi::process::fail_with(error);
        }
    };
    ($result:ident, $fail:expr) => {
        $result.unwrap_or_else(|error| {
            ws2spi::process::fail_with(error);
            $fail
        })
    };
    ($result:ident, $fail:expr, $errno:ident) => {
        $result.unwrap_or_else(|error| {
            // SAFETY: the caller's contract: lpErrno is null or writable.
            unsafe { ws2spi_abi::ffi::guard::store_errno($errno, error.code()) };
            $fail
        })
    };
}
pub(crate) use or_failure;

#[cfg(test)]
mod tests {
    use ws2spi::process;
    use ws2spi_abi::{SOCKET_ERROR, WSASYSCALLFAILURE};

    fn panicking() -> i32 {
        panic!("on purpose")
    }

    /// # Safety
    /// None: it looks at nothing.
    unsafe fn panicking_with_errno(_errno: *mut i32) -> i32 {
        panic!("on purpose")
    }

    fn prepare() {
        process::set_last_error(1);
    }

    crate::table::exports! {
        before prepare;
        "ws2spi_test_panicking" test_panicking() -> i32 = SOCKET_ERROR => panicking;
        "ws2spi_test_panicking_with_errno" test_panicking_with_errno(errno: *mut i32) -> i32 = SOCKET_ERROR, errno => panicking_with_errno;
        "ws2spi_test_prepared" test_prepared() -> i32 = SOCKET_ERROR => process::last_error;
    }

    // style.md 2.3: a panic becomes the row's failure value and WSASYSCALLFAILURE, where the row's errors go.
    #[test]
    fn a_panic_does_not_cross_into_c() {
        // SAFETY: no arguments.
        let result = unsafe { thunks::test_panicking() };
        assert_eq!(
            (result, process::last_error()),
            (SOCKET_ERROR, WSASYSCALLFAILURE)
        );
        let mut errno = 0;
        // SAFETY: a live local.
        let result = unsafe { thunks::test_panicking_with_errno(&raw mut errno) };
        assert_eq!((result, errno), (SOCKET_ERROR, WSASYSCALLFAILURE));
        assert_eq!(process::last_error(), 1, "an error has one place, not two");
    }

    // The function named before the rows is called first in each.
    #[test]
    fn a_list_is_prepared_before_each_row() {
        process::set_last_error(7);
        // SAFETY: no arguments.
        assert_eq!(unsafe { thunks::test_prepared() }, 1);
        let names: Vec<_> = EXPORTS.iter().map(super::Export::name).collect();
        assert_eq!(names.last(), Some(&"ws2spi_test_prepared"));
    }
}
