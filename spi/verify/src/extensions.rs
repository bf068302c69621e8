//! What layers answer for the provider below: extension functions and the base handle: V020 to V022.
//!
//! Programs ask for these rarely, so the verifier asks too: once per table, on the first stream socket that comes from it.

use crate::checks::Checks;
use crate::memory;
use crate::nest::{self, Below, Call};
use crate::rule;
use crate::stack::Stack;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use ws2spi::trace::{self, Answer, Place, Procedure, Stored};
use ws2spi_abi::ffi::native::ProcTable;
use ws2spi_abi::*;

/// What is known about tables.
#[derive(Default)]
pub(crate) struct Asked {
    tables: Mutex<HashSet<usize>>,
    connects: Mutex<HashMap<usize, Connects>>,
}

/// How a layer takes connecting.
#[derive(Clone, Copy, Default)]
struct Connects {
    /// It does something in WSPConnect.
    takes_part: bool,
    /// Its ConnectEx is the lower provider's.
    hands_on: bool,
    is_reported: bool,
}

/// Codes that say nothing about what a layer does with a call.
const PLAIN: [i32; 5] = [
    WSAENOTSOCK,
    WSANOTINITIALISED,
    WSAEFAULT,
    WSAENOBUFS,
    WSAENETDOWN,
];

fn base_handle(call: &Procedure, answer: &Answer) -> Option<Option<SOCKET>> {
    let Procedure::ioctl {
        code: SIO_BASE_HANDLE,
        output,
        ov,
        ..
    } = *call
    else {
        return None;
    };
    if !ov.is_null() {
        return None;
    }
    if answer.failed {
        return Some(None);
    }
    // SAFETY: the caller's contract (WSPIoctl): the call succeeded, so there was room for the handle.
    let handle = unsafe { memory::read(output.cast::<SOCKET>().cast_const()) };
    handle.map(Some)
}

fn extension(call: &Procedure, answer: &Answer) -> Option<(GUID, usize)> {
    let Procedure::ioctl {
        code,
        input,
        output,
        ..
    } = *call
    else {
        return None;
    };
    if code != SIO_GET_EXTENSION_FUNCTION_POINTER || answer.failed {
        return None;
    }
    // SAFETY: the caller's contract (WSPIoctl): the call succeeded, so the function's identity was there.
    let id = unsafe { memory::read(input.cast::<GUID>()) }?;
    // SAFETY: as above: there was room for the address.
    let address = unsafe { memory::read(output.cast::<usize>().cast_const()) }?;
    Some((id, address))
}

fn name(call: &Procedure) -> Vec<u8> {
    match *call {
        Procedure::connect { name, namelen, .. } => {
            let length = usize::try_from(namelen).unwrap_or(0).min(128);
            // SAFETY: the caller's contract (WSPConnect): an address of so many bytes.
            unsafe { memory::list(name.cast::<u8>(), length) }
        }
        _ => Vec::new(),
    }
}

/// Whether a table has at least one function of the provider below: its layer leaves alone what it does not care for.
fn is_selective(table: &ProcTable) -> bool {
    let ours = Procedure::get_peer_name {
        s: 0,
        name: std::ptr::null_mut(),
        len: std::ptr::null_mut(),
    };
    let others = [
        Procedure::get_sock_name {
            s: 0,
            name: std::ptr::null_mut(),
            len: std::ptr::null_mut(),
        },
        Procedure::listen { s: 0, backlog: 0 },
        Procedure::shutdown { s: 0, how: 0 },
        Procedure::recv_disconnect {
            s: 0,
            data: std::ptr::null(),
        },
    ];
    std::iter::once(ours)
        .chain(others)
        .all(|call| trace::is_handed_on(table, &call))
}

impl Checks {
    /// Tells the call further up what came from below.
    pub(crate) fn note_below(&self, call: &Procedure, answer: &Answer) {
        let (handle, extension) = (base_handle(call, answer), extension(call, answer));
        let is_connect = matches!(call, Procedure::connect { .. });
        let _ = nest::innermost(|outer| {
            outer.below.base_handles.extend(handle);
            outer.below.extensions.extend(extension);
            outer.below.connects += usize::from(is_connect);
        });
    }

    pub(crate) fn begin_connect(&self, call: &Procedure, entered: &mut Call) {
        if !matches!(call, Procedure::connect { .. }) {
            return;
        }
        entered.name = name(call);
        let changed = nest::innermost(|outer| {
            let is_changed = outer.function == call.function() && outer.name != entered.name;
            is_changed.then_some((outer.module, outer.level, outer.table))
        });
        if let Some(Some((module, Some(level), Some(table)))) = changed {
            self.note_connects(module, level, table, |connects| connects.takes_part = true);
        }
    }

    pub(crate) fn check_extensions(
        &self,
        at: &Place,
        call: &Procedure,
        answer: &Answer,
        left: &Call,
    ) {
        self.check_base_handle(at, call, answer, left);
        let minted = |s| self.ledger.lock().has_minted(at.number, s);
        if let (Some(found), Some(s)) = (extension(call, answer), call.socket())
            && left.below.extensions.contains(&found)
            // It takes no socket.
            && found.0 != WSAID_GETACCEPTEXSOCKADDRS
            && minted(s)
        {
            let what = format!("handed out the lower provider's function {}", found.0);
            self.report_answer(&rule::FOREIGN_EXTENSION, at, call, left, what);
        }
        let (Procedure::connect { s, .. }, Some((level, table))) = (call, at.level) else {
            return;
        };
        let is_refused = answer.failed && !PLAIN.contains(&answer.stored.code());
        let is_base = self.is_base(at.number);
        if left.below.connects == 0 && (is_refused || !answer.failed) && !is_base && !minted(*s) {
            self.note_connects(at.number, level, table, |connects| {
                connects.takes_part = true
            });
        }
    }

