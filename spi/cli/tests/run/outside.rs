//! What comes from outside of a run: outputs that go away, signals.

use crate::driver::{driver, folder, tool};
use crate::{Ended, command, example, misdeed};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A run by blocking calls, through a good layer.
fn good() -> Command {
    let mut command = command(&[example("layer_hook.c")]);
    command.args(["--io", "blocking"]);
    command
}

/// An output to which every write fails: nobody is at the other end.
fn unwritable() -> Stdio {
    let socket = UnixDatagram::unbound().expect("a socket");
    Stdio::from(OwnedFd::from(socket))
}

#[test]
fn a_reader_that_has_gone_changes_nothing_about_the_exit_code() {
    let mut child = good().stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_report_that_cannot_be_written_is_said_to_be_missing() {
    for more in [&[][..], &["--json"], &["--in-process"]] {
        let mut command = good();
        command
            .args(more)
            .stdout(unwritable())
            .stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("ws2spi: the report cannot be written: "),
            "{said}"
        );
    }
}

#[test]
fn flags_and_lists_that_cannot_be_written_are_said_to_be_missing() {
    let scratch = folder();
    fs::write(scratch.path().join("a.c"), "").expect("it is written");
    for words in [&["--cflags"][..], &["-MM", "a.c"]] {
        let mut command = driver(&tool(), &scratch);
        command.args(words).current_dir(scratch.path());
        let output = command.stdout(unwritable()).stderr(Stdio::piped());
        let output = output
            .spawn()
            .and_then(std::process::Child::wait_with_output);
        let output = output.expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("ws2spi cc: standard output: "), "{said}");
    }
}

#[test]
fn messages_that_cannot_be_written_change_nothing_about_the_exit_code() {
    let status = command(&["no/such.c".into()]).stderr(unwritable()).status();
    assert_eq!(status.expect("it starts").code(), Some(2));
}

#[test]
fn a_signal_that_ends_the_run_ends_the_tool_and_leaves_nothing_behind() {
    let scratch = TempDir::new().expect("a scratch folder");
    let script = scratch.path().join("interrupts");
    fs::write(&script, "kill -TERM $PPID\n").expect("the script can be written");
    let folder = scratch.path().join("tmp");
    fs::create_dir(&folder).expect("a folder in it");
    let mut command = good();
    command.arg("--cc").arg(format!("sh {}", script.display()));
    let status = command.env("TMPDIR", &folder).status().expect("it starts");
    // SIGTERM: SIGINT is ignored by all that was started in the background of a script.
    assert_eq!(status.signal(), Some(15));
    let left = fs::read_dir(&folder).expect("the folder is there").count();
    assert_eq!(left, 0);
}

#[test]
fn a_crash_tells_the_seed_that_repeats_it() {
    let (source, flags) = misdeed("CRASH");
    let crash = |more: &[&str]| {
        let mut command = command(std::slice::from_ref(&source));
        command.args(["--cflags", &flags, "--io", "blocking", "--json"]);
        Ended::of(command.args(more).env("WS2SPI_SEED", "99"))
            .expect(1)
            .document()
    };
    assert_eq!(crash(&[])["seed"], 99);
    assert_eq!(crash(&["--seed", "7"])["seed"], 7);
}
