//! Misdeeds of `WSPStartup`, and modules that cannot be started at all.

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::{env, fs, thread};
use ws2spi_abi::*;
use ws2spi_tests::census::{self, Census};
use ws2spi_tests::findings::Findings;
use ws2spi_tests::hostile::{self, Hostile};
use ws2spi_tests::{Socket, configuration, isolated, providers, wait};

fn tcp() -> Result<Socket, Errno> {
    Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP)
}

/// A connection through the chain carries bytes. On a thread of its own, whose wake-ups and identity go with it.
fn expect_traffic() {
    wait::within_patience("the traffic", || {
        let (client, server) = Socket::pair(AF_INET);
        client.send(b"through", 0).expect("a connection carries");
        let mut got = [0; 7];
        server.recv_exact(&mut got);
        assert_eq!(&got, b"through");
    });
}

/// The slots of WSPPROC_TABLE, in order.
const SLOTS: [&str; 30] = [
    "WSPAccept",
    "WSPAddressToString",
    "WSPAsyncSelect",
    "WSPBind",
    "WSPCancelBlockingCall",
    "WSPCleanup",
    "WSPCloseSocket",
    "WSPConnect",
    "WSPDuplicateSocket",
    "WSPEnumNetworkEvents",
    "WSPEventSelect",
    "WSPGetOverlappedResult",
    "WSPGetPeerName",
    "WSPGetSockName",
    "WSPGetSockOpt",
    "WSPGetQOSByName",
    "WSPIoctl",
    "WSPJoinLeaf",
    "WSPListen",
    "WSPRecv",
    "WSPRecvDisconnect",
    "WSPRecvFrom",
    "WSPSelect",
    "WSPSend",
    "WSPSendDisconnect",
    "WSPSendTo",
    "WSPSetSockOpt",
    "WSPShutdown",
    "WSPSocket",
    "WSPStringToAddress",
];

// U94: any NULL in the 30 entries: WSAEINVALIDPROCTABLE, 30 sub-cases. U95: WSPCleanup, if not the NULL slot, ran once.
#[test]
fn a_null_slot_makes_the_table_invalid_and_is_named() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("");
    for (slot, name) in SLOTS.iter().enumerate() {
        hostile.set(&format!("null-slot:{slot}"));
        let (started, cleaned) = (hostile.startups(), hostile.cleanups());
        assert_eq!(tcp(), Err(Errno::INVALIDPROCTABLE), "{name}");
        assert_eq!(
            hostile.findings("WSPStartup"),
            [format!("left {name} NULL")]
        );
        assert_eq!(hostile.startups(), started + 1, "{name}");
        let cleanups = if *name == "WSPCleanup" { 0 } else { 1 };
        assert_eq!(hostile.cleanups(), cleaned + cleanups, "{name}");
    }
    hostile.end(&before);
}

// U94, U95: a layer in the field returns FALSE, which is 0, from WSPStartup when it fails, with the table empty.
#[test]
fn an_empty_table_is_invalid() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("");
    for misdeed in ["null-slot:all", "startup-false-empty"] {
        hostile.set(misdeed);
        assert_eq!(tcp(), Err(Errno::INVALIDPROCTABLE), "{misdeed}");
        assert_eq!(hostile.findings("WSPStartup"), ["left WSPAccept NULL"]);
    }
    hostile.end(&before);
}

// U95: after a NULL slot the module is unloaded. U98: after a failed WSPStartup too (client-dll.md 3.6.6).
#[test]
fn a_module_that_did_not_start_is_unloaded() {
    isolated!();
    let findings = Findings::install();
    let path = providers::path("hostile");
    let _ = hostile::install(&path);
    configuration::startup();
    for (misdeed, error) in [
        ("null-slot:3", Errno::INVALIDPROCTABLE),
        ("startup-error:10091", Errno::PROVIDERFAILEDINIT),
        ("version:1.1", Errno::INVALIDPROVIDER),
    ] {
        // SAFETY: nobody else in this process reads or writes the environment now.
        unsafe { env::set_var("WS2SPI_HOSTILE", misdeed) };
        assert_eq!(tcp(), Err(error), "{misdeed}");
        assert!(!census::is_loaded(&path), "{misdeed}");
    }
    assert_eq!(findings.take().len(), 3);
    // SAFETY: as above.
    unsafe { env::remove_var("WS2SPI_HOSTILE") };
    expect_traffic();
    assert!(census::is_loaded(&path));
    hostile::cleanup();
    assert!(!census::is_loaded(&path));
}

