//! The procedure table: complete at the end of WSPStartup, and left alone after it: V026 to V028.

use crate::checks::Checks;
use crate::memory;
use crate::rule;
use crate::stack::Stack;
use ws2spi::trace::{Place, Start};
use ws2spi_abi::ffi::native::ProcTable;

/// A table in memory of the verifier's own, which a provider has filled.
pub(crate) struct Table {
    module: usize,
    startup: usize,
    /// Leaked: the provider may have kept the pointer.
    place: usize,
    words: Vec<usize>,
}

impl Table {
    fn now(&self) -> Vec<usize> {
        words(self.place)
    }
}

fn words(place: usize) -> Vec<usize> {
    let place = std::ptr::with_exposed_provenance::<usize>(place);
    let count = size_of::<ProcTable>() / size_of::<usize>();
    // SAFETY: a table that is never freed: so many pointers, of which NULL is one.
    unsafe { memory::list(place, count) }
}

impl Checks {
    /// Gives the provider a table of the verifier's own to fill.
    pub(crate) fn exchange_table(start: &mut Start) {
        // SAFETY: the caller's contract (WSPStartup): NULL or a table.
        if let Some(table) = unsafe { memory::read(start.procs.cast_const()) } {
            start.procs = Box::leak(Box::new(table));
        }
    }

    pub(crate) fn check_table(&self, at: &Place, start: &Start) {
        let function = start.function as usize;
        let complain = |rule, what| {
            let stack = Stack::below(function);
            self.report(rule, at.number, "WSPStartup", None, what, &stack);
        };
        // SAFETY: the caller's contract: NULL or a block that the provider has filled.
        if let Some(data) = unsafe { memory::read(start.data.cast_const()) }
            && data.wVersion != start.requested
        {
            let text = |version: u16| format!("{}.{}", version & 0xff, version >> 8);
            let (offered, asked) = (text(data.wVersion), text(start.requested));
            complain(
                &rule::VERSION,
                format!("was asked for {asked} and offered {offered}"),
            );
        }
        // SAFETY: NULL or the verifier's own table.
        let Some(table) = (unsafe { memory::read(start.procs.cast_const()) }) else {
            return;
        };
        if let Some(missing) = table.first_missing() {
            complain(&rule::NULL_SLOT, format!("left {missing} NULL"));
        }
        let place = start.procs.expose_provenance();
        let table = Table {
            module: at.number,
            startup: function,
            place,
            words: words(place),
        };
        self.ledger.lock().tables.push(table);
    }

    /// Looks at the tables of a module, or at all.
    pub(crate) fn check_tables(&self, module: Option<usize>) {
        let changed: Vec<(usize, usize, usize)> = {
            let mut ledger = self.ledger.lock();
            let of = |table: &&mut Table| module.is_none_or(|module| table.module == module);
            let tables = ledger.tables.iter_mut().filter(of);
            let changes = tables.filter_map(|table| {
                let now = table.now();
                let mut slots = now.iter().zip(&table.words);
                let slot = slots.position(|(now, then)| now != then)?;
                table.words = now;
                Some((table.module, table.startup, slot))
            });
            changes.collect()
        };
        for (module, startup, slot) in changed {
            let what =
                format!("slot {slot} of the table was changed after WSPStartup had returned");
            self.report(
                &rule::TABLE_CHANGED,
                module,
                "WSPStartup",
                None,
                what,
                &Stack::of(startup),
            );
        }
    }
}
