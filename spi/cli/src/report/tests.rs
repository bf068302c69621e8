//! The report as a whole: the verdict, and both ways of printing it.

use super::*;
use crate::chain::{BASE_MODULE, Link};
use crate::counters::Count;
use crate::counters::Level;
use crate::traffic::{Family, Leg, Round, Style, Transport};
use clap::ValueEnum;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::diagnostic::Diagnostic;

/// A run through so many providers, which passed.
fn passed(providers: usize) -> Report {
    let mut report = Report {
        seed: 42,
        elapsed: Duration::from_millis(1500),
        handles: Some(HandleCounts {
            before: 3,
            after: 3,
            ..HandleCounts::default()
        }),
        ..Report::default()
    };
    let leg = Leg {
        transport: Transport::Tcp,
        family: Family::V6,
    };
    let mut links = Vec::new();
    let mut trial = Trial::new(Round::Alone(Style::Select));
    trial.handles = Some(HandleCounts::default());
    trial.elapsed = Duration::from_secs(1000);
    for index in 0..providers {
        let name = format!("a_provider_with_a_rather_long_name_{index}.c");
        let module = format!("/tmp/{index}.so");
        let entry = 1008 + index as u32;
        report.providers.push(ProviderRow {
            provider: Provider {
                name: name.clone(),
                source: PathBuf::from(&name),
                module: module.clone(),
                id: None,
            },
            handles: Some(Handles::Minted),
            installed: Some(Installed {
                entry,
                id: GUID::from_u128(index as u128),
            }),
        });
        trial.levels.insert(module.clone(), level());
        links.push(Link {
            entry,
            name,
            module,
        });
    }
    trial.levels.insert(BASE_MODULE.into(), level());
    links.push(Link {
        entry: 1001,
        name: "TCP/IPv6".into(),
        module: BASE_MODULE.into(),
    });
    report.chains.push(Chain {
        leg,
        entry: 1020,
        name: "a name ".repeat(30),
        links,
    });
    trial.outcomes.push(Outcome {
        style: Style::Select,
        leg,
        connections: 256,
        bytes: 1 << 40,
        datagrams: 0,
        operations: 123_456_789,
        elapsed: Duration::from_secs(1000),
        failure: None,
        unsupported: None,
    });
    report.trials.push(trial);
    report
}

