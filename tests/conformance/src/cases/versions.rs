//! WSAStartup: the version it agrees on, and what needs no start.

use crate::overlapped::Event;
use crate::socket::{checked, last_code};
use crate::{cases, subject, winsock};
use ws2spi_abi::*;

cases! {
    major_version_0_is_not_supported: [U115], [], alone;
    every_requested_version_gets_its_answer: [U116], [], alone;
    a_start_needs_a_place_for_its_data: [U117], [], alone;
    limits_are_told_to_version_1_only: [U118], [], alone;
    events_need_no_start: [U23], [], alone;
}

/// The word of a version.
const fn version(major: u8, minor: u8) -> u16 {
    u16::from_le_bytes([major, minor])
}

/// What `WSAStartup` returns and stores; a start that succeeded is ended.
fn start(requested: u16) -> (i32, WSADATA) {
    let mut data = WSADATA::EMPTY;
    let code = subject::start_version(requested, &mut data);
    if code == 0 {
        // SAFETY: no arguments.
        assert_eq!(checked(unsafe { winsock::WSACleanup() }), Ok(0));
    }
    (code, data)
}

// The version that is offered is told all the same.
fn major_version_0_is_not_supported() {
    for minor in [0, 1, 2, 255] {
        let (code, data) = start(version(0, minor));
        assert_eq!(code, WSAVERNOTSUPPORTED, "0.{minor}");
        let told = (data.wVersion, data.wHighVersion);
        assert_eq!(told, (version(2, 2), version(2, 2)), "0.{minor}");
    }
}

fn every_requested_version_gets_its_answer() {
    for (requested, agreed) in [
        (version(1, 0), version(1, 0)),
        (version(1, 1), version(1, 1)),
        (version(1, 5), version(1, 1)),
        (version(2, 0), version(2, 0)),
        (version(2, 1), version(2, 1)),
        (version(2, 2), version(2, 2)),
        (version(2, 3), version(2, 2)),
        (version(3, 0), version(2, 2)),
        (version(255, 255), version(2, 2)),
    ] {
        let (code, data) = start(requested);
        let told = (code, data.wVersion, data.wHighVersion);
        assert_eq!(told, (0, agreed, version(2, 2)), "{requested:#06x}");
    }
}

// The version is looked at first.
fn a_start_needs_a_place_for_its_data() {
    // SAFETY: NULL is what is tested.
    let start = |requested| unsafe { winsock::WSAStartup(requested, std::ptr::null_mut()) };
    assert_eq!(start(version(2, 2)), WSAEFAULT);
    assert_eq!(start(version(0, 2)), WSAVERNOTSUPPORTED);
}

fn limits_are_told_to_version_1_only() {
    for (requested, limits) in [
        (version(1, 1), (32767, 65467)),
        (version(2, 0), (0, 0)),
        (version(2, 2), (0, 0)),
    ] {
        let (_, data) = start(requested);
        assert_eq!((data.iMaxSockets, data.iMaxUdpDg), limits);
    }
}

fn events_need_no_start() {
    let event = Event::new();
    assert!(!event.is_set());
    event.set();
    assert!(event.is_set());
    // SAFETY: no pointers.
    assert_eq!(unsafe { winsock::WSAResetEvent(event.raw()) }, TRUE);
    assert!(!event.is_set());
    let raw = event.raw();
    drop(event);
    // SAFETY: no pointers.
    assert_eq!(unsafe { winsock::WSACloseEvent(raw) }, FALSE);
    assert_eq!(last_code(), WSA_INVALID_HANDLE);
}