    fn is_base(&self, module: usize) -> bool {
        let ledger = self.ledger.lock();
        ledger
            .modules
            .get(&module)
            .is_some_and(|module| module.is_base)
    }

    fn check_base_handle(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let (Some(said), Some(s)) = (base_handle(call, answer), call.socket()) else {
            return;
        };
        if self.is_base(at.number) {
            return;
        }
        let below = &left.below.base_handles;
        let what = match said {
            Some(handle) if below.contains(&Some(handle)) => return,
            Some(handle) if below.is_empty() => {
                let is_own = self.ledger.lock().has_minted(at.number, handle);
                if !is_own {
                    return;
                }
                format!("answered with {handle:#x}, a handle of its own")
            }
            Some(handle) => format!("answered with {handle:#x}, not with what came from below"),
            None if below.iter().any(Option::is_some) => {
                String::from("failed although the provider below answered")
            }
            None if below.is_empty() && !PLAIN.contains(&answer.stored.code()) => {
                String::from("failed without asking the provider below")
            }
            None => return,
        };
        let _ = s;
        self.report_answer(&rule::BASE_HANDLE, at, call, left, what);
    }

    fn note_connects(
        &self,
        module: usize,
        level: usize,
        table: &'static ProcTable,
        note: impl FnOnce(&mut Connects),
    ) {
        let is_broken = {
            let mut all = self.extensions.connects.lock();
            let connects = all.entry(level).or_default();
            note(connects);
            let is_broken = connects.takes_part && connects.hands_on && !connects.is_reported;
            connects.is_reported |= is_broken;
            is_broken
        };
        if is_broken {
            let what =
                String::from("takes part in WSPConnect, but its ConnectEx is the lower provider's");
            let stack = Stack::of(table.lpWSPConnect.map_or(0, |function| function as usize));
            self.report(
                &rule::CONNECT_ONLY,
                module,
                "WSPConnect",
                None,
                what,
                &stack,
            );
        }
    }

    /// Asks, on the first stream socket of a table.
    pub(crate) fn ask_extensions(&self, at: &Place, call: &Procedure, answer: &Answer) {
        let (
            Procedure::socket {
                kind: SOCK_STREAM, ..
            },
            Some((level, table)),
        ) = (call, at.level)
        else {
            return;
        };
        let is_due = !answer.failed && !nest::is_asking() && self.watches(at.number);
        if !is_due || !self.extensions.tables.lock().insert(level) {
            return;
        }
        let s = answer.value.cast_unsigned();
        let mut handle = [0; size_of::<SOCKET>()];
        self.ask(
            at,
            table,
            s,
            SIO_BASE_HANDLE,
            &GUID::from_u128(0),
            0,
            &mut handle,
        );
        let mut function = [0; size_of::<usize>()];
        let id = WSAID_CONNECTEX;
        let code = SIO_GET_EXTENSION_FUNCTION_POINTER;
        let size = size_of::<GUID>() as u32;
        let below = self.ask(at, table, s, code, &id, size, &mut function);
        let connect = Procedure::connect {
            s,
            name: std::ptr::null(),
            namelen: 0,
            caller: std::ptr::null(),
            callee: std::ptr::null_mut(),
            sqos: std::ptr::null(),
            gqos: std::ptr::null(),
        };
        let is_minted = self.ledger.lock().has_minted(at.number, s);
        let found = (id, usize::from_ne_bytes(function));
        let hands_on = below.extensions.contains(&found) && !is_minted;
        let is_own = !trace::is_handed_on(table, &connect);
        if hands_on && is_own {
            self.note_connects(at.number, level, table, |connects| {
                connects.hands_on = true;
                connects.takes_part |= is_selective(table);
            });
        }
    }

    /// Calls the provider's WSPIoctl and checks the answer as if a program had called; what came from below.
    #[allow(clippy::too_many_arguments, reason = "the parts of an ioctl")]
    fn ask(
        &self,
        at: &Place,
        table: &ProcTable,
        s: SOCKET,
        code: u32,
        input: &GUID,
        input_len: u32,
        output: &mut [u8; 8],
    ) -> Below {
        let Some(ioctl) = table.lpWSPIoctl else {
            return Below::default();
        };
        let (mut returned, mut errno) = (0, 0);
        let call = Procedure::ioctl {
            s,
            code,
            input: std::ptr::from_ref(input).cast(),
            input_len,
            output: output.as_mut_ptr().cast(),
            output_len: output.len() as u32,
            returned: &raw mut returned,
            ov: std::ptr::null_mut(),
            routine: RawCallback::NULL,
            thread: std::ptr::null_mut(),
        };
        let Procedure::ioctl { input, output, .. } = call else {
            return Below::default();
        };
        nest::push(Call {
            module: at.number,
            function: call.function(),
            socket: Some(s),
            began: self.now(),
            ..Call::default()
        });
        let value = nest::asking(|| {
            // SAFETY: the function of a started provider, on a socket that it has just returned; all pointers are live locals.
            unsafe {
                ioctl(
                    s,
                    code,
                    input,
                    input_len,
                    output,
                    8,
                    &raw mut returned,
                    std::ptr::null_mut(),
                    RawCallback::NULL,
                    std::ptr::null_mut(),
                    &raw mut errno,
                )
            }
        });
        let left = nest::pop(at.number, call.function()).unwrap_or_default();
        let failed = value == SOCKET_ERROR;
        let answer = Answer {
            value: value as isize,
            failed,
            stored: Stored::Code(errno),
        };
        if !trace::is_handed_on(table, &call) {
            self.check_extensions(at, &call, &answer, &left);
        }
        left.below
    }
}