// U93: a provider answering 1.1 makes WSASocket fail WSAEINVALIDPROVIDER. U92: a client that is unhappy with wVersion calls
// WSPCleanup exactly once.
#[test]
fn another_version_is_refused_and_cleaned_up_once() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("");
    for version in ["1.0", "1.1", "2.0", "2.1", "2.3", "3.0", "0.0", "255.255"] {
        hostile.set(&format!("version:{version}"));
        let cleaned = hostile.cleanups();
        assert_eq!(tcp(), Err(Errno::INVALIDPROVIDER), "{version}");
        let expected = format!("offers version {version}; only 2.2 is used");
        assert_eq!(hostile.findings("WSPStartup"), [expected]);
        assert_eq!(hostile.cleanups(), cleaned + 1, "{version}");
    }
    hostile.end(&before);
}

// U98: WSPStartup returning an error: WSAEPROVIDERFAILEDINIT. U99: the failure is not cached.
#[test]
fn a_failed_start_is_told_and_tried_again_by_the_next_socket() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("");
    for code in [WSASYSNOTREADY, WSAVERNOTSUPPORTED, WSAEPROCLIM, 12345, -1] {
        hostile.set(&format!("startup-error:{code}"));
        assert_eq!(tcp(), Err(Errno::PROVIDERFAILEDINIT), "{code}");
        let found = hostile.findings("WSPStartup");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("failed with "), "{found:?}");
    }
    assert_eq!((hostile.startups(), hostile.cleanups()), (0, 0));
    hostile.set("");
    expect_traffic();
    assert_eq!(hostile.all_findings(), [""; 0]);
    hostile.end(&before);
}

// U97: a module without WSPStartup: WSAEPROVIDERFAILEDINIT.
#[test]
fn a_module_without_startup_is_told() {
    isolated!();
    let before = Census::take();
    let findings = Findings::install();
    let path = providers::path("hostile_no_startup");
    let _ = hostile::install(&path);
    configuration::startup();
    assert_eq!(tcp(), Err(Errno::PROVIDERFAILEDINIT));
    let found = findings.take();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].provider, path.to_string_lossy());
    assert_eq!(found[0].function, "WSPStartup");
    assert!(!census::is_loaded(&path));
    hostile::cleanup();
    before.expect_no_more();
}

// U96: a missing module: WSAEPROVIDERFAILEDINIT; the same for a file that is no library. U99: a fixed module loads on the next
// socket call.
#[test]
fn a_missing_module_is_told_and_loads_once_it_is_there() {
    isolated!();
    let before = Census::take();
    let findings = Findings::install();
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("layer.so");
    let _ = hostile::install(&path);
    configuration::startup();
    let expect_refusal = || {
        assert_eq!(tcp(), Err(Errno::PROVIDERFAILEDINIT));
        let found = findings.take();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].provider, path.to_string_lossy());
        assert_eq!(found[0].function, "WSPStartup");
        assert!(found[0].what.starts_with("cannot be loaded: "), "{found:?}");
    };
    expect_refusal();
    fs::write(&path, "no library").expect("the file can be written");
    expect_refusal();
    fs::remove_file(&path).expect("the file can be removed");
    fs::copy(providers::path("hostile"), &path).expect("the module can be copied");
    expect_traffic();
    hostile::cleanup();
    before.expect_no_more();
}

// U114: the path is env-expanded at load.
#[test]
fn environment_strings_in_a_path_are_expanded() {
    isolated!();
    let module = providers::path("hostile");
    // SAFETY: nobody else in this process reads or writes the environment now.
    unsafe { env::set_var("WS2SPI_TEST_ROOT", module.parent().expect("a folder")) };
    let _ = hostile::install(Path::new("%WS2SPI_TEST_ROOT%/hostile.so"));
    configuration::startup();
    expect_traffic();
    assert!(census::is_loaded(&module));
    hostile::cleanup();
}

