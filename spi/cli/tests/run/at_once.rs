//! All styles at once: one start of the client DLL, everything compared, counted and closed.

use crate::{Ended, STYLES, calls, command, example, families, misdeed, plain_command, strings};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// A run at once through these examples, with little traffic.
fn at_once(providers: &[&str]) -> Command {
    let paths: Vec<PathBuf> = providers.iter().map(|name| example(name)).collect();
    let mut command = command(&paths);
    command.args(["--at-once", "--json"]);
    command
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[][..], Vec::as_slice)
}

fn sum(rows: &[Value], field: &str) -> f64 {
    rows.iter().filter_map(|row| row[field].as_f64()).sum()
}

#[test]
fn all_styles_at_once_go_through_two_layers_and_leak_nothing() {
    let document = Ended::of(&mut at_once(&["layer_nonifs.c", "layer_ifs.c"]))
        .expect(0)
        .document();
    assert_eq!(document["styles"], Value::Array(Vec::new()));
    let round = &document["at_once"];
    assert_eq!(round["result"], "passed");
    assert_eq!(round["styles"], Value::from(STYLES.to_vec()));
    assert_eq!(round["handles"]["leaked"], 0);
    let rows = list(&round["traffic"]);
    let legs = 2 * families().len();
    assert_eq!(rows.len(), STYLES.len() * legs);
    for row in rows {
        assert_eq!(row["failure"], Value::Null, "{row}");
        assert!(row["bytes"].as_u64() > Some(0), "{row}");
    }
    // Together they send what one style sends in its turn.
    let tcp: Vec<Value> = rows
        .iter()
        .filter(|row| row["transport"] == "TCP")
        .cloned()
        .collect();
    assert_eq!(sum(&tcp, "bytes"), (families().len() * (600 << 10)) as f64);
    // One start, in which each chain was started once.
    assert_eq!(calls(round, 2, "procedures", "WSPStartup"), legs as u64);
    assert_eq!(document["levels"], round["levels"]);
    assert_eq!(document["traffic"], round["traffic"]);
}

#[test]
fn styles_at_once_do_not_wait_for_each_other() {
    let mut command = plain_command(&[example("layer_count.c")]);
    let document = Ended::of(command.args(["--at-once", "--json", "--bytes", "4M"]))
        .expect(0)
        .document();
    let round = &document["at_once"];
    let whole = round["seconds"].as_f64().expect("a number");
    let all = sum(list(&round["traffic"]), "seconds");
    assert!(all > 2.0 * whole, "{all} s of traffic in {whole} s");
}

#[test]
fn only_the_styles_that_were_asked_for_run_at_once() {
    let document = Ended::of(at_once(&["layer_ifs.c"]).args(["--io", "iocp,event"]))
        .expect(0)
        .document();
    assert_eq!(
        document["at_once"]["styles"],
        Value::from(vec!["event", "iocp"])
    );
}

#[test]
fn many_connections_are_shared_by_the_styles_at_once() {
    let document = Ended::of(at_once(&["layer_hook.c"]).args(["--connections", "256"]))
        .expect(0)
        .document();
    let rows = list(&document["at_once"]["traffic"]);
    assert_eq!(sum(rows, "connections"), 256.0);
}

#[test]
fn with_a_time_all_legs_at_once_take_it() {
    let mut command = plain_command(&[example("layer_hook.c")]);
    command.args(["--io=select,iocp", "--at-once", "--seconds=1", "--json"]);
    let document = Ended::of(&mut command).expect(0).document();
    for row in list(&document["at_once"]["traffic"]) {
        assert!(row["seconds"].as_f64() >= Some(1.0), "{row}");
        assert!(row["bytes"].as_u64() > Some(0), "{row}");
    }
}

#[test]
fn what_fails_at_once_says_so() {
    let (source, flags) = misdeed("CHANGED_BYTE");
    Ended::of(command(&[source]).args(["--cflags", &flags, "--timeout", "30", "--at-once"]))
        .expect(1)
        .says("Verdict failed")
        .says_one_of(&[" at once: TCP over IPv", " at once: UDP over IPv"]);
}

#[test]
fn a_hang_at_once_is_cut_and_its_place_is_named() {
    let (source, flags) = misdeed("HANG");
    Ended::of(command(&[source]).args(["--cflags", &flags, "--timeout", "8", "--at-once"]))
        .expect(1)
        .says("hung: not done within 8 s, while carrying all I/O at once")
        .says("WSPSend of misdeeds.c");
}

#[test]
fn a_style_that_a_layer_refuses_leaves_the_others_at_once_alone() {
    let (source, flags) = misdeed("NO_SELECT");
    let run = |more: &[&str]| {
        let mut command = command(std::slice::from_ref(&source));
        command
            .args(["--cflags", &flags, "--at-once", "--json"])
            .args(more);
        Ended::of(&mut command)
    };
    let document = run(&[]).expect(0).document();
    let refused = &document["at_once"]["unsupported"];
    assert_eq!(
        strings(refused, "style"),
        vec!["select"; 2 * families().len()]
    );
    let rows = list(&document["at_once"]["traffic"]);
    let failed = rows.iter().filter(|row| row["failure"] != Value::Null);
    assert_eq!(failed.count(), 2 * families().len());
    let document = run(&["--io", "select,event"]).expect(1).document();
    let failure = document["failures"][0].as_str().expect("a text");
    let told = "at once: TCP over IPv4, select: not supported by misdeeds.c";
    assert!(failure.starts_with(told), "{failure}");
}

#[test]
fn a_run_ends_with_the_styles_that_passed_at_once() {
    let (source, flags) = misdeed("NO_SELECT");
    let mut command = command(&[source]);
    let document = Ended::of(command.args(["--cflags", &flags, "--json"]))
        .expect(0)
        .document();
    let styles = list(&document["at_once"]["styles"]);
    assert_eq!(styles.len(), STYLES.len() - 1);
    assert!(!styles.contains(&Value::from("select")));
}
