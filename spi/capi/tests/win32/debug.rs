//! `OutputDebugString`, `IsDebuggerPresent`.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "like calls stand in one list, under one fact"
)]

use super::wide;
use std::ptr::null;
use std::sync::{Arc, Mutex};
use ws2_32::win32::debug;
use ws2spi_abi::FALSE;
use ws2spi_abi::diagnostic::{self, Diagnostic, Sink};

#[derive(Default)]
struct Kept(Mutex<Vec<(String, &'static str)>>);

impl Sink for Kept {
    fn report(&self, diagnostic: &Diagnostic) {
        let mut kept = self.0.lock().expect("nobody panics with it");
        kept.push((diagnostic.what.clone(), diagnostic.function));
    }
}

// MSDN "OutputDebugStringA": text for a debugger, here for the process's diagnostic sink; NULL is none.
#[test]
fn text_for_debuggers_goes_to_the_diagnostic_sink() {
    let kept = Arc::new(Kept::default());
    let former = diagnostic::set_sink(Some(kept.clone()));
    // SAFETY: NUL-terminated texts, and NULL.
    unsafe {
        debug::output_a(c"one line\r\n".as_ptr().cast());
        debug::output_a(null());
        debug::output_w(wide("zwei Wörter").as_ptr());
        debug::output_w(null());
    }
    diagnostic::set_sink(former);
    let kept = kept.0.lock().expect("nobody panics with it");
    let own = kept
        .iter()
        .filter(|(_, function)| function.starts_with("OutputDebugString"));
    let expected = [
        (String::from("one line"), "OutputDebugStringA"),
        (String::from("zwei Wörter"), "OutputDebugStringW"),
    ];
    assert_eq!(own.cloned().collect::<Vec<_>>(), expected);
    assert_eq!(debug::is_debugger_present(), FALSE);
}
