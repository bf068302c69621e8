//! `ws2spi check` from outside: the real program on real providers; exit codes and documents.

mod junit;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/c");
    folder.join(name)
}

fn check(words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    let output = command.arg("check").args(words).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the tool starts");
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    (status.code(), text(stdout), text(stderr))
}

fn checked(provider: &str, words: &[&str]) -> (Option<i32>, Value) {
    let provider = example(provider);
    let path = provider.to_str().expect("a path in UTF-8");
    let all: Vec<_> = [path, "--json"].iter().chain(words).copied().collect();
    let (code, out, err) = check(&all);
    let document = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}\n{err}"));
    (code, document)
}

#[test]
fn a_layer_that_changes_nothing_passes_as_the_base_does() {
    let (code, document) = checked("layer_ifs.c", &["--filter", "names::"]);
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["passed"], 8);
    assert_eq!(document["verdict"], "passed");
    assert_eq!(document["levels"][0]["handles"], "system");
}

#[test]
fn what_a_layer_changes_differs_from_the_base() {
    // A non-IFS layer tells the count that the lower call returned.
    let case = DIFFERS;
    let (code, document) = checked("layer_nonifs.c", &["--filter", case]);
    assert_eq!(code, Some(1), "{document:#}");
    assert_eq!(document["counts"]["differs"], 1);
    assert_eq!(document["cases"][0]["name"], case);
    let details = document["cases"][0]["details"].to_string();
    assert!(details.contains("bytes: 4"), "{details}");
}

/// A case in which tests/c/layer_nonifs.c differs from the base.
const DIFFERS: &str =
    "overlapped_ioctls::what_is_answered_within_the_call_queues_a_packet_of_no_bytes";

// A minted handle is no file of the system: what only the system could do with it is no fault of the layer.
#[test]
fn what_needs_handles_of_the_system_does_not_apply_to_minted_ones() {
    let words = ["--filter", "connect_ex::a_refusal_is_told_in_the_packet"];
    let (code, document) = checked("layer_nonifs.c", &words);
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["not applicable"], 1);
    let details = document["cases"][0]["details"].to_string();
    assert!(details.contains("system handles"), "{details}");
    assert!(details.contains("layer_nonifs.c over"), "{details}");
    let (_, document) = checked("layer_ifs.c", &words);
    assert_eq!(document["counts"]["passed"], 1, "{document:#}");
}

/// A check of cases, on the layer that does this: exit code and document.
fn misdeeds(what: &str, words: &[&str]) -> (Option<i32>, Value) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misdeeds.c");
    let flags = format!("-I{} -DMISDEED={what}", example("").display());
    let path = source.to_str().expect("a path in UTF-8");
    let all = [path, "--cflags", &flags, "--json"];
    let all: Vec<_> = all.iter().chain(words).copied().collect();
    let (code, out, err) = check(&all);
    let document = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}\n{err}"));
    (code, document)
}

/// One case, on the layer that does this.
fn misdeed(what: &str, words: &[&str]) -> Value {
    let case = ["--filter", "select::the_time_limit_leaves_empty_sets"];
    let all: Vec<_> = case.iter().chain(words).copied().collect();
    let (code, document) = misdeeds(what, &all);
    assert_eq!(code, Some(1), "{document:#}");
    document["cases"][0].clone()
}

// A need is asked for, and what is refused is named.
#[test]
fn what_a_provider_refuses_makes_cases_inapplicable_with_its_answer() {
    let words = ["--filter", "connect_events::"];
    let (code, document) = misdeeds("NO_EVENT_SELECT", &words);
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["passed"], 0);
    let details = document["cases"][0]["details"].to_string();
    let why = "it needs network events: WSAEventSelect is answered with WSAEOPNOTSUPP";
    assert!(details.contains(why), "{details}");
}

#[test]
fn a_provider_that_hangs_when_asked_what_it_has_is_a_finding() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = folder.path().join("report.xml");
    let path = file.to_str().expect("a path in UTF-8");
    let words = [
        "--timeout",
        "10",
        "--junit",
        path,
        "--filter",
        "connect_events::",
    ];
    let (code, document) = misdeeds("HANG_IN_EVENT_SELECT", &words);
    junit::expect_document(&file, [0, 1]);
    assert_eq!(code, Some(1), "{document:#}");
    let question = &document["questions"][0];
    assert_eq!(question["asked"], "for network events");
    assert_eq!(question["result"], "hung");
    assert_eq!(question["place"], "in WSPEventSelect of misdeeds.c");
    assert_eq!(document["questions"][1], Value::Null);
    assert_eq!(document["counts"]["passed"], 0);
    assert_eq!(document["counts"]["hung"], 0);
}

