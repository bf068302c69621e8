//! The constants of the Winsock headers and of the kernel functions beside them, with Windows'
//! numbers on every host.
//!
//! Options, errors and address families are `i32` as the functions take them, flags are `u32`,
//! lengths of arrays are `usize`. One file per noun; everything is re-exported here and from the
//! crate. [`rows`] lists them all by their C name, for traces and for the test that compares them
//! with windows-sys (`tests/constants.rs`).

#![allow(
    non_upper_case_globals,
    reason = "some of Microsoft's names are in mixed case"
)]

mod addresses;
mod catalog;
mod errors;
mod events;
mod extensions;
mod ioctls;
mod kernel;
mod options;
mod resolver;
mod transfer;

pub use addresses::*;
pub use catalog::*;
pub use errors::*;
pub use events::*;
pub use extensions::*;
pub use ioctls::*;
pub use kernel::*;
pub use options::*;
pub use resolver::*;
pub use transfer::*;

/// A constant under its C name, its value widened without change of sign.
pub type Row = (&'static str, i64);

/// Every numeric constant of this module but the `WSAE*` codes, which are
/// [`Errno`](crate::Errno)'s, file by file.
pub fn rows() -> impl Iterator<Item = Row> {
    [
        addresses::ROWS,
        catalog::ROWS,
        errors::ROWS,
        events::ROWS,
        ioctls::ROWS,
        kernel::ROWS,
        options::ROWS,
        resolver::ROWS,
        transfer::ROWS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Defines constants from rows `NAME = value, "documentation";` grouped by type, and `ROWS`.
macro_rules! constants {
    ($( $type:ident { $( $name:ident = $value:expr, $doc:literal; )+ } )+) => {
        $( $( #[doc = $doc] pub const $name: $type = $value; )+ )+

        pub(super) const ROWS: &[super::Row] =
            &[ $( $( (stringify!($name), $name as i64), )+ )+ ];
    };
}

use constants;
