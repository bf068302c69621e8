//! What the numbers of the thunks stand for. Entered once, kept for ever: nobody can say when the last caller of a thunk is gone.

use crate::diagnostic::{self, Diagnostic};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many functions of a kind, in one direction, a process can have.
pub(super) const FUNCTIONS: usize = 32;

/// How many tables of a kind, in one direction, a process can have.
pub(super) const TABLES: usize = 16;

/// `[thunk::<0>, thunk::<1>, ...]`, one for each function.
macro_rules! each_function {
    ($thunk:ident as $ty:ty) => {
        each_function!(@ $thunk $ty, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
    };
    (@ $thunk:ident $ty:ty, $($number:literal)*) => { [$($thunk::<$number> as $ty),*] };
}
pub(super) use each_function;

/// `[thunk::<0>(), thunk::<1>(), ...]`, one for each table.
macro_rules! each_table {
    ($table:ident) => { each_table!(@ $table, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) };
    (@ $table:ident, $($number:literal)*) => { [$($table::<$number>()),*] };
}
pub(super) use each_table;

/// The functions behind the thunks of one kind, by number.
pub(super) struct Functions {
    addresses: [AtomicUsize; FUNCTIONS],
}

impl Functions {
    pub(super) const fn new() -> Self {
        Self {
            addresses: [const { AtomicUsize::new(0) }; FUNCTIONS],
        }
    }

    /// The number of the function at `address`, which is not 0; `None` when all numbers are given out.
    pub(super) fn enter(&self, address: usize) -> Option<usize> {
        self.addresses.iter().position(|cell| {
            let entered = cell.compare_exchange(0, address, Ordering::Release, Ordering::Acquire);
            entered.is_ok() || entered == Err(address)
        })
    }

    /// The function with this number, 0 when it is not given out.
    pub(super) fn address(&self, number: usize) -> usize {
        self.addresses
            .get(number)
            .map_or(0, |cell| cell.load(Ordering::Acquire))
    }
}

/// The tables behind the thunks of one kind, by number.
pub(super) struct Tables<T> {
    tables: [OnceLock<T>; TABLES],
}

impl<T: Copy> Tables<T> {
    pub(super) const fn new() -> Self {
        Self {
            tables: [const { OnceLock::new() }; TABLES],
        }
    }

    /// The number of a table; `None` when all numbers are given out. `same` tells whether two tables have the same functions.
    pub(super) fn enter(&self, table: &T, same: impl Fn(&T, &T) -> bool) -> Option<usize> {
        self.tables
            .iter()
            .position(|cell| same(cell.get_or_init(|| *table), table))
    }

    /// The table with this number, `None` when it is not given out.
    pub(super) fn table(&self, number: usize) -> Option<&T> {
        self.tables.get(number)?.get()
    }
}

/// Reports that there is no thunk left of a kind.
#[cold]
pub(super) fn used_up(function: &'static str) {
    diagnostic::report(&Diagnostic {
        provider: "calling conventions".into(),
        function,
        what: format!(
            "this process has more than {FUNCTIONS} functions or {TABLES} tables of this kind that must be called from the other convention"
        ),
    });
}
