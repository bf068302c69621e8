//! `--verify`: the rules for providers, and what the report says of a broken one.

use crate::{Ended, command, example, families};
use serde_json::Value;

/// Nothing is found in a correct provider, in any style of I/O.
#[track_caller]
fn breaks_none(providers: &[&str]) {
    let paths: Vec<_> = providers.iter().map(|name| example(name)).collect();
    let ended = Ended::of(command(&paths).args(["--verify", "--json"])).expect(0);
    assert_eq!(ended.document()["rules"], Value::Array(Vec::new()));
}

#[test]
fn the_ifs_layer_breaks_no_rule_in_any_style() {
    breaks_none(&["layer_ifs.c"]);
}

#[test]
fn the_non_ifs_layer_breaks_no_rule_in_any_style() {
    breaks_none(&["layer_nonifs.c"]);
}

#[test]
fn the_hook_layer_breaks_no_rule_in_any_style() {
    breaks_none(&["layer_hook.c"]);
}

#[test]
fn the_counting_layer_breaks_no_rule_in_any_style() {
    breaks_none(&["layer_count.c"]);
}

#[test]
fn layers_above_each_other_break_no_rule() {
    breaks_none(&["layer_hook.c", "layer_nonifs.c", "layer_count.c"]);
}

/// A run of a faulty provider.
fn faulty(name: &str) -> Ended {
    let mut command = command(&[example(name)]);
    Ended::of(command.args(["--verify", "--json", "--io", "blocking"]))
}

#[test]
fn a_broken_rule_fails_the_run_and_is_told_with_its_place() {
    let ended = faulty("faulty/v004_code_on_success.c").expect(1);
    let document = ended.document();
    assert_eq!(document["verdict"], "failed");
    let failures = document["failures"].as_array().expect("a list");
    let failure = Value::from("1 rule for providers broken: V004");
    assert!(failures.contains(&failure), "{failures:?}");
    let rule = &document["rules"][0];
    assert_eq!(rule["rule"], "V004");
    assert_eq!(rule["provider"], "v004_code_on_success.c");
    assert_eq!(rule["function"], "WSPShutdown");
    assert_eq!(rule["page"], "spi/verify/rules/V004.md");
    assert_eq!(rule["stack"][0]["function"], "faulty_shutdown");
    assert!(rule["times"].as_u64() >= Some(families().len() as u64));
}

#[test]
fn the_report_for_people_has_the_rule_and_the_page() {
    let mut command = command(&[example("faulty/v004_code_on_success.c")]);
    Ended::of(command.args(["--verify", "--io", "blocking"]))
        .expect(1)
        .says("V004: A function succeeds and writes to lpErrno.")
        .says("faulty_shutdown at ")
        .says("see spi/verify/rules/V004.md");
}

#[test]
fn without_the_option_no_rule_is_checked() {
    let mut command = command(&[example("faulty/v004_code_on_success.c")]);
    let ended = Ended::of(command.args(["--json", "--io", "blocking"])).expect(0);
    assert_eq!(ended.document()["rules"], Value::Null);
}
