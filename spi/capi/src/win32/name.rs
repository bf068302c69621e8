//! Names of objects: what `CreateEvent` and its kin take and tell, and what `OpenEvent` and its kin find.
//!
//! Over the name space of the kernel role ([`ws2spi_kernel::names`]). The functions for bytes take UTF-8.

use super::{last_error, or};
use crate::text;
use ws2spi_abi::{Errno, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::names::{Created, Name, Named, open};

/// A name as a program gave it; `None` for NULL.
pub(super) type Given = Option<String>;

/// # Safety
/// `name` is null or NUL-terminated.
pub(super) unsafe fn given_w(name: PCWSTR) -> Given {
    // SAFETY: the caller's contract.
    unsafe { text::wide(name) }
}

/// # Safety
/// `name` is null or NUL-terminated.
pub(super) unsafe fn given_a(name: PCSTR) -> Given {
    // SAFETY: the caller's contract.
    unsafe { text::narrow(name) }
}

/// The name for a new object: NULL and an empty one are none.
///
/// # Errors
/// [`Name::new`]'s.
pub(super) fn for_new(name: Given) -> Result<Option<Name>, Errno> {
    name.filter(|name| !name.is_empty())
        .map(|name| Name::new(&name))
        .transpose()
}

/// What a creating function returns: 0 with the last error set, or the handle, and then the last error says whether the object existed:
/// `ERROR_ALREADY_EXISTS` or 0.
pub(super) fn created(result: Result<Created, Errno>) -> HANDLE {
    or(
        0,
        result.map(|created| {
            match created {
                Created::New(_) => last_error::replace(0),
                Created::Existing(_) => last_error::set(Errno::ALREADY_EXISTS),
            }
            created.handle().raw()
        }),
    )
}

/// What an opening function returns for objects of one kind: a handle; 0 with `ERROR_INVALID_PARAMETER` without a name,
/// `ERROR_INVALID_HANDLE` for an empty one and for the name of an object of another kind, `ERROR_FILE_NOT_FOUND` when nothing has it.
pub(super) fn opened<T: Named>(name: Given) -> HANDLE {
    let find = || {
        let name = name.ok_or(Errno::INVALID_PARAMETER)?;
        if name.is_empty() {
            // The name of the name space itself, which is of another kind.
            return Err(Errno::INVALID_HANDLE);
        }
        open::<T>(&Name::new(&name)?)
    };
    or(0, find().map(|handle| handle.raw()))
}
