//! Calls as values: the arguments of every WSP function and upcall, for who looks at them or exchanges one.
//!
//! Made from the rows of the two tables, so nothing here is written per function. [`super::interpose`] fills them in and calls with
//! what an [`Observer`](super::Observer) left in them.

use core::ffi::{c_long, c_void};
use ws2spi_abi::*;

/// The first argument where the row calls it `s`, the socket of the call.
macro_rules! socket_of {
    (s $($other:ident)*; $first:ident $($rest:ident)*) => {
        Some(*$first)
    };
    ($($other:ident)*; $($argument:ident)*) => {{
        $(let _ = $argument;)*
        None
    }};
}

macro_rules! procedure {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        /// A call of a WSP function: which one, and its arguments without `lpErrno`.
        #[allow(non_camel_case_types, reason = "the names of the table's rows")]
        #[derive(Clone, Copy, Debug)]
        pub enum Procedure {
            $(#[doc = concat!("`", $c, "`.")] $name { $(#[doc = "As the row of the table has it."] $arg: $ty),* },)*
        }

        impl Procedure {
            /// The C name.
            #[must_use]
            pub const fn function(&self) -> &'static str {
                match self { $(Self::$name { .. } => $c,)* }
            }

            /// What it returns when it fails.
            #[must_use]
            pub const fn failure(&self) -> isize {
                match self { $(Self::$name { .. } => $fail as isize,)* }
            }

            /// The socket it is called on, `None` for functions without one.
            #[must_use]
            #[allow(unused_variables, reason = "rows have other arguments too")]
            pub const fn socket(&self) -> Option<SOCKET> {
                match self { $(Self::$name { $($arg),* } => socket_of!($($arg)*; $($arg)*),)* }
            }

            /// The address of the function of this call in a table, 0 for a NULL slot.
            #[must_use]
            pub fn address_in(&self, table: &ffi::native::ProcTable) -> usize {
                match self { $(Self::$name { .. } => table.$field.map_or(0, |function| function as usize),)* }
            }
        }
    };
}
procs!(procedure);

macro_rules! upcall {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        /// An upcall: which one, and its arguments without `lpErrno`.
        #[allow(non_camel_case_types, reason = "the names of the table's rows")]
        #[derive(Clone, Copy, Debug)]
        pub enum Upcall {
            $(#[doc = concat!("`", $c, "`.")] $name { $(#[doc = "As the row of the table has it."] $arg: $ty),* },)*
        }

        impl Upcall {
            /// The C name.
            #[must_use]
            pub const fn function(&self) -> &'static str {
                match self { $(Self::$name { .. } => $c,)* }
            }
        }
    };
}
upcalls!(upcall);

/// What a WSP function answered, or an upcall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What it returned: an `int` or `BOOL`, or a handle, of which `INVALID_SOCKET` is -1.
    pub value: isize,
    /// Whether that is the function's failure value.
    pub failed: bool,
    /// What it stored in `*lpErrno`.
    pub stored: Stored,
}

/// What a function did with `*lpErrno`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stored {
    /// The caller passed NULL, or the function has no such argument.
    Nowhere,
    /// It left it alone.
    Nothing,
    /// It stored this.
    Code(i32),
}

impl Stored {
    /// The code; 0 when there is none.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Nowhere | Self::Nothing => 0,
        }
    }
}

/// `lpErrno` of one call: a cell of its own in which a store can be seen, and which hands on what was stored.
pub(super) struct ErrnoCell {
    cell: i32,
    /// The caller's.
    place: *mut i32,
}

impl ErrnoCell {
    pub(super) const fn new(place: *mut i32) -> Self {
        Self {
            cell: UNTOUCHED,
            place,
        }
    }

    /// What to pass in place of the caller's pointer.
    pub(super) fn pointer(&mut self) -> *mut i32 {
        if self.place.is_null() {
            self.place
        } else {
            &raw mut self.cell
        }
    }

    /// What was stored; the caller gets it.
    ///
    /// # Safety
    /// The caller's pointer is NULL or writable.
    pub(super) unsafe fn settle(&self) -> Stored {
        let place = &raw const self.cell;
        // SAFETY: a live field; whoever had the pointer may have written to it.
        let cell = unsafe { place.read_volatile() };
        if self.place.is_null() {
            Stored::Nowhere
        } else if cell == UNTOUCHED {
            Stored::Nothing
        } else {
            // SAFETY: the caller's contract: not null, so it is writable.
            unsafe { self.place.write_unaligned(cell) };
            Stored::Code(cell)
        }
    }
}

/// What no function stores: neither a Winsock code nor one of the system.
const UNTOUCHED: i32 = 0x5ee5_a5e5;