// U103: concurrent first sockets on 16 threads: one WSPStartup. Meanwhile other providers' sockets are made.
#[test]
fn sixteen_first_sockets_wait_for_one_slow_start() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("slow-startup");
    let together = Arc::new(Barrier::new(16));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let together = Arc::clone(&together);
            thread::spawn(move || {
                together.wait();
                tcp().map(drop)
            })
        })
        .collect();
    hostile.wait_entered();
    wait::within_patience("a socket of another provider", || {
        Socket::new(AF_UNIX, SOCK_STREAM, 0).expect("the base is not slow");
    });
    assert!(!threads.iter().any(thread::JoinHandle::is_finished));
    hostile.release();
    for thread in threads {
        let answer = wait::within_patience("the socket", move || thread.join());
        assert_eq!(answer.expect("no panic"), Ok(()));
    }
    assert_eq!(hostile.startups(), 1);
    assert_eq!(hostile.all_findings(), [""; 0]);
    hostile.end(&before);
}

// U103: threads that wait for a start that fails get its error; nobody starts it a second time for them.
#[test]
fn a_slow_start_that_fails_is_told_to_all_that_wait() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("slow-startup");
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(|| tcp().map(drop))).collect();
    hostile.wait_entered();
    // The last WSACleanup comes while WSPStartup runs, whose upcalls fail from then on.
    hostile::cleanup();
    hostile.release();
    for thread in threads {
        let answer = wait::within_patience("the refusal", move || thread.join());
        let refusals = [Errno::PROVIDERFAILEDINIT, Errno::NOTINITIALISED];
        let error = answer
            .expect("no panic")
            .expect_err("no socket after the end");
        assert!(refusals.contains(&error), "{error}");
    }
    assert_eq!((hostile.startups(), hostile.cleanups()), (0, 0));
    assert_eq!(hostile.findings("WSPStartup").len(), 1);
    configuration::startup();
    hostile.set("");
    hostile.end(&before);
}

// U7: a provider overwriting its table argument does not change the client DLL's table; nor does scribbling over lpProtocolInfo
// change the catalog. U9: the next chain of this module is started with the right ones.
#[test]
fn overwritten_arguments_of_startup_affect_nobody_else() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("overwrite-arguments");
    expect_traffic();
    for chain in hostile.chains() {
        let s = Socket::new(chain.iAddressFamily, chain.iSocketType, chain.iProtocol)
            .expect("a socket of each chain");
        let entry = s
            .option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, 628)
            .expect("a socket knows its entry");
        let id = u32::from_ne_bytes([entry[36], entry[37], entry[38], entry[39]]);
        assert_eq!(id, chain.dwCatalogEntryId);
    }
    assert_eq!(hostile.startups(), hostile.chains().len() as i32);
    assert_eq!(hostile.all_findings(), [""; 0]);
    hostile.end(&before);
}

// U14: upcalls and WSCEnumProtocols succeed from inside WSPStartup, and U15: inside WSPSocket sockets can be made: no deadlock. A
// start that needs itself fails instead of waiting for itself.
#[test]
fn calling_back_from_startup_and_socket_does_not_deadlock() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("reenter");
    expect_traffic();
    assert_eq!(hostile.inner_error(), 0, "the socket of the entry below");
    let found = hostile.findings("WSPStartup");
    assert_eq!(
        found,
        ["needs itself, directly or through another provider, to start"]
    );
    hostile.end(&before);
}

// U108: the last WSACleanup succeeds when a WSPCleanup fails, and the module is unloaded all the same.
#[test]
fn a_failing_cleanup_is_told_and_stops_nothing() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("cleanup-fails");
    let left_open = tcp().expect("the provider works");
    hostile::cleanup();
    assert_eq!(hostile.findings("WSPCleanup"), ["failed with error 10050"]);
    assert_eq!((hostile.startups(), hostile.cleanups()), (1, 1));
    configuration::startup();
    assert_eq!(left_open.listen(1), Err(Errno::NOTSOCK));
    hostile.set("");
    expect_traffic();
    assert_eq!(hostile.all_findings(), [""; 0]);
    hostile.end(&before);
}
