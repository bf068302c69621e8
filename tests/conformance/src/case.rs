//! A case: one sentence about the Winsock API, what it stands on, and the body that checks it.
//!
//! The table [`cases!`](crate::cases!) at the top of a module makes one of each function that it names. A body fails by a panic. It
//! says that it does not apply by returning [`Outcome::NotApplicable`]; most return nothing.

use crate::assertions::{self, Assertion, Confidence};
use crate::need::{Lack, Need};
use std::panic;
use std::time::Duration;

/// One sentence about the Winsock API, which holds or does not.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The Rust path of the module it is in.
    module: &'static str,
    /// The name of its body.
    function: &'static str,
    /// What it stands on: ids of assertions, or a page and section.
    pub cites: &'static [&'static str],
    /// Without these it does not apply.
    pub needs: &'static [Need],
    /// Which process it may run in.
    pub process: Process,
    /// How many seconds it may take at most, when it is one that a subject without the behaviour waits in for ever.
    pub within: Option<u64>,
    body: fn() -> Outcome,
}

/// Which process a case may run in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Process {
    /// Any in which the subject was started, beside other cases.
    Shared,
    /// One of its own, in which nothing was started: it changes what belongs to the whole process, or starts others.
    Own,
}

/// What a body came to that did not panic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The sentence holds.
    Passed,
    /// It cannot be checked here, with the reason.
    NotApplicable(String),
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Self::Passed
    }
}

impl Case {
    /// A case; made by [`cases!`](crate::cases!).
    #[must_use]
    pub const fn new(
        [module, function]: [&'static str; 2],
        cites: &'static [&'static str],
        needs: &'static [Need],
        process: Process,
        within: Option<u64>,
        body: fn() -> Outcome,
    ) -> Self {
        Self {
            module,
            function,
            cites,
            needs,
            process,
            within,
            body,
        }
    }

    /// Its name, which no other has: `bind::a_null_name_is_a_fault`.
    #[must_use]
    pub fn name(&self) -> String {
        let module = self.module.rsplit("::").next().unwrap_or(self.module);
        format!("{module}::{}", self.function)
    }

    /// The sentence: `a null name is a fault`.
    #[must_use]
    pub fn title(&self) -> String {
        self.function.replace('_', " ")
    }

    /// The assertions it stands on.
    pub fn assertions(&self) -> impl Iterator<Item = &'static Assertion> {
        self.cites.iter().filter_map(|id| assertions::find(id))
    }

    /// How long it may take where every case may take that long.
    #[must_use]
    pub fn limit(&self, of_all: Duration) -> Duration {
        self.within
            .map_or(of_all, |own| of_all.min(Duration::from_secs(own)))
    }

    /// Whether it stands on something that a test of Wine's has verified on Windows.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.assertions()
            .any(|assertion| assertion.confidence == Confidence::Verified)
    }

    /// The first need that this machine or the subject, which is started, does not meet.
    #[must_use]
    pub fn lack(&self) -> Option<Lack> {
        self.needs.iter().find_map(|need| need.lack())
    }

    /// Runs the body on the calling thread. A body that needs a process of its own finds one in which nothing was started, and any
    /// other the subject started. Blocks as long as it takes; one that hangs does not return.
    ///
    /// # Errors
    /// What the body panicked with.
    pub fn run(&self) -> Result<Outcome, String> {
        panic::catch_unwind(self.body).map_err(|payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            text.unwrap_or("a panic without a message").to_owned()
        })
    }
}

/// Makes the constant `CASES` of a module: one row for each body, with what it stands on, what it needs, and `alone` when it needs a
/// process of its own; `within` and a number of seconds when a subject without the behaviour waits for ever in the body.
///
/// ```text
/// cases! {
///     a_null_name_is_a_fault: [P31], [Tcp];
///     a_write_to_the_handle_is_a_send: ["client-dll.md 1.9"], [Tcp];
///     there_are_no_sockets_before_startup: [P1], [Tcp], alone;
///     a_receive_gives_up_after_its_time: [P140], [Tcp] within 20;
/// }
/// ```
#[macro_export]
macro_rules! cases {
    ($($name:ident: [$($cite:tt),*], [$($need:ident),*] $(, $alone:ident)? $(within $seconds:literal)?;)*) => {
        /// The cases of this module.
        pub const CASES: &[$crate::Case] = &[$(
            $crate::Case::new(
                [module_path!(), stringify!($name)],
                &[$($crate::cases!(@cite $cite)),*],
                &[$($crate::Need::$need),*],
                $crate::cases!(@process $($alone)?),
                $crate::cases!(@within $($seconds)?),
                || $crate::Outcome::from($name()),
            )
        ),*];
    };
    (@cite $id:ident) => { stringify!($id) };
    (@cite $page:literal) => { $page };
    (@within) => { None };
    (@within $seconds:literal) => { Some($seconds) };
    (@process) => { $crate::Process::Shared };
    (@process alone) => { $crate::Process::Own };
}
