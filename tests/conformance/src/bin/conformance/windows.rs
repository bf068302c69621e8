//! The program as it is on Windows.

use core::ffi::c_void;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::IntoRawHandle;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, process, thread};
use ws2spi_abi::HANDLE;
use ws2spi_conformance::subject::{self, Subject};
use ws2spi_conformance::supervisor::{self, Supervisor};
use ws2spi_conformance::{Case, cases};

/// The system's own implementation.
struct System;

impl Subject for System {
    fn prepare(&self) {}

    fn open_file(&self, contents: &[u8]) -> HANDLE {
        const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ws2spi-file-{}-{number}", process::id()));
        fs::write(&path, contents).expect("a file can be written");
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
        let file = options.open(&path).expect("the file is there");
        file.into_raw_handle().expose_provenance()
    }
}

/// How long a case may take: longer than a body waits for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// The arguments or the subject are unusable.
const UNUSABLE: u8 = 2;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn SetUnhandledExceptionFilter(filter: extern "system" fn(*const c_void) -> i32) -> usize;
}

/// Ends a process that crashed with the code of its exception, without a debugger or a window that nobody closes.
extern "system" fn end(_: *const c_void) -> i32 {
    const EXCEPTION_EXECUTE_HANDLER: i32 = 1;
    EXCEPTION_EXECUTE_HANDLER
}

pub fn main() -> ExitCode {
    // SAFETY: a function of that type, which lives as long as the program.
    unsafe { SetUnhandledExceptionFilter(end) };
    subject::set(System);
    if let Some(code) = supervisor::serve_if_asked() {
        return code;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--list"] => list(),
        ["--case", name] => match cases::find(name) {
            Some(case) => supervisor::serve(case),
            None => unusable(&format!("there is no case {name}")),
        },
        _ if words.iter().any(|word| word.starts_with('-')) => {
            unusable("conformance [--list | --case NAME | FILTER...]")
        }
        ref filters => {
            let wanted = |case: &&Case| {
                filters.is_empty() || filters.iter().any(|filter| case.name().contains(filter))
            };
            run(&cases::all().filter(wanted).collect::<Vec<_>>())
        }
    }
}

fn unusable(what: &str) -> ExitCode {
    eprintln!("{what}");
    UNUSABLE.into()
}

fn list() -> ExitCode {
    for case in cases::all() {
        println!("{}  {}", case.name(), case.cites.join(", "));
    }
    ExitCode::SUCCESS
}

fn run(wanted: &[&Case]) -> ExitCode {
    let supervisor = match Supervisor::new([], LIMIT) {
        Ok(supervisor) => supervisor,
        Err(error) => return unusable(&error.to_string()),
    };
    let next = AtomicUsize::new(0);
    let counts = Mutex::new(BTreeMap::<&str, usize>::new());
    let work = || {
        while let Some(case) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let report = supervisor.run(case);
            let mut counts = counts.lock().expect("nobody panics with the lock");
            println!("{} ... {}", case.name(), report.verdict);
            *counts.entry(report.verdict.word()).or_default() += 1;
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let counts = counts.into_inner().expect("nobody panics with the lock");
    let words: Vec<_> = counts
        .iter()
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    println!("{}", words.join(", "));
    let fine = ["passed", "not applicable"];
    u8::from(counts.keys().any(|word| !fine.contains(word))).into()
}
