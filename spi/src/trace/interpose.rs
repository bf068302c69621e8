//! Standing between a provider and its caller: a `WSPStartup` that hands counting tables in both directions.
//!
//! A layer starts the provider below it by itself, with `LoadLibrary`, `GetProcAddress` and `WSPStartup`, so the client DLL never sees
//! those calls. What it does hand out is the address of `WSPStartup`: [`wrap`] replaces it by a thunk that gives the provider
//! counting upcalls and its caller a counting procedure table, and changes nothing else: arguments, values and error codes pass as
//! they are. The thunks exist once per level, numbered at compile time, in a pool of fixed size.
//!
//! A provider does not see any of it: asking for its own `WSPStartup`, as layers do to find their place in a chain, it gets its own,
//! and upcalls that it passes down count where they are made, not again where they came through.

use super::calls::{Answer, ErrnoCell, Procedure, Stored, Upcall};
use super::inside::{self, Inside};
use super::observer::{self, Place, Start};
use super::pool::{self, LEVELS, MODULES};
use super::{Call, Direction, begin, report};
use core::ffi::{c_long, c_void};
use std::time::Instant;
use ws2spi_abi::ffi::native;
use ws2spi_abi::*;

/// The counting `WSPStartup` of a module; the module's own when the pool is used up, or when it is the module itself that asks.
#[must_use]
pub fn wrap(module: &str, startup: native::StartupFn) -> native::StartupFn {
    let asking = inside::innermost().and_then(|call| pool::module(call.module));
    if asking.is_some_and(|asking| asking.path() == module) {
        return startup;
    }
    let number = pool::enter_module(module, startup);
    number
        .and_then(|number| STARTUPS.get(number))
        .copied()
        .unwrap_or(startup)
}

/// The counting `WSPStartup` of module `M`.
///
/// # Safety
/// As `WSPStartup`.
unsafe extern "system" fn start<const M: usize>(
    requested: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    upcalls: native::UpcallTable,
    procs: *mut native::ProcTable,
) -> i32 {
    let Some(module) = pool::module(M) else {
        return WSASYSCALLFAILURE;
    };
    let Some(startup) = module.startup() else {
        return WSASYSCALLFAILURE;
    };
    let entry = if info.is_null() {
        0
    } else {
        // SAFETY: the caller's contract (WSPStartup): not null, so it points to an entry.
        unsafe { info.read_unaligned() }.dwCatalogEntryId
    };
    module.starting(entry, without_counting(upcalls));
    let counted = UPCALLS.get(M).copied().unwrap_or(upcalls);
    let function = "WSPStartup";
    let observer = observer::current();
    let mut at = place(M, entry);
    let mut begun = Start {
        requested,
        data,
        info,
        procs,
        function: startup,
    };
    begin(module.path(), function);
    if let Some(observer) = &observer {
        observer.starting(&at, &mut begun);
    }
    let began = Instant::now();
    let inside = Inside::enter(M, function);
    // SAFETY: the module's own function with the caller's arguments, or what the observer has put in their place.
    let code = unsafe {
        startup(
            begun.requested,
            begun.data,
            begun.info,
            counted,
            begun.procs,
        )
    };
    drop(inside);
    let error = (code != 0).then_some(code);
    let direction = Direction::Procedure;
    report(&Call {
        module: module.path(),
        entry,
        function,
        direction,
        error,
        duration: began.elapsed(),
    });
    if code == 0 && !procs.is_null() {
        // SAFETY: the caller's contract: not null, so it points to a table, which the provider has filled.
        let table = unsafe { begun.procs.read_unaligned() };
        let complete = table.first_missing().is_none();
        let number = complete.then(|| pool::enter_level(M, entry, &table));
        let number = number.flatten();
        at.level = number.and_then(level_of);
        // A table with NULL slots stays as it is, so that the caller finds them.
        let counting = number.and_then(|number| TABLES.get(number));
        // SAFETY: as above.
        unsafe { procs.write_unaligned(*counting.unwrap_or(&table)) };
    }
    if let Some(observer) = &observer {
        observer.started(&at, &begun, code);
    }
    code
}

/// Whether a table of a provider has, for this function, what a watched table below it has: the call goes past the provider.
#[must_use]
pub fn is_handed_on(table: &native::ProcTable, call: &Procedure) -> bool {
    let address = call.address_in(table);
    TABLES
        .iter()
        .any(|watched| call.address_in(watched) == address)
}

/// Where a call goes that this thread is about to make.
fn place(module: usize, entry: u32) -> Place {
    Place {
        module: pool::module(module).map_or("", |module| module.path()),
        number: module,
        entry,
        level: None,
        caller: inside::innermost().map(|call| call.module),
    }
}

fn level_of(number: usize) -> Option<(usize, &'static native::ProcTable)> {
    Some((number, &pool::level(number)?.table))
}

