//! The calls into providers that a thread is inside, the innermost last, with what the checks keep from before a call to after it.
//!
//! Only calls that run a provider's own code are here: where a layer hands out the functions of the provider below, that one is
//! called. The application's callbacks stand in between as [`APPLICATION`].

use crate::condition::Asked;
use crate::operation::Operation;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use ws2spi_abi::ffi::native::ProcTable;
use ws2spi_abi::{GUID, SOCKET};

/// The number of no module: the application, called back.
pub(crate) const APPLICATION: usize = usize::MAX;

/// A call into a provider.
#[derive(Default)]
pub(crate) struct Call {
    pub module: usize,
    pub level: Option<usize>,
    pub table: Option<&'static ProcTable>,
    pub function: &'static str,
    pub socket: Option<SOCKET>,
    /// The catalog id in lpProtocolInfo.
    pub entry: Option<u32>,
    /// When it began, on the verifier's clock.
    pub began: u64,
    pub last_error: i32,
    /// How much the caller had room for.
    pub room: Option<u64>,
    /// The sets of a select.
    pub sets: Option<[Vec<SOCKET>; 3]>,
    /// Sockets of providers below that were made for this call, by their module.
    pub made_below: Vec<(usize, SOCKET)>,
    /// The address of a connect.
    pub name: Vec<u8>,
    pub operation: Option<Arc<Operation>>,
    /// The operation on a system handle that the caller passes on with this call.
    pub passed: Option<Arc<Operation>>,
    pub asked: Option<Arc<Asked>>,
    /// The rules that a call further down has broken, as this one will if it passes on what it got.
    pub broken_below: Vec<&'static str>,
    pub below: Below,
    /// The call from another thread that did not come back while this one was held.
    pub held: Option<crate::reentry::Held>,
}

/// What providers below answered during a call.
#[derive(Default)]
pub(crate) struct Below {
    /// SIO_BASE_HANDLE: what they said, `None` for a failure.
    pub base_handles: Vec<Option<SOCKET>>,
    /// SIO_GET_EXTENSION_FUNCTION_POINTER.
    pub extensions: Vec<(GUID, usize)>,
    /// WSPConnect: how many there were.
    pub connects: usize,
}

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Enters a call.
pub(crate) fn push(call: Call) {
    let _ = CALLS.try_with(|calls| calls.borrow_mut().push(call));
}

/// Leaves a call, and those inside it that never returned.
pub(crate) fn pop(module: usize, function: &'static str) -> Option<Call> {
    let popped = CALLS.try_with(|calls| {
        let mut calls = calls.borrow_mut();
        let at = calls
            .iter()
            .rposition(|call| call.module == module && call.function == function)?;
        let mut left = calls.split_off(at).into_iter();
        left.next()
    });
    popped.ok().flatten()
}

/// Looks at the innermost call.
pub(crate) fn innermost<T>(look: impl FnOnce(&mut Call) -> T) -> Option<T> {
    CALLS
        .try_with(|calls| calls.borrow_mut().last_mut().map(look))
        .ok()
        .flatten()
}

/// Whether one of the thread's calls is as `wanted`.
pub(crate) fn any(wanted: impl Fn(&Call) -> bool) -> bool {
    CALLS
        .try_with(|calls| calls.borrow().iter().any(wanted))
        .unwrap_or(false)
}

/// Runs a callback of the application.
pub(crate) fn in_application<T>(callback: impl FnOnce() -> T) -> T {
    push(Call {
        module: APPLICATION,
        ..Call::default()
    });
    let value = callback();
    let _ = pop(APPLICATION, "");
    value
}

/// Whether the verifier asks something of its own on this thread.
pub(crate) fn is_asking() -> bool {
    ASKING.try_with(Cell::get).unwrap_or(true)
}

/// Asks something; what the calls show is not held against anybody.
pub(crate) fn asking<T>(ask: impl FnOnce() -> T) -> T {
    let before = ASKING.replace(true);
    let answer = ask();
    ASKING.set(before);
    answer
}
