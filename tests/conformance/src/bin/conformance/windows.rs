//! The program as it is on Windows.

use crate::comparison::Comparison;
use core::ffi::c_void;
use std::fs::{self, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::IntoRawHandle;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, process, thread};
use ws2spi_abi::HANDLE;
use ws2spi_conformance::expectations::Expectations;
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
        _ => match Order::read(&words).and_then(|order| order.obey()) {
            Ok(all_agree) => u8::from(!all_agree).into(),
            Err(what) => unusable(&what),
        },
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

/// What is to be run, and how.
struct Order<'a> {
    filters: Vec<&'a str>,
    table: Option<&'a str>,
    version: Option<&'a str>,
    jobs: usize,
}

impl<'a> Order<'a> {
    fn read(words: &[&'a str]) -> Result<Self, String> {
        let mut order = Self {
            filters: Vec::new(),
            table: None,
            version: None,
            jobs: thread::available_parallelism().map_or(1, usize::from),
        };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            match word {
                "--expect" => order.table = Some(words.next().ok_or(USAGE)?),
                "--version" => order.version = Some(words.next().ok_or(USAGE)?),
                "--jobs" => {
                    let count = words.next().and_then(|count| count.parse().ok());
                    order.jobs = count.filter(|count| *count > 0).ok_or(USAGE)?;
                }
                _ if word.starts_with('-') => return Err(USAGE.to_owned()),
                filter => order.filters.push(filter),
            }
        }
        Ok(order)
    }

    /// Whether all came to what they should.
    fn obey(&self) -> Result<bool, String> {
        let is_wanted = |case: &&Case| {
            let mut filters = self.filters.iter();
            self.filters.is_empty() || filters.any(|filter| case.name().contains(filter))
        };
        let known = self.table.map(|path| {
            let text = fs::read_to_string(path).map_err(|error| error.to_string());
            let known = text.and_then(|text| Expectations::parse(&text));
            known.map_err(|error| format!("{path}: {error}"))
        });
        let known = known.transpose()?.map(|known| match self.version {
            Some(version) => known.on(version),
            None => known,
        });
        let supervisor = Supervisor::new([], LIMIT).map_err(|error| error.to_string())?;
        let wanted: Vec<_> = cases::all().filter(is_wanted).collect();
        Ok(Comparison::new(supervisor, known).run(&wanted, self.jobs))
    }
}

const USAGE: &str = "conformance [--list | --case NAME | [--expect TABLE [--version VERSION]] [--jobs COUNT] [FILTER...]]";