fn level() -> Level {
    let count = Count {
        calls: 1_234_567,
        errors: BTreeMap::from([(10035, 17)]),
        duration: Duration::from_millis(250),
    };
    let functions =
        |names: &[&'static str]| names.iter().map(|name| (*name, count.clone())).collect();
    Level {
        procedures: functions(&["WSPStartup", "WSPGetOverlappedResult"]),
        upcalls: functions(&["WPUQuerySocketHandleContext"]),
    }
}

fn concluded(mut report: Report) -> Report {
    report.conclude();
    report
}

#[test]
fn a_run_in_which_all_held_is_passed() {
    let report = concluded(passed(2));
    assert_eq!(report.failures, [] as [String; 0]);
    assert_eq!(report.exit(), Exit::Passed);
}

#[test]
fn a_leg_that_failed_fails_the_run() {
    let mut report = passed(1);
    report.trials[0].outcomes[0].failure = Some("TCP over IPv6, client 1: byte 7 is wrong".into());
    let report = concluded(report);
    assert_eq!(
        report.failures,
        ["TCP over IPv6, client 1: byte 7 is wrong"]
    );
    assert_eq!(report.exit(), Exit::Failed);
}

#[test]
fn handles_that_leak_fail_the_run_and_are_named_by_kind() {
    let mut report = passed(1);
    report.trials[0].handles = Some(HandleCounts {
        before: 1,
        after: 3,
        kinds_after: vec!["1 event".into(), "2 threads".into()],
        ..HandleCounts::default()
    });
    let report = concluded(report);
    assert_eq!(
        report.failures,
        ["select: 2 handles leaked; open after the last WSACleanup: 1 event, 2 threads"]
    );
}

#[test]
fn sockets_left_open_fail_the_run_and_are_named_by_provider() {
    let mut report = passed(1);
    let module = report.providers[0].provider.module.clone();
    report.trials[0].handles = Some(HandleCounts {
        sockets_left_open: vec![module.clone(), BASE_MODULE.into(), module],
        ..HandleCounts::default()
    });
    let report = concluded(report);
    assert_eq!(
        report.failures,
        ["select: 3 sockets left open, of a_provider_with_a_rather_long_name_0.c, base"]
    );
}

#[test]
fn handles_that_leak_outside_of_the_styles_fail_the_run() {
    let mut report = passed(1);
    report.handles = Some(HandleCounts {
        after: 1,
        kinds_after: vec!["1 event".into()],
        ..HandleCounts::default()
    });
    let report = concluded(report);
    assert_eq!(
        report.failures,
        ["1 handle leaked; open after the last WSACleanup: 1 event"]
    );
}

/// A run in which the base refused the style's first call.
fn refused() -> Report {
    let mut report = passed(1);
    let trial = &mut report.trials[0];
    let outcome = &mut trial.outcomes[0];
    outcome.failure = Some("TCP over IPv6, select, clients: select failed".into());
    outcome.unsupported = Some(Unsupported {
        function: "select",
        error: Errno::OPNOTSUPP,
    });
    for level in trial.levels.values_mut() {
        let count = Count {
            calls: 1,
            errors: BTreeMap::from([(Errno::OPNOTSUPP.code(), 1)]),
            ..Count::default()
        };
        level.procedures.insert("WSPSelect", count);
    }
    report
}

#[test]
fn a_style_that_is_not_supported_is_told_and_does_not_fail_the_run() {
    let report = concluded(refused());
    assert_eq!(report.failures, [] as [String; 0]);
    let text = text::print(&report);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "TCP over IPv6, select: not supported by base: select failed with WSAEOPNOTSUPP";
    assert!(line.contains(told), "{text}");
    let document: Value = serde_json::from_str(&json::print(&report)).expect("it is JSON");
    let style = &document["styles"][0];
    assert_eq!(style["result"], "not supported");
    assert_eq!(style["unsupported"][0]["function"], "select");
    assert_eq!(style["unsupported"][0]["error"], "WSAEOPNOTSUPP");
    assert_eq!(style["unsupported"][0]["provider"], "base");
}

#[test]
fn the_layer_that_refuses_a_style_itself_is_named() {
    let mut report = refused();
    let base = report.trials[0].levels.get_mut(BASE_MODULE);
    if let Some(base) = base {
        base.procedures.remove("WSPSelect");
    }
    let text = text::print(&concluded(report));
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "not supported by a_provider_with_a_rather_long_name_0.c: select failed";
    assert!(line.contains(told), "{text}");
}

#[test]
fn a_style_that_was_asked_for_has_to_be_supported() {
    let mut report = refused();
    report.all_asked_for = true;
    let report = concluded(report);
    assert_eq!(report.exit(), Exit::Failed);
    assert!(
        report.failures[0].contains("not supported by base"),
        "{:?}",
        report.failures
    );
}

/// A run whose only round was all styles at once.
fn at_once() -> Report {
    let mut report = passed(1);
    let trial = &mut report.trials[0];
    let styles = Style::value_variants().to_vec();
    let mut outcomes = Vec::new();
    for (number, style) in styles.iter().enumerate() {
        for transport in [Transport::Tcp, Transport::Udp] {
            let mut outcome = trial.outcomes[0].clone();
            outcome.style = *style;
            outcome.leg.transport = transport;
            outcome.operations = 1000;
            outcome.elapsed = Duration::from_secs(number as u64 + 1);
            outcomes.push(outcome);
        }
    }
    trial.round = Round::AtOnce(styles);
    trial.outcomes = outcomes;
    trial.elapsed = Duration::from_secs(8);
    report
}

#[test]
fn styles_at_once_have_a_line_each_and_one_together() {
    let report = concluded(at_once());
    assert_eq!(report.exit(), Exit::Passed);
    let text = text::print(&report);
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let line = |name: &str| lines.iter().find(|line| line.first() == Some(&name));
    // Two transports, which ran at the same time.
    let iocp = line("iocp").expect("a line of its own");
    assert_eq!(
        iocp[1..6],
        ["512", "2.00", "TiB", "2,000", "8.000"],
        "{text}"
    );
    let together = line("at").expect("a line in the summary");
    assert_eq!(
        together[..6],
        ["at", "once", "16.0", "TiB", "16,000", "8.000"],
        "{text}"
    );
    let document: Value = serde_json::from_str(&json::print(&report)).expect("it is JSON");
    assert_eq!(document["styles"], Value::Array(Vec::new()));
    assert_eq!(document["at_once"]["result"], "passed");
    assert_eq!(document["at_once"]["seconds"], 8.0);
    assert_eq!(document["at_once"]["traffic"], document["traffic"]);
    assert_eq!(document["traffic"][15]["style"], "iocp");
    assert_eq!(document["traffic"][15]["at_once"], true);
}

#[test]
fn what_went_wrong_at_once_says_so() {
    let mut report = at_once();
    let trial = &mut report.trials[0];
    trial.outcomes[3].failure = Some("UDP over IPv6, nonblocking: datagram 7 is wrong".into());
    trial.outcomes[4].failure = Some("TCP over IPv6, select: select failed".into());
    trial.outcomes[4].unsupported = Some(Unsupported {
        function: "select",
        error: Errno::OPNOTSUPP,
    });
    trial.handles = Some(HandleCounts {
        after: 1,
        kinds_after: vec!["1 event".into()],
        ..HandleCounts::default()
    });
    let report = concluded(report);
    assert_eq!(
        report.failures,
        [
            "at once: UDP over IPv6, nonblocking: datagram 7 is wrong",
            "at once: 1 handle leaked; open after the last WSACleanup: 1 event",
        ]
    );
}

#[test]
fn a_provider_that_only_started_fails_the_run() {
    let mut report = passed(2);
    let module = report.providers[1].provider.module.clone();
    if let Some(level) = report.trials[0].levels.get_mut(&module) {
        level.procedures.retain(|name, _| *name == "WSPStartup");
    }
    let report = concluded(report);
    assert_eq!(report.failures.len(), 1);
    assert!(report.failures[0].starts_with("a_provider_with_a_rather_long_name_1.c: no call"));
}

#[test]
fn findings_fail_the_run() {
    let mut report = passed(1);
    let diagnostic = Diagnostic {
        provider: BASE_MODULE.into(),
        function: "WSPSend",
        what: "reports more bytes than it was given".into(),
    };
    report.findings.push(Finding {
        diagnostic,
        times: 3,
    });
    let report = concluded(report);
    assert_eq!(report.failures, ["1 finding about the providers"]);
    let text = text::print(&report);
    assert!(
        text.contains("base: WSPSend: reports more bytes than it was given (3 times)"),
        "{text}"
    );
    let document: Value = serde_json::from_str(&json::print(&report)).expect("it is JSON");
    assert_eq!(document["findings"][0]["provider"], "base");
    assert_eq!(document["findings"][0]["times"], 3);
}

#[test]
fn notes_are_printed_and_do_not_fail_the_run() {
    let mut report = passed(1);
    report.notes.push("a.c was put below b.c".into());
    let report = concluded(report);
    assert_eq!(report.exit(), Exit::Passed);
    let text = text::print(&report);
    assert!(text.contains("\n  a.c was put below b.c\n"), "{text}");
    let document: Value = serde_json::from_str(&json::print(&report)).expect("it is JSON");
    assert_eq!(document["notes"][0], "a.c was put below b.c");
}

#[test]
fn what_cannot_be_used_is_not_merely_failed() {
    let mut report = passed(1);
    report.failures.push("something".into());
    report.unusable = Some("a.c: exports no WSPStartup".into());
    assert_eq!(report.exit(), Exit::Unusable);
}

#[test]
fn the_text_is_at_most_100_columns_wide_however_many_levels_there_are() {
    for providers in 1..=6 {
        let text = text::print(&concluded(passed(providers)));
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{providers} providers: {line}");
        }
        for part in [
            "Chains", "Traffic", "Calls", "Upcalls", "Errors", "Handles", "Verdict",
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
        assert!(text.contains("passed in 1.5 s"), "{text}");
        assert!(text.contains("WSAEWOULDBLOCK (10035)"), "{text}");
    }
}

#[test]
fn the_document_holds_what_the_text_shows() {
    let document = json::print(&concluded(passed(2)));
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    let at = |path: &str| document.pointer(path).cloned().unwrap_or(Value::Null);
    assert_eq!(at("/format"), 1);
    assert_eq!(at("/verdict"), "passed");
    assert_eq!(at("/exit_code"), 0);
    assert_eq!(at("/seed"), 42);
    assert_eq!(at("/providers/1/handles"), "minted");
    assert_eq!(at("/chains/0/family"), "IPv6");
    assert_eq!(at("/chains/0/levels/2/provider"), "base");
    assert_eq!(at("/traffic/0/bytes"), 1u64 << 40);
    assert_eq!(at("/traffic/0/style"), "select");
    assert_eq!(at("/styles/0/style"), "select");
    assert_eq!(at("/styles/0/result"), "passed");
    assert_eq!(at("/styles/0/traffic"), at("/traffic"));
    assert_eq!(at("/styles/0/levels"), at("/levels"));
    assert_eq!(at("/styles/0/handles/leaked"), 0);
    assert_eq!(at("/traffic/0/operations_per_second"), 123_456.789);
    assert_eq!(at("/levels/0/procedures/WSPStartup/calls"), 1_234_567);
    assert_eq!(
        at("/levels/0/procedures/WSPStartup/errors/WSAEWOULDBLOCK"),
        17
    );
    assert_eq!(at("/levels/2/provider"), "base");
    assert_eq!(
        at("/levels/2/upcalls/WPUQuerySocketHandleContext/seconds"),
        0.25
    );
    assert_eq!(at("/handles/leaked"), 0);
    assert_eq!(at("/failures"), Value::Array(Vec::new()));
    assert_eq!(at("/error"), Value::Null);
}

#[test]
fn an_unusable_provider_gives_a_document_too() {
    let report = Report {
        unusable: Some("a.c: exports no WSPStartup".into()),
        ..Report::default()
    };
    let document: Value = serde_json::from_str(&json::print(&report)).expect("it is JSON");
    assert_eq!(document["verdict"], "unusable");
    assert_eq!(document["exit_code"], 2);
    assert_eq!(document["error"], "a.c: exports no WSPStartup");
}

#[test]
fn columns_are_headed_by_numbers_where_names_do_not_fit() {
    let head = |report: Report| {
        let text = text::print(&concluded(report));
        let line = text
            .lines()
            .find(|line| line.starts_with("Calls"))
            .map(str::to_owned);
        line.map(|line| {
            line.split_whitespace()
                .map(String::from)
                .collect::<Vec<_>>()
        })
    };
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    assert_eq!(head(passed(3)), words(&["Calls", "1", "2", "3", "base"]));
    let mut report = passed(1);
    report.providers[0].provider.name = "layer.c".into();
    assert_eq!(head(report), words(&["Calls", "1", "layer.c", "base"]));
}