macro_rules! counting_procs {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        mod procedure {
            use super::*;
            $(
                #[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
                pub(super) unsafe extern "system" fn $name<const N: usize>($($arg: $ty,)* errno: *mut i32) -> $ret {
                    let Some(level) = pool::level(N) else { return $fail };
                    let Some(function) = level.table.$field else { return $fail };
                    let observer = observer::current();
                    let at = Place { level: Some((N, &level.table)), ..place(level.module, level.entry) };
                    let mut call = Procedure::$name { $($arg),* };
                    begin(at.module, $c);
                    if let Some(observer) = &observer {
                        observer.entering(&at, &mut call);
                    }
                    let Procedure::$name { $($arg),* } = call else { return $fail };
                    let mut cell = ErrnoCell::new(errno);
                    let began = Instant::now();
                    let inside = Inside::enter(level.module, $c);
                    // SAFETY: the provider's own function with the caller's arguments, or what the observer has put in their place.
                    let value = unsafe { function($($arg,)* cell.pointer()) };
                    drop(inside);
                    let duration = began.elapsed();
                    // SAFETY: the caller's contract: lpErrno is null or valid.
                    let stored = unsafe { cell.settle() };
                    let mut answer = Answer { value: value as isize, failed: value == $fail, stored };
                    if let Some(observer) = &observer {
                        observer.left(&at, &call, &mut answer);
                    }
                    let value = answer.value as $ret;
                    let error = (value == $fail).then(|| stored.code());
                    report(&Call { module: at.module, entry: level.entry, function: $c, direction: Direction::Procedure, error, duration });
                    value
                }
            )*
        }

        const fn table<const N: usize>() -> native::ProcTable {
            native::ProcTable { $($field: Some(procedure::$name::<N>),)* }
        }
    };
}
procs!(counting_procs);

/// The cell of a call that has `lpErrno`.
macro_rules! in_place_of {
    ($errno:ident $cell:ident) => {
        $cell
    };
}

macro_rules! counting_upcalls {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        mod upcall {
            use super::*;
            $(
                pub(super) unsafe extern "system" fn $name<const M: usize>($($arg: $ty,)* $($errno: *mut i32)?) -> $ret {
                    let Some(module) = pool::module(M) else { return $fail };
                    let Some(function) = module.upcalls().$field else { return $fail };
                    let observer = observer::current();
                    let at = place(M, module.entry());
                    let mut call = Upcall::$name { $($arg),* };
                    begin(at.module, $c);
                    if let Some(observer) = &observer {
                        observer.calling_up(&at, &mut call);
                    }
                    let Upcall::$name { $($arg),* } = call else { return $fail };
                    let began = Instant::now();
                    #[allow(unused_mut, unused_assignments, reason = "not every upcall has lpErrno")]
                    let mut stored = Stored::Nowhere;
                    $(let mut cell = ErrnoCell::new($errno);)?
                    // SAFETY: the client DLL's own function with the provider's arguments.
                    let value = unsafe { function($($arg,)* $(in_place_of!($errno cell).pointer())?) };
                    let duration = began.elapsed();
                    $(
                        // SAFETY: the provider's contract: lpErrno is null or valid.
                        stored = unsafe { in_place_of!($errno cell).settle() };
                    )?
                    let answer = Answer { value: value as isize, failed: value == $fail, stored };
                    if let Some(observer) = &observer {
                        observer.called_up(&at, &call, &answer);
                    }
                    let error = answer.failed.then(|| stored.code());
                    report(&Call { module: at.module, entry: at.entry, function: $c, direction: Direction::Upcall, error, duration });
                    value
                }
            )*
        }

        const fn upcall_table<const M: usize>() -> native::UpcallTable {
            native::UpcallTable { $($field: Some(upcall::$name::<M>),)* }
        }
    };
}
upcalls!(counting_upcalls);

macro_rules! without_counting_upcalls {
    ([$given:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        native::UpcallTable { $($field: {
            let counting = UPCALLS.iter().position(|table| {
                table.$field.map(|function| function as usize) == $given.$field.map(|function| function as usize)
            });
            match counting.and_then(pool::module) {
                Some(module) => module.upcalls().$field,
                None => $given.$field,
            }
        },)* }
    };
}

/// The upcalls that a provider is given, those of a layer above it that count replaced by what they stand for.
fn without_counting(given: native::UpcallTable) -> native::UpcallTable {
    upcalls!(without_counting_upcalls given)
}

macro_rules! numbered {
    ($make:ident: $($number:literal)*) => { [$($make!($number)),*] };
}
macro_rules! nth_startup {
    ($n:literal) => {
        start::<$n>
    };
}
macro_rules! nth_upcalls {
    ($n:literal) => {
        upcall_table::<$n>()
    };
}
macro_rules! nth_table {
    ($n:literal) => {
        table::<$n>()
    };
}

const STARTUPS: [native::StartupFn; MODULES] =
    numbered!(nth_startup: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
static UPCALLS: [native::UpcallTable; MODULES] =
    numbered!(nth_upcalls: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
static TABLES: [native::ProcTable; LEVELS] = numbered!(nth_table:
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
