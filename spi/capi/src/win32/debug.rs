//! Text for debuggers.
//!
//! There is no debugger to take it, so it goes where findings about providers go: to the process's diagnostic sink, by default standard
//! error ([`ws2spi_abi::diagnostic`]).

use crate::table::exports;
use crate::text;
use ws2spi::trace;
use ws2spi_abi::diagnostic::{self, Diagnostic};
use ws2spi_abi::{BOOL, FALSE, PCSTR, PCWSTR};

fn output(what: Option<String>, function: &'static str) {
    let Some(what) = what else {
        return;
    };
    let provider = trace::innermost().map_or("program", |(module, _)| module);
    diagnostic::report(&Diagnostic {
        provider: provider.to_owned(),
        function,
        what: what.trim_end_matches(['\r', '\n']).to_owned(),
    });
}

/// Gives a text to the diagnostic sink, with the module whose code runs when calls are watched; nothing for NULL. Any thread; the last
/// error stays. Microsoft: "OutputDebugStringA function".
///
/// # Safety
/// `text` is null or NUL-terminated.
#[doc(alias = "OutputDebugStringA")]
pub unsafe fn output_a(text: PCSTR) {
    // SAFETY: the caller's contract.
    output(unsafe { text::narrow(text) }, "OutputDebugStringA");
}

/// [`output_a`] in 16-bit units. Microsoft: "OutputDebugStringW function".
///
/// # Safety
/// `text` is null or NUL-terminated.
#[doc(alias = "OutputDebugStringW")]
pub unsafe fn output_w(text: PCWSTR) {
    // SAFETY: the caller's contract.
    output(unsafe { text::wide(text) }, "OutputDebugStringW");
}

/// FALSE: no debugger speaks Windows' protocol here. Microsoft: "IsDebuggerPresent function".
#[doc(alias = "IsDebuggerPresent")]
#[must_use]
pub fn is_debugger_present() -> BOOL {
    FALSE
}

exports! {
    "OutputDebugStringA" output_debug_string_a(text: PCSTR) => output_a;
    "OutputDebugStringW" output_debug_string_w(text: PCWSTR) => output_w;
    "IsDebuggerPresent" a_debugger_is_present() -> BOOL = FALSE => is_debugger_present;
}
