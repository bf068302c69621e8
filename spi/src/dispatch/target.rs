//! The pinned target of a call, and the call itself.

use super::judge::{judge, report};
use super::probe;
use crate::association::{Binding, CLOSING};
use crate::catalog::EntryId;
use crate::loader::Instance;
use crate::process;
use crate::process::thread::Blocking;
use std::sync::Arc;
use ws2spi_abi::ffi::{Failure, Procs};
use ws2spi_abi::{Errno, INVALID_SOCKET, SOCKET};
use ws2spi_kernel::handles::{self, Owner, Pinned};

/// Where a call goes: a socket's association and its provider, pinned until the call is over.
pub struct Target<'a> {
    socket: SOCKET,
    pin: &'a Pinned<'static>,
    owner: &'a Arc<dyn Owner>,
    binding: &'a Binding,
    instance: &'a Instance,
}

impl Target<'_> {
    /// The socket, the very value that the provider gets (U154).
    #[must_use]
    pub fn socket(&self) -> SOCKET {
        self.socket
    }

    /// The provider's functions.
    #[inline]
    #[must_use]
    pub fn procs(&self) -> &Procs {
        self.instance.procs()
    }

    /// The provider.
    #[must_use]
    pub fn instance(&self) -> &Instance {
        self.instance
    }

    /// The association.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        self.binding
    }

    /// The handle's bits.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.pin.flags()
    }

    /// Ends the association after the provider's `WSPCloseSocket` succeeded: a minted handle stays for the provider's upcalls until
    /// it gives it back (U36), a system handle loses exactly this association (U52, U53).
    pub fn closed(&self) {
        if self.pin.is_minted() {
            crate::association::mark_closing(self.pin);
        } else {
            handles::clear_owner_if(self.socket, self.owner);
        }
    }
}

/// Resolves a socket and runs `f` with its target pinned.
///
/// # Errors
/// `WSANOTINITIALISED`, then `WSAEINPROGRESS` inside a blocking hook of a legacy process, then `WSAENOTSOCK`, then those of loading
/// the provider, then `f`'s.
#[inline]
pub fn with_target<R>(
    s: SOCKET,
    f: impl FnOnce(&Target<'_>) -> Result<R, Errno>,
) -> Result<R, Errno> {
    require_idle()?;
    with_association(s, f)
}

/// [`with_target`] for a function of the client DLL's own, which a blocking hook may call: the process is started.
///
/// # Errors
/// As [`with_target`], from `WSAENOTSOCK` on.
#[inline]
pub fn with_association<R>(
    s: SOCKET,
    f: impl FnOnce(&Target<'_>) -> Result<R, Errno>,
) -> Result<R, Errno> {
    // A provider with system handles looks the same handle up inside the call, at no second pin.
    handles::with(s, |pin| {
        let pin = pin.ok_or(Errno::NOTSOCK)?;
        if pin.flags() & CLOSING != 0 {
            return Err(Errno::NOTSOCK);
        }
        let (owner, binding) = match association(pin) {
            Some(known) => known,
            None => claim(s, pin)?,
        };
        f(&Target {
            socket: s,
            pin,
            owner,
            binding,
            instance: binding.instance()?,
        })
    })
}

#[inline]
fn association<'p>(pin: &'p Pinned<'static>) -> Option<(&'p Arc<dyn Owner>, &'p Binding)> {
    let owner = pin.owner()?;
    Some((owner, Binding::of(owner)?))
}

/// A live handle that no provider has registered: asks who knows it (client-dll.md 5.8), once.
#[cold]
fn claim<'p>(
    s: SOCKET,
    pin: &'p Pinned<'static>,
) -> Result<(&'p Arc<dyn Owner>, &'p Binding), Errno> {
    probe::claim(s)?;
    association(pin).ok_or(Errno::NOTSOCK)
}

/// What every call into a provider needs.
///
/// # Errors
/// `WSANOTINITIALISED`; `WSAEINPROGRESS` inside a blocking hook of a legacy process.
#[inline]
pub fn require_idle() -> Result<(), Errno> {
    process::require_started()?;
    if process::is_legacy() {
        refuse_nesting()?;
    }
    Ok(())
}

/// Inside the hook of a blocking call a 1.1 application may not call again (client-dll.md 5.12).
#[cold]
fn refuse_nesting() -> Result<(), Errno> {
    match process::thread::blocking() {
        Blocking::No => Ok(()),
        Blocking::InHook { .. } | Blocking::Cancelled => Err(Errno::INPROGRESS),
    }
}

/// Calls a provider's function on a socket: resolves, calls, judges. `judgement` looks at the value of a success.
///
/// # Errors
/// Those of [`with_target`]; the provider's own, `WSASYSCALLFAILURE` in place of 0 (U155); the judgement's.
#[inline]
pub fn call<R>(
    s: SOCKET,
    function: &'static str,
    judgement: impl FnOnce(&Instance, &'static str, R) -> Result<R, Errno>,
    f: impl FnOnce(&Procs) -> Result<R, Failure>,
) -> Result<R, Errno> {
    with_target(s, |target| {
        call_provider(target.instance(), function, judgement, f)
    })
}

/// Calls a provider's function and judges the answer; the socket has been resolved, or there is none.
///
/// # Errors
/// The provider's own, `WSASYSCALLFAILURE` in place of 0 (U155); the judgement's.
#[inline]
pub fn call_provider<R>(
    instance: &Instance,
    function: &'static str,
    judgement: impl FnOnce(&Instance, &'static str, R) -> Result<R, Errno>,
    f: impl FnOnce(&Procs) -> Result<R, Failure>,
) -> Result<R, Errno> {
    match f(instance.procs()) {
        Ok(value) => judgement(instance, function, value),
        Err(failure) => Err(judge(instance, function, failure)),
    }
}

/// Calls a function that returns a new socket and sees to it that the client DLL knows the socket (client-dll.md 5.4.5). A socket
/// that the provider did not register and nobody claims is returned as it is; calls on it give `WSAENOTSOCK`.
///
/// # Errors
/// As [`call_provider`].
pub fn call_known(
    instance: &Instance,
    function: &'static str,
    f: impl FnOnce(&Procs) -> Result<SOCKET, Failure>,
) -> Result<SOCKET, Errno> {
    let socket = call_provider(instance, function, super::unjudged, f)?;
    if let Some(entry) = foreign_entry(instance, socket) {
        let what =
            format!("its sockets are registered with entry {entry}, whose provider gets the calls");
        report(instance, function, what);
    } else if !is_known(socket) && probe::claim(socket).is_err() {
        report(
            instance,
            function,
            format!("returned {socket:#x}, which is no registered socket"),
        );
    }
    Ok(socket)
}

/// The entry of a socket that its provider left to another one: a layer that forgot to register it, or a base that registers a fixed
/// entry and so bypasses the layers above it. Once per provider, as a layer may do so on purpose and register later.
fn foreign_entry(instance: &Instance, s: SOCKET) -> Option<EntryId> {
    let pin = handles::pin(s)?;
    let (_, binding) = association(&pin)?;
    let entry = binding.entry();
    (entry.provider() != instance.provider() && instance.note_bypassed()).then(|| entry.id())
}

/// Whether the application may use a value as a socket, as far as the table knows.
#[must_use]
pub fn is_known(s: SOCKET) -> bool {
    s != INVALID_SOCKET
        && handles::pin(s)
            .is_some_and(|pin| pin.flags() & CLOSING == 0 && association(&pin).is_some())
}
