//! What a finding tells beside the rule.

use crate::workout;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::isolated;
use ws2spi_tests::providers;
use ws2spi_verify::rule;

#[test]
fn a_finding_names_the_provider_the_function_and_the_line() {
    isolated!();
    let findings = workout::findings_in("faulty_v001_value", Handles::System);
    let [finding] = findings.as_slice() else {
        panic!("one finding: {findings:#?}");
    };
    assert_eq!((finding.rule, finding.function), ("V001", "WSPShutdown"));
    assert_eq!(
        finding.provider,
        providers::path("faulty_v001_value").to_string_lossy()
    );
    assert!(finding.handle.is_some());
    let frame = finding.stack.first().expect("the provider's function");
    assert_eq!(frame.function, "faulty_shutdown");
    let file = frame.file.as_deref().unwrap_or_default();
    assert!(file.ends_with("v001_value.c"), "{file}");
    assert!(frame.line.is_some());
    let page = rule::find(finding.rule).expect("a rule").link();
    assert_eq!(finding.page, page);
}

#[test]
fn a_finding_in_an_upcall_has_the_frames_that_led_to_it() {
    isolated!();
    let findings = workout::findings_in("faulty_v016_closed_foreign", Handles::Minted);
    let finding = findings.first().expect("a finding");
    assert_eq!(finding.function, "WPUCloseSocketHandle");
    let frame = finding.stack.first().expect("the caller of the upcall");
    assert_eq!(frame.function, "faulty_close_socket");
}

#[test]
fn equal_findings_are_one_with_a_count() {
    isolated!();
    let findings = workout::findings_in("faulty_v029_event_left", Handles::System);
    let [finding] = findings.as_slice() else {
        panic!("one finding: {findings:#?}");
    };
    assert!(finding.times > 1);
    let frame = finding.stack.first().expect("the caller of WPUCreateEvent");
    assert_eq!(frame.function, "faulty_socket");
}
