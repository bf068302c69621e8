//! Layers that can be used and misbehave: each misdeed fails the run and is named.

use crate::{Ended, command, misbehaves, misdeed};
use serde_json::Value;

#[test]
fn a_correct_layer_of_the_misdeeds_passes() {
    misbehaves("NONE").expect(0);
}

#[test]
fn a_layer_that_gives_no_sockets_fails() {
    misbehaves("NO_SOCKETS")
        .expect(1)
        .says("WSPSocket failed with WSAEMFILE (10024)");
}

#[test]
fn a_changed_byte_fails_and_is_shown() {
    // Which byte it hits depends on the threads: one of the data, or of the number a stream begins with.
    misbehaves("CHANGED_BYTE")
        .expect(1)
        .says_one_of(&["sent was 0x", "no number of a connection"])
        .says("Verdict failed");
}

#[test]
fn lost_bytes_fail() {
    misbehaves("LOST_DATA")
        .expect(1)
        .says("TCP over IPv4, ")
        .says("Verdict failed");
}

#[test]
fn a_lost_datagram_fails_and_is_numbered() {
    misbehaves("LOST_DATAGRAM")
        .expect(1)
        .says("did not come within 5000 ms");
}

#[test]
fn a_count_that_cannot_be_fails_and_is_a_finding() {
    misbehaves("TOO_MANY_SENT")
        .expect(1)
        .says("Findings 1 misdeeds.c: WSPSend: reported");
}

#[test]
fn sockets_that_stay_open_fail() {
    misbehaves("SOCKET_LEFT_OPEN")
        .expect(1)
        .says("sockets left open, of base");
}

#[test]
fn handles_that_leak_fail_and_are_counted_by_kind() {
    let ended = misbehaves("EVENT_LEFT_OPEN").expect(1);
    ended
        .says("handles leaked; open after the last WSACleanup: ")
        .says(" events");
}

#[test]
fn a_crash_fails_and_the_function_is_named() {
    misbehaves("CRASH")
        .expect(1)
        .says("a provider crashed the process with SIGSEGV, while carrying TCP over IPv4 by blocking I/O, in WSPSend of misdeeds.c");
}

#[test]
fn a_crash_at_the_start_fails_and_the_provider_is_named() {
    misbehaves("CRASH_AT_START")
        .expect(1)
        .says("with SIGSEGV, while starting misdeeds.c alone, in WSPStartup of misdeeds.c");
}

#[test]
fn a_provider_that_ends_the_process_does_not_pass() {
    misbehaves("EXIT")
        .expect(1)
        .says("a provider ended the process with exit code 0, while carrying");
}

#[test]
fn a_hang_is_cut_after_the_timeout_and_its_place_is_named() {
    let (source, flags) = misdeed("HANG");
    let mut command = command(&[source]);
    let ended =
        Ended::of(command.args(["--cflags", &flags, "--timeout", "10", "--json"])).expect(1);
    let document = ended.document();
    assert_eq!(document["verdict"], "failed");
    let failures = document["failures"].as_array().expect("a list");
    assert_eq!(
        failures[0],
        "hung: not done within 10 s, while carrying TCP over IPv4 by blocking I/O"
    );
    let hangs = |failure: &Value| {
        let text = failure.as_str().unwrap_or_default();
        text.contains(": in send for ") && text.ends_with(" s, WSPSend of misdeeds.c")
    };
    assert!(failures.iter().any(hangs), "{failures:#?}");
    assert!(document["levels"][0]["procedures"]["WSPSend"]["calls"].as_u64() > Some(0));
}

#[test]
fn a_hang_at_the_start_is_cut_too() {
    let (source, flags) = misdeed("HANG_AT_START");
    Ended::of(command(&[source]).args(["--cflags", &flags, "--timeout", "8"]))
        .expect(1)
        .says("hung: not done within 8 s, while starting misdeeds.c alone");
}