#[test]
fn a_provider_that_hangs_at_its_start_is_a_finding() {
    let words = ["--timeout", "5", "--filter", "names::"];
    let (code, document) = misdeeds("HANG_AT_START", &words);
    assert_eq!(code, Some(1), "{document:#}");
    let question = &document["questions"][0];
    assert_eq!(question["result"], "hung");
    assert_eq!(question["place"], "in WSPStartup of misdeeds.c");
    assert_eq!(document["cases"][0], Value::Null);
    // It did not come to telling.
    let level = &document["levels"][0];
    assert_eq!(level["name"], "misdeeds.c");
    assert_eq!(level["handles"], Value::Null);
    let (code, document) = misdeeds("CRASH_AT_START", &["--filter", "names::"]);
    assert_eq!(code, Some(1), "{document:#}");
    assert_eq!(document["questions"][0]["result"], "crashed");
}

#[test]
fn a_crash_is_a_finding_with_its_signal_place_and_last_calls() {
    for what in ["CRASH_IN_SELECT", "RAISE_IN_SELECT"] {
        let case = misdeed(what, &[]);
        assert_eq!(case["result"], "crashed", "{case:#}");
        assert_eq!(case["place"], "in WSPSelect of misdeeds.c", "{case:#}");
        expect_inside_select(&case);
        let details = case["details"].as_str().unwrap_or_default();
        assert!(details.starts_with("signal: 11 (SIGSEGV)"), "{details}");
        assert!(details.contains("in WSPSelect of misdeeds.c"), "{details}");
    }
}

/// The socket was made, and the last call is one of WSPSelect that has not returned.
fn expect_inside_select(case: &Value) {
    let calls = case["last_calls"].as_array().expect("the last calls");
    let last = calls.last().expect("there are some");
    assert_eq!(last["function"], "WSPSelect", "{case:#}");
    assert_eq!(last["provider"], "misdeeds.c", "{case:#}");
    assert_eq!(last["end"], "has not returned", "{case:#}");
    let is_socket = |call: &&Value| call["function"] == "WSPSocket";
    let socket = calls.iter().find(is_socket).expect("a socket was made");
    assert_eq!(socket["end"], "succeeded", "{case:#}");
}

#[test]
fn a_provider_that_ends_the_process_passes_nothing() {
    let case = misdeed("EXIT_IN_SELECT", &[]);
    assert_eq!(case["result"], "crashed", "{case:#}");
    expect_inside_select(&case);
}

#[test]
fn a_known_difference_does_not_fail_the_check_and_a_stale_one_does() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let [known, xml] = ["known.toml", "report.xml"].map(|name| folder.path().join(name));
    let row = |case: &str| format!("[[exception]]\ntest = \"{case}\"\nreason = \"told why\"\n");
    let case = DIFFERS;
    std::fs::write(&known, row(case)).expect("it is written");
    let [known_path, xml_path] = [&known, &xml].map(|path| path.to_str().expect("a path in UTF-8"));
    let words = ["--known", known_path, "--junit", xml_path, "--filter", case];
    let (code, document) = checked("layer_nonifs.c", &words);
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["known"], 1);
    assert_eq!(document["cases"][0]["seen"], "differs");
    let text = std::fs::read_to_string(&xml).expect("it was written");
    assert!(
        text.contains("<skipped message=\"known: told why\""),
        "{text}"
    );
    let (code, document) = checked("layer_ifs.c", &words);
    assert_eq!(code, Some(1), "{document:#}");
    assert_eq!(document["counts"]["stale"], 1);
    std::fs::write(&known, row("no_such_case")).expect("it is written");
    let (code, document) = checked("layer_ifs.c", &words);
    assert_eq!(code, Some(2), "{document:#}");
}

// V031: WSARecvMsg has no lpThreadId, so the layer opens the thread itself, and closes it.
#[test]
fn a_thread_that_a_layer_opens_and_closes_breaks_no_rule() {
    let case = "overlapped_messages::a_routine_is_told_of_a_message";
    let (code, document) = checked("layer_nonifs.c", &["--filter", case]);
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["passed"], 1);
}

#[test]
fn a_hang_is_a_finding_with_its_last_calls() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = folder.path().join("report.xml");
    let path = file.to_str().expect("a path in UTF-8");
    let case = misdeed("HANG_IN_SELECT", &["--timeout", "2", "--junit", path]);
    assert_eq!(case["result"], "hung", "{case:#}");
    assert_eq!(case["place"], "in WSPSelect of misdeeds.c", "{case:#}");
    expect_inside_select(&case);
    let xml = junit::expect_document(&file, [0, 1]);
    let line = "WSPSelect of misdeeds.c has not returned";
    assert!(xml.contains(line), "{xml}");
}

