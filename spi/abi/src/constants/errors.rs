//! Error codes as numbers, and the further names some of them have.
//!
//! The codes themselves are rows of [`Errno`](crate::Errno); code inside this project passes
//! `Errno` and these numbers stand at the edges.

use super::constants;
pub use crate::errno::codes::*;

constants! {
    i32 {
        NO_ERROR = 0, "Success.";
        ERROR_SUCCESS = 0, "Success.";
        WSABASEERR = 10000, "What the WSAE codes are counted from.";
        ERROR_INVALID_HANDLE = WSA_INVALID_HANDLE, "The same code under its Win32 name.";
        ERROR_NOT_ENOUGH_MEMORY = WSA_NOT_ENOUGH_MEMORY, "The same code under its Win32 name.";
        ERROR_INVALID_PARAMETER = WSA_INVALID_PARAMETER, "The same code under its Win32 name.";
        ERROR_OPERATION_ABORTED = WSA_OPERATION_ABORTED, "The same code under its Win32 name.";
        ERROR_IO_INCOMPLETE = WSA_IO_INCOMPLETE, "The same code under its Win32 name.";
        ERROR_IO_PENDING = WSA_IO_PENDING, "The same code under its Win32 name.";
        HOST_NOT_FOUND = WSAHOST_NOT_FOUND, "The same code under its Berkeley name.";
        TRY_AGAIN = WSATRY_AGAIN, "The same code under its Berkeley name.";
        NO_RECOVERY = WSANO_RECOVERY, "The same code under its Berkeley name.";
        NO_DATA = WSANO_DATA, "The same code under its Berkeley name.";
        WSANO_ADDRESS = WSANO_DATA, "The same code under its older name.";
        NO_ADDRESS = WSANO_DATA, "The same code under its older Berkeley name.";
    }
}
