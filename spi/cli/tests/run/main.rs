//! `ws2spi run` from outside: the real program on real providers, good and bad; exit codes, messages
//! and the document. One file per noun; here is what they share.

mod at_once;
mod driver;
mod layers;
mod misdeeds;
mod nowhere;
mod outside;
mod own_entry;
mod report;
mod styles;
mod unusable;
mod verify;
#[cfg(target_arch = "x86_64")]
mod win64;
mod windows_style;

use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A provider of the examples.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/c")
        .join(name)
}

/// The layer that does what it should not, and the flags that say what.
fn misdeed(what: &str) -> (PathBuf, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misdeeds.c");
    let folder = example("");
    let flags = format!(
        "-I{} -Wall -Wextra -Werror -DMISDEED={what}",
        folder.display()
    );
    (source, flags)
}

/// The families that this machine has.
fn families() -> &'static [&'static str] {
    match TcpListener::bind("[::1]:0") {
        Ok(_) => &["IPv4", "IPv6"],
        Err(_) => &["IPv4"],
    }
}

/// `ws2spi run` with little traffic.
fn command(providers: &[PathBuf]) -> Command {
    let mut command = plain_command(providers);
    command.args(["--bytes", "600K", "--datagrams", "300"]);
    command
}

/// `ws2spi run`.
fn plain_command(providers: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    command.arg("run").args(providers);
    if families().len() == 1 {
        command.arg("--ipv4-only");
    }
    command
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the tool starts");
        Self {
            code: status.code(),
            out: String::from_utf8(stdout).expect("the output is UTF-8"),
            err: String::from_utf8(stderr).expect("the messages are UTF-8"),
        }
    }

    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{}\n{}", self.out, self.err);
        self
    }

    /// The report on standard output, or the message on standard error, on one line.
    #[track_caller]
    fn says(self, what: &str) -> Self {
        let all = format!("{} {}", self.out, self.err);
        let line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(what), "{what:?} is missing:\n{all}");
        self
    }

    /// As [`says`](Self::says), one of several.
    #[track_caller]
    fn says_one_of(self, what: &[&str]) -> Self {
        let all = format!("{} {}", self.out, self.err);
        let line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = what.iter().any(|what| line.contains(what));
        assert!(found, "none of {what:?} is there:\n{all}");
        self
    }

    #[track_caller]
    fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}", self.out))
    }
}

#[track_caller]
fn passed(providers: &[&str]) -> Value {
    let paths: Vec<PathBuf> = providers.iter().map(|name| example(name)).collect();
    let ended = Ended::of(command(&paths).arg("--json")).expect(0);
    let document = ended.document();
    assert_eq!(ended.err, "");
    assert_eq!(document["verdict"], "passed");
    let names: Vec<&str> = strings(&document["levels"], "provider");
    let below = names.len() - 1;
    assert_eq!(
        &names[..below],
        providers,
        "one level each, the first on top"
    );
    assert_eq!(names[below], "base");
    document
}

fn strings<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .filter_map(|item| item[field].as_str())
        .collect()
}

fn calls(document: &Value, level: usize, direction: &str, function: &str) -> u64 {
    document["levels"][level][direction][function]["calls"]
        .as_u64()
        .unwrap_or(0)
}

/// A run of the misdeed by blocking calls, the style in which most of them show.
#[track_caller]
fn misbehaves(what: &str) -> Ended {
    let (source, flags) = misdeed(what);
    let mut command = command(&[source]);
    Ended::of(command.args(["--cflags", &flags, "--timeout", "30", "--io", "blocking"]))
}

/// The styles of I/O, in the order in which a run takes them.
const STYLES: [&str; 8] = [
    "blocking",
    "nonblocking",
    "select",
    "event",
    "async",
    "overlapped-event",
    "overlapped-routine",
    "iocp",
];
