//! Locks that are held while code of others runs: V023.
//!
//! A provider may be called again while it is in a call: by another thread, by a callback of the application that the provider below
//! runs. When a provider is about to run code of others for the first time in one of its functions - the provider below, a condition
//! function, a completion routine, a blocking hook -, the call is held for a moment, and another thread asks the provider for an option
//! of the same socket. An answer that does not come until the held call has gone on and returned was waiting for something that the
//! layer holds.
//!
//! The other thread is in the provider's code until its question is answered. The provider's WSPCleanup, after which it may be unloaded,
//! waits for that; a provider that still does not answer stays loaded.

use crate::checks::Checks;
use crate::nest::{self, Call};
use crate::rule;
use crate::stack::{self, Stack};
use parking_lot::{Condvar, Mutex};
use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use ws2spi::trace::{self, Procedure};
use ws2spi_abi::ffi::native::ProcTable;
use ws2spi_abi::{SO_TYPE, SOCKET, SOL_SOCKET};

/// Which functions of which tables have been tried.
#[derive(Default)]
pub(crate) struct Reentry {
    tried: Mutex<HashSet<(usize, &'static str, &'static str)>>,
    /// The questions that were not answered in time, by module.
    open: Mutex<Vec<(usize, Arc<Question>)>>,
}

/// A question that has not been answered.
pub(crate) struct Held {
    question: Arc<Question>,
    module: usize,
    function: &'static str,
    s: SOCKET,
}

#[derive(Default)]
struct Question {
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Progress {
    #[default]
    Unasked,
    Asked,
    Answered,
}

impl Question {
    fn reach(&self, progress: Progress) {
        *self.progress.lock() = progress;
        self.changed.notify_all();
    }

    /// Whether it was answered in time, which begins when it has been asked.
    fn is_answered(&self) -> bool {
        let mut progress = self.progress.lock();
        while *progress == Progress::Unasked {
            self.changed.wait(&mut progress);
        }
        let is_open = |progress: &mut Progress| *progress != Progress::Answered;
        self.changed
            .wait_while_for(&mut progress, is_open, PATIENCE);
        *progress == Progress::Answered
    }
}

/// Functions that a socket need not survive, and those that are no calls on a socket.
const LEFT_OUT: [&str; 3] = ["WSPCloseSocket", "WSPCleanup", "WSPStartup"];
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks a layer for the type of a socket, `None` when it does not answer that itself.
fn asker(table: &'static ProcTable, s: SOCKET) -> Option<impl FnOnce() + Send + 'static> {
    let call = Procedure::get_sock_opt {
        s,
        level: SOL_SOCKET,
        name: SO_TYPE,
        value: std::ptr::null_mut(),
        len: std::ptr::null_mut(),
    };
    let function = table.lpWSPGetSockOpt?;
    (!trace::is_handed_on(table, &call)).then_some(move || {
        let (mut value, mut length, mut errno) = ([0u8; 4], 4, 0);
        // SAFETY: the function of a started provider, one of whose calls is going on; all pointers are live locals.
        unsafe {
            function(
                s,
                SOL_SOCKET,
                SO_TYPE,
                value.as_mut_ptr().cast(),
                &raw mut length,
                &raw mut errno,
            );
        }
    })
}

/// A call of a provider that can be held.
#[derive(Clone, Copy)]
pub(crate) struct Holdable {
    pub module: usize,
    pub level: usize,
    pub table: &'static ProcTable,
    pub function: &'static str,
    pub s: SOCKET,
}

impl Holdable {
    /// The thread's innermost call.
    pub fn innermost() -> Option<Self> {
        let found = nest::innermost(|call| {
            Some(Self {
                module: call.module,
                level: call.level?,
                table: call.table?,
                function: call.function,
                s: call.socket?,
            })
        });
        found
            .flatten()
            .filter(|call| !LEFT_OUT.contains(&call.function))
    }
}

impl Checks {
    /// Before a layer's call of the provider below.
    pub(crate) fn probe_lock(&self) -> Option<Held> {
        self.hold(Holdable::innermost()?, "below")
    }

    /// Holds a call that is about to run somebody else's code, the first time that it comes there.
    pub(crate) fn hold(&self, call: Holdable, before: &'static str) -> Option<Held> {
        let Holdable {
            module,
            level,
            table,
            function,
            s,
        } = call;
        if nest::is_asking() || !self.watches(module) {
            return None;
        }
        if !self.reentry.tried.lock().insert((level, function, before)) {
            return None;
        }
        let ask = asker(table, s)?;
        let question = Arc::new(Question::default());
        let answered = Arc::clone(&question);
        let asking = thread::Builder::new().name(String::from("ws2spi verifier"));
        let asking = asking.spawn(move || {
            answered.reach(Progress::Asked);
            nest::asking(ask);
            answered.reach(Progress::Answered);
        });
        if asking.is_err() || question.is_answered() {
            return None;
        }
        self.reentry
            .open
            .lock()
            .push((module, Arc::clone(&question)));
        Some(Held {
            question,
            module,
            function,
            s,
        })
    }

    /// Before a WSPCleanup of a module: nobody is to be in its code any more when it is unloaded.
    pub(crate) fn await_answers(&self, module: usize) {
        let mut open = Vec::new();
        self.reentry.open.lock().retain(|(of, question)| {
            let is_of_it = *of == module;
            if is_of_it {
                open.push(Arc::clone(question));
            }
            !is_of_it
        });
        for question in open {
            if !question.is_answered() {
                let image = {
                    let ledger = self.ledger.lock();
                    ledger.modules.get(&module).and_then(|module| module.image)
                };
                if let Some(image) = image {
                    stack::keep_loaded(image);
                }
            }
        }
    }

    /// After that code has run.
    pub(crate) fn let_go(&self, held: Option<Held>, code: &str) {
        let Some(held) = held else {
            return;
        };
        if *held.question.progress.lock() == Progress::Answered {
            return;
        }
        let Held {
            module,
            function,
            s,
            ..
        } = held;
        let what = format!("another call on the socket waited until {code} had returned");
        let stack = Stack::here();
        self.report(&rule::LOCKED, module, function, Some(s), what, &stack);
    }

    /// After a call of the provider below.
    pub(crate) fn check_probed(&self, left: &mut Call) {
        let held = left.held.take();
        self.let_go(held, &format!("{} below", left.function));
    }

    /// Runs a function of the program for a provider that is in this call.
    pub(crate) fn call_back<T>(
        &self,
        call: Option<Holdable>,
        name: &'static str,
        function: impl FnOnce() -> T,
    ) -> T {
        let held = call.and_then(|call| self.hold(call, name));
        let value = nest::in_application(function);
        self.let_go(held, name);
        value
    }
}
