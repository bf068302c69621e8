//! Function pointers on their way and back, and the end of the pool. Whole tables go through real providers in `ws2spi run`.

use super::slots::{FUNCTIONS, Functions, Tables};
use super::{to_native, to_win64};
use crate::ffi::{native, win64};
use crate::*;
use std::sync::atomic::{AtomicU64, Ordering};

static SEEN: AtomicU64 = AtomicU64::new(0);

unsafe extern "system" fn routine(error: u32, bytes: u32, overlapped: *mut OVERLAPPED, flags: u32) {
    let seen = u64::from(error) + 100 * u64::from(bytes) + 10_000 * u64::from(flags);
    SEEN.store(seen + 1_000_000 * overlapped as u64, Ordering::Relaxed);
}

fn raw(function: *const ()) -> RawCallback {
    RawCallback::from_raw(function as usize)
}

// U5: the arguments arrive in the other convention as they are.
#[test]
fn a_native_routine_can_be_called_by_microsofts_convention() {
    let crossed = to_win64::completion_routine(raw(routine as *const ())).expect("a thunk");
    type Routine = unsafe extern "win64" fn(u32, u32, *mut OVERLAPPED, u32);
    // SAFETY: the thunk of a routine of this type.
    let crossed = unsafe { std::mem::transmute::<usize, Routine>(crossed.as_raw()) };
    // SAFETY: the routine does not look at the block.
    unsafe { crossed(1, 2, std::ptr::without_provenance_mut(3), 4) };
    assert_eq!(SEEN.load(Ordering::Relaxed), 3_040_201);
}

#[test]
fn the_same_function_has_one_thunk_and_comes_back_as_itself() {
    let function = raw(routine as *const ());
    let crossed = to_win64::completion_routine(function).expect("a thunk");
    assert_ne!(crossed, function);
    assert_eq!(to_win64::completion_routine(function), Some(crossed));
    assert_eq!(to_native::completion_routine(crossed), Some(function));
    assert_eq!(
        to_win64::completion_routine(RawCallback::NULL),
        Some(RawCallback::NULL)
    );
}

unsafe extern "system" fn disconnect(
    s: SOCKET,
    _: *mut OVERLAPPED,
    flags: u32,
    reserved: u32,
) -> BOOL {
    (s + flags as usize + reserved as usize) as BOOL
}

// base-provider.md, SIO_GET_EXTENSION_FUNCTION_POINTER: an extension function is known by its GUID; of another one nobody knows the arguments.
#[test]
fn an_extension_function_crosses_by_its_name() {
    let function = raw(disconnect as *const ());
    let crossed = to_win64::extension(&WSAID_DISCONNECTEX, function).expect("a thunk");
    type Disconnect = unsafe extern "win64" fn(SOCKET, *mut OVERLAPPED, u32, u32) -> BOOL;
    // SAFETY: the thunk of a function of this type.
    let callable = unsafe { std::mem::transmute::<usize, Disconnect>(crossed.as_raw()) };
    // SAFETY: the function does not look at the block.
    assert_eq!(unsafe { callable(1, std::ptr::null_mut(), 2, 3) }, 6);
    assert_eq!(
        to_native::extension(&WSAID_DISCONNECTEX, crossed),
        Some(function)
    );
    assert_eq!(to_win64::extension(&GUID::from_u128(1), function), None);
}

// U92: who looks for NULL slots finds them in the table of the other convention.
#[test]
fn a_slot_that_is_null_stays_null() {
    let crossed = to_win64::proc_table(&native::ProcTable::EMPTY).expect("a table");
    assert_eq!(crossed.first_missing(), Some("WSPAccept"));
    let crossed = to_native::upcall_table(&win64::UpcallTable::EMPTY).expect("a table");
    assert!(crossed.lpWPUCloseEvent.is_none());
}

#[test]
fn a_number_is_given_out_once_and_then_none_is_left() {
    let functions = Functions::new();
    for round in 0..2 {
        for index in 0..FUNCTIONS {
            assert_eq!(functions.enter(index + 7), Some(index), "round {round}");
        }
    }
    assert_eq!(functions.enter(1), None);
    assert_eq!([functions.address(0), functions.address(FUNCTIONS)], [7, 0]);
    let tables = Tables::new();
    let numbers: Vec<_> = (0..=super::slots::TABLES)
        .map(|table| tables.enter(&table, |a, b| a == b))
        .collect();
    assert_eq!(numbers.last(), Some(&None));
    assert_eq!([tables.table(3), tables.table(99)], [Some(&3), None]);
}
