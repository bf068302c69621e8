//! What a run reports, and what it leaves behind: nothing.

use crate::{Ended, STYLES, command, example, families, misdeed, strings};
use serde_json::Value;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn the_document_holds_every_documented_field() {
    let paths = [example("layer_ifs.c")];
    let mut command = command(&paths);
    let ended = Ended::of(command.args(["--json", "--seed", "7", "--connections", "3"])).expect(0);
    let document = ended.document();
    let fields: Vec<&String> = document.as_object().expect("an object").keys().collect();
    let mut expected = [
        "format",
        "tool",
        "verdict",
        "exit_code",
        "failures",
        "notes",
        "error",
        "seed",
        "seconds",
        "providers",
        "chains",
        "styles",
        "at_once",
        "traffic",
        "levels",
        "handles",
        "findings",
        "rules",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(document["format"], 1);
    assert_eq!(document["seed"], 7);
    let traffic = document["traffic"].as_array().expect("a list");
    let over = |transport| families().iter().map(move |family| (transport, *family));
    let legs: Vec<_> = ["TCP", "UDP"].into_iter().flat_map(over).collect();
    // Each style over each leg in turn, and then at once.
    assert_eq!(traffic.len(), 2 * STYLES.len() * legs.len());
    let (in_turn, at_once) = traffic.split_at(STYLES.len() * legs.len());
    assert_eq!(strings(&document["styles"], "style"), STYLES);
    assert_eq!(document["at_once"]["traffic"], Value::from(at_once));
    assert_eq!(document["styles"][1]["traffic"][0], traffic[legs.len()]);
    for (index, leg) in in_turn.iter().enumerate() {
        let (transport, family) = legs[index % legs.len()];
        assert_eq!(leg["style"], STYLES[index / legs.len()]);
        assert_eq!(
            (&leg["transport"], &leg["family"]),
            (&transport.into(), &family.into())
        );
        assert_eq!(leg["connections"], 3);
        match transport {
            "TCP" => assert_eq!(leg["bytes"], 600 << 10),
            _ => assert_eq!(leg["datagrams"], 300),
        }
        assert!(
            leg["bytes_per_second"]
                .as_f64()
                .is_some_and(|rate| rate > 0.0),
            "{leg}"
        );
        assert!(
            leg["operations"].as_u64().is_some_and(|count| count > 0),
            "{leg}"
        );
        assert_eq!(leg["failure"], Value::Null);
    }
    assert_eq!(document["handles"]["leaked"], 0);
    assert_eq!(
        document["handles"]["sockets_left_open"],
        Value::Array(Vec::new())
    );
    assert_eq!(
        document["chains"].as_array().map(Vec::len),
        Some(legs.len())
    );
}

#[test]
fn the_same_seed_repeats_the_same_sends() {
    let sends = || {
        let paths = [example("layer_hook.c")];
        let mut command = command(&paths);
        command.env("WS2SPI_SEED", "99").arg("--json");
        let document = Ended::of(&mut command).expect(0).document();
        assert_eq!(document["seed"], 99);
        let datagrams = document["traffic"].as_array().expect("a list").iter();
        let bytes: Vec<u64> = datagrams.filter_map(|leg| leg["bytes"].as_u64()).collect();
        bytes
    };
    assert_eq!(sends(), sends());
}

#[test]
fn a_catalog_that_the_environment_names_is_left_alone() {
    let scratch = TempDir::new().expect("a scratch folder");
    let catalog = scratch.path().join("catalog.json");
    let paths = [example("layer_hook.c")];
    Ended::of(command(&paths).env("WS2SPI_CATALOG", &catalog))
        .expect(0)
        .says("Verdict passed");
    assert!(!catalog.exists());
}

#[test]
fn scratch_files_are_gone_afterwards() {
    let scratch = TempDir::new().expect("a scratch folder");
    let paths = [example("layer_hook.c")];
    Ended::of(command(&paths).env("TMPDIR", scratch.path())).expect(0);
    let (source, flags) = misdeed("CRASH");
    let mut crashing = command(&[source]);
    Ended::of(
        crashing
            .args(["--cflags", &flags])
            .env("TMPDIR", scratch.path()),
    )
    .expect(1);
    let left = fs::read_dir(scratch.path())
        .expect("the folder is there")
        .count();
    assert_eq!(left, 0);
}

#[test]
fn the_help_documents_the_exit_codes_and_the_environment() {
    let mut help = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    Ended::of(help.args(["run", "--help"]))
        .expect(0)
        .says("Exit codes: 0 passed: everything held 1 failed: ")
        .says("Environment: CC, CXX the compilers CFLAGS, CXXFLAGS flags for them WS2SPI_SEED");
}

#[test]
fn a_run_without_supervisor_gives_the_same_report() {
    let paths = [example("layer_hook.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--in-process"]))
        .expect(0)
        .document();
    assert_eq!(document["verdict"], "passed");
}
