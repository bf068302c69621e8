//! Judging what a provider answered: a failure without an error code, a value that the function cannot return.
//!
//! The application gets an error code and the process's sink a sentence that names provider and function (provider-sources.md 5.10).

use crate::loader::Instance;
use ws2spi_abi::Errno;
use ws2spi_abi::diagnostic::{self, Diagnostic};
use ws2spi_abi::ffi::Failure;

/// Any value the provider returned beside its failure value is fine.
pub fn unjudged<R>(_: &Instance, _: &'static str, value: R) -> Result<R, Errno> {
    Ok(value)
}

/// For functions of type `int` that return 0 on success.
#[inline]
pub fn zero(instance: &Instance, function: &'static str, value: i32) -> Result<i32, Errno> {
    if value == 0 {
        Ok(0)
    } else {
        Err(out_of_contract(instance, function, value))
    }
}

/// For `WSPSelect`: a count of sockets, of which `limit` were asked about.
///
/// # Errors
/// `WSASYSCALLFAILURE`: a negative count, or one that is too large.
pub fn sockets_within(
    instance: &Instance,
    function: &'static str,
    value: i32,
    limit: usize,
) -> Result<i32, Errno> {
    match u64::try_from(value) {
        Ok(count) => count_within(instance, function, count, limit as u64).map(|()| value),
        Err(_) => {
            let what = format!("returned {value}, which is neither a count nor SOCKET_ERROR");
            report(instance, function, what);
            Err(Errno::SYSCALLFAILURE)
        }
    }
}

/// For counts: bytes of a transfer, sockets of a select. More than `limit` is a lie that would make the application run over its
/// own buffers.
///
/// # Errors
/// `WSASYSCALLFAILURE`.
#[inline]
pub fn count_within(
    instance: &Instance,
    function: &'static str,
    count: u64,
    limit: u64,
) -> Result<(), Errno> {
    if count <= limit {
        Ok(())
    } else {
        Err(too_many(instance, function, count, limit))
    }
}

/// The error code of a failure; `WSASYSCALLFAILURE` when the provider gave none (U155).
#[cold]
pub fn judge(instance: &Instance, function: &'static str, failure: Failure) -> Errno {
    Errno::new(failure.errno).unwrap_or_else(|| {
        report(
            instance,
            function,
            "failed and stored no error code".to_owned(),
        );
        Errno::SYSCALLFAILURE
    })
}

#[cold]
fn out_of_contract(instance: &Instance, function: &'static str, value: i32) -> Errno {
    report(
        instance,
        function,
        format!("returned {value}, which is neither 0 nor SOCKET_ERROR"),
    );
    Errno::SYSCALLFAILURE
}

#[cold]
fn too_many(instance: &Instance, function: &'static str, count: u64, limit: u64) -> Errno {
    report(
        instance,
        function,
        format!("reported {count}, but no more than {limit} were asked for"),
    );
    Errno::SYSCALLFAILURE
}

/// For lengths: a provider says that it stored so many bytes or characters, where there was room for `room`.
#[cold]
pub fn too_long(instance: &Instance, function: &'static str, stored: i64, room: i64) -> Errno {
    report(
        instance,
        function,
        format!("stored a length of {stored}, but there was room for {room}"),
    );
    Errno::SYSCALLFAILURE
}

/// Reports a finding about a provider's function.
pub(super) fn report(instance: &Instance, function: &'static str, what: String) {
    diagnostic::report(&Diagnostic {
        provider: instance.path().to_owned(),
        function,
        what,
    });
}