#[test]
fn a_provider_that_cannot_start_is_unusable_and_named() {
    let (code, document) = checked("hostile_no_startup.c", &["--filter", "names::"]);
    assert_eq!(code, Some(2));
    let why = document["unusable"].as_str().expect("a reason");
    assert!(
        why.contains("hostile_no_startup.c: exports no WSPStartup"),
        "{why}"
    );
}

#[test]
fn a_wrong_argument_is_unusable() {
    for words in [
        &["--filter", "no-such-case"][..],
        &["--explain", "P9999"],
        &["--shard", "5/4"],
        &["--jobs", "0"],
        &["no-such-file.c"],
        &["--filter", "names::", "--junit", "/no/such/folder/x.xml"],
    ] {
        let (code, _, err) = check(words);
        assert_eq!(code, Some(2), "{words:?}: {err}");
        assert!(!err.is_empty(), "{words:?}");
    }
}

#[test]
fn an_assertion_is_explained_with_its_source() {
    let (code, out, _) = check(&["--explain", "P104"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("sock.c"), "{out}");
    let (code, out, _) = check(&["--list", "--filter", "P104"]);
    assert_eq!(code, Some(0));
    assert_eq!(out.lines().count(), 1, "{out}");
}

// provider-sources.md section 4: a layer finds its own dummy entry by GUID, its chain by ChainEntries[0].
#[test]
fn a_layer_that_looks_for_its_own_entry_is_checked_under_the_guid_that_it_tells() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own_entry.c");
    let flags = format!("-I{} -DTELLS", example("").display());
    let path = source.to_str().expect("a path in UTF-8");
    let (code, out, err) = check(&[path, "--cflags", &flags, "--filter", "names::"]);
    assert_eq!(code, Some(0), "{out}\n{err}");
}

// tests/c/base_sockets.c: TCP and UDP over IPv4, blocking, without overlapped operations and events.
#[test]
fn a_base_provider_takes_the_place_of_ours() {
    let base = example("base_sockets.c");
    let base = base.to_str().expect("a path in UTF-8");
    let cases = ["names::", "the_interface_list_is_told_of_later"];
    let words = [
        "--base", base, "--json", "--filter", cases[0], "--filter", cases[1],
    ];
    let (code, out, err) = check(&words);
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}\n{err}"));
    assert_eq!(code, Some(1), "{document:#}");
    assert_eq!(document["base"]["name"], "base_sockets.c");
    assert_eq!(document["base"]["handles"], "minted");
    let protocols = serde_json::json!(["TCP/IP", "UDP/IP"]);
    assert_eq!(document["base"]["protocols"], protocols);
    let of = |name: &str| {
        let mut cases = document["cases"].as_array().expect("cases").iter();
        let case = cases.find(|case| case["name"] == name).expect(name);
        let details = case["details"].as_str().expect("details").to_owned();
        (
            case["result"].as_str().expect("a result").to_owned(),
            details,
        )
    };
    // It answers itself: ours would know the peer still.
    let (result, details) = of("names::the_peer_is_known_after_shutdown");
    assert_eq!(result, "differs", "{details}");
    assert!(details.contains("WSAENOTCONN"), "{details}");
    let (result, _) = of("names::sending_a_datagram_gives_a_name");
    assert_eq!(result, "passed");
    let (result, details) = of("names::sendto_gives_no_peer_and_connect_does");
    assert_eq!(result, "not applicable");
    assert!(details.starts_with("it needs IPv6: "), "{details}");
    let (result, details) = of("overlapped_ioctls::the_interface_list_is_told_of_later");
    assert_eq!(result, "not applicable");
    assert!(
        details.starts_with("it needs overlapped operations: "),
        "{details}"
    );
}

#[test]
fn layers_stand_above_the_base_that_is_given() {
    let base = example("base_sockets.c");
    let base = base.to_str().expect("a path in UTF-8");
    let case = "names::the_peer_is_known_after_shutdown";
    let (code, document) = checked("layer_nonifs.c", &["--base", base, "--filter", case]);
    // It fails on that base alone as well.
    assert_eq!(code, Some(0), "{document:#}");
    assert_eq!(document["counts"]["failed"], 1);
    assert_eq!(document["levels"][0]["name"], "layer_nonifs.c");
    assert_eq!(document["base"]["name"], "base_sockets.c");
}

#[test]
fn a_base_without_sockets_of_the_catalog_is_unusable() {
    let base = example("base_pipe.c");
    let path = base.to_str().expect("a path in UTF-8");
    let (code, _, err) = check(&["--base", path, "--filter", "names::"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("base_pipe.c: WSPStartup failed"), "{err}");
}
