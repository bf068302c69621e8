//! The styles of I/O: which are tried, and what each asks of the layers.

use crate::{Ended, STYLES, calls, command, example, families};
use crate::{misdeed, passed, plain_command, strings};
use serde_json::Value;

/// The style of that name in a document.
#[track_caller]
fn style<'a>(document: &'a Value, name: &str) -> &'a Value {
    let styles = document["styles"].as_array().map_or(&[][..], Vec::as_slice);
    let style = styles.iter().find(|style| style["style"] == name);
    style.unwrap_or_else(|| panic!("there is no {name} in {document:#}"))
}

#[test]
fn each_style_of_io_passes_and_counts_its_own_calls() {
    let document = passed(&["layer_count.c"]);
    assert_eq!(strings(&document["styles"], "style"), STYLES);
    assert_eq!(
        strings(&document["styles"], "result"),
        ["passed"; STYLES.len()]
    );
    let calls = |name, function: &str| calls(style(&document, name), 0, "procedures", function);
    assert_eq!(calls("blocking", "WSPSelect"), 0);
    assert!(calls("select", "WSPSelect") > 0);
    // WSAPoll asks with an ioctl.
    assert_eq!(calls("blocking", "WSPIoctl"), 0);
    assert!(calls("nonblocking", "WSPIoctl") > calls("select", "WSPIoctl"));
    assert_eq!(calls("select", "WSPEnumNetworkEvents"), 0);
    assert!(calls("event", "WSPEventSelect") > 0);
    assert!(calls("event", "WSPEnumNetworkEvents") > 0);
    assert!(calls("async", "WSPAsyncSelect") > 0);
    assert_eq!(calls("event", "WSPGetOverlappedResult"), 0);
    assert!(calls("overlapped-event", "WSPGetOverlappedResult") > 0);
    assert_eq!(calls("overlapped-routine", "WSPGetOverlappedResult"), 0);
    for name in STYLES {
        assert!(calls(name, "WSPSend") > 0, "{name}");
        assert_eq!(style(&document, name)["handles"]["leaked"], 0, "{name}");
        let levels = &style(&document, name)["levels"];
        assert_eq!(strings(levels, "provider"), ["layer_count.c", "base"]);
    }
}

#[test]
fn only_the_styles_that_were_asked_for_are_tried() {
    let paths = [example("layer_ifs.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--io", "select,blocking"]))
        .expect(0)
        .document();
    assert_eq!(
        strings(&document["styles"], "style"),
        ["blocking", "select"]
    );
}

#[test]
fn a_style_that_does_not_exist_is_refused_and_the_others_are_named() {
    let paths = [example("layer_ifs.c")];
    Ended::of(command(&paths).args(["--io", "polling"]))
        .expect(2)
        .says("invalid value 'polling' for '--io <STYLE>'")
        .says(&STYLES.join(", "));
}

#[test]
fn network_events_go_through_layers_with_handles_of_either_kind() {
    let paths = [example("layer_nonifs.c"), example("layer_ifs.c")];
    let mut command = command(&paths);
    Ended::of(command.args(["--io", "event"])).expect(0);
}

#[test]
fn an_operation_that_never_ends_fails_and_its_datagram_is_named() {
    let (source, flags) = misdeed("LOST_DATAGRAM");
    let mut command = command(&[source]);
    let styles = ["overlapped-event", "overlapped-routine", "iocp"];
    let ended = Ended::of(command.args([
        "--cflags",
        &flags,
        "--timeout",
        "12",
        "--json",
        "--io",
        &styles.join(","),
    ]));
    let document = ended.expect(1).document();
    for name in styles {
        let style = style(&document, name);
        assert_eq!(style["result"], "failed", "{name}");
        assert_eq!(style["handles"]["leaked"], 0, "{name}");
        let traffic = style["traffic"].as_array().expect("a list");
        let failure = |leg: &Value| {
            let failure = leg["failure"].as_str().unwrap_or_default();
            failure.contains(": datagram ") && failure.ends_with("did not come within 2000 ms")
        };
        assert!(traffic.iter().any(failure), "{name}: {traffic:#?}");
    }
}

#[test]
fn more_connections_than_a_set_of_sockets_holds_are_carried_at_once() {
    let paths = [example("layer_hook.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--connections", "70"]))
        .expect(0)
        .document();
    let traffic = document["traffic"].as_array().expect("a list");
    for leg in traffic.iter().filter(|leg| leg["at_once"] == false) {
        assert_eq!(leg["connections"], 70);
        let verified = [leg["bytes"] == 600 << 10, leg["datagrams"] == 300];
        assert_ne!(verified, [false, false], "{leg}");
    }
}

#[test]
fn with_a_time_as_much_is_sent_as_the_time_allows() {
    let mut command = plain_command(&[example("layer_count.c")]);
    command.args(["--seconds", "1", "--json"]);
    let document = Ended::of(&mut command).expect(0).document();
    let traffic = document["traffic"].as_array().expect("a list");
    for leg in traffic {
        let share = 1.0 / (2 * families().len()) as f64;
        assert!(leg["seconds"].as_f64() >= Some(share), "{leg}");
        assert!(leg["bytes"].as_u64() > Some(0), "{leg}");
    }
}

#[test]
fn a_style_that_a_layer_refuses_is_reported_and_fails_only_when_asked_for() {
    let (source, flags) = misdeed("NO_SELECT");
    let run = |more: &[&str]| {
        let mut command = command(std::slice::from_ref(&source));
        Ended::of(command.args(["--cflags", &flags, "--json"]).args(more))
    };
    let document = run(&[]).expect(0).document();
    let refused = style(&document, "select");
    assert_eq!(refused["result"], "not supported");
    assert_eq!(refused["unsupported"][0]["function"], "select");
    assert_eq!(refused["unsupported"][0]["error"], "WSAEOPNOTSUPP");
    assert_eq!(refused["unsupported"][0]["provider"], "misdeeds.c");
    let document = run(&["--io", "select"]).expect(1).document();
    let failure = document["failures"][0].as_str().expect("a text");
    assert!(
        failure.starts_with(
            "TCP over IPv4, select: not supported by misdeeds.c: select failed with WSAEOPNOTSUPP"
        ),
        "{failure}"
    );
}
