//! The correct providers break no rule.

use crate::workout;
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_cli::traffic::{self, Amount, Family, Leg, Plan, Style};
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::{accepting, configuration, isolated, layers, pipe, providers};
use ws2spi_verify::{Finding, Scope, Verifier};

#[track_caller]
fn expect_none(findings: &[Finding]) {
    let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn the_ifs_layer_breaks_none() {
    isolated!();
    expect_none(&workout::findings_in("layer_ifs", Handles::System));
}

#[test]
fn the_non_ifs_layer_breaks_none() {
    isolated!();
    expect_none(&workout::findings_in("layer_nonifs", Handles::Minted));
}

#[test]
fn the_hook_layer_breaks_none() {
    isolated!();
    expect_none(&workout::findings_in("layer_hook", Handles::System));
}

#[test]
fn the_counting_layer_breaks_none() {
    isolated!();
    expect_none(&workout::findings_in("layer_count", Handles::System));
}

// In the style with completion routines the program's are called, by the layer's own.
#[test]
fn a_layer_with_routines_of_its_own_breaks_none() {
    isolated!();
    layers::install_c("layer_routine", Handles::System);
    let path = providers::path("layer_routine");
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    expect_none(&findings_in_traffic(Scope::Modules(vec![path])));
}

#[test]
fn the_layer_in_rust_breaks_none() {
    isolated!();
    layers::install_rust();
    let scope = Scope::Modules(vec!["linked:pass-through".to_owned()]);
    expect_none(&workout::findings(scope));
}

#[test]
fn the_base_provider_breaks_none() {
    isolated!();
    expect_none(&workout::findings(Scope::AllBut(Vec::new())));
}

/// Carries the tool's traffic in all eight styles through what is installed; what is found.
fn findings_in_traffic(scope: Scope) -> Vec<Finding> {
    let verifier = Verifier::install(scope);
    configuration::startup();
    let plan = Plan {
        amount: Amount::Counts {
            bytes: 200_000,
            datagrams: 100,
        },
        connections: 2,
        seed: 4,
        patience: Duration::from_secs(20),
    };
    for style in STYLES {
        for leg in Leg::over(&[Family::V4]) {
            let outcome = traffic::carry(&plan, style, leg, &|_| {});
            assert_eq!(outcome.failure, None, "{style}");
        }
    }
    cleanup();
    verifier.findings()
}

const STYLES: [Style; 8] = [
    Style::Blocking,
    Style::Nonblocking,
    Style::Select,
    Style::Event,
    Style::Async,
    Style::OverlappedEvent,
    Style::OverlappedRoutine,
    Style::Iocp,
];

#[test]
fn the_layer_in_rust_breaks_none_in_any_style() {
    isolated!();
    layers::install_rust();
    let scope = Scope::Modules(vec!["linked:pass-through".to_owned()]);
    expect_none(&findings_in_traffic(scope));
}

#[test]
fn the_base_provider_breaks_none_in_any_style() {
    isolated!();
    expect_none(&findings_in_traffic(Scope::AllBut(Vec::new())));
}

#[test]
fn the_base_provider_in_c_breaks_none() {
    isolated!();
    let verifier = Verifier::install(Scope::AllBut(Vec::new()));
    let _ = pipe::start();
    let listener = pipe::listener("verified");
    let connect = || {
        let client = pipe::socket();
        let name = pipe::address("verified");
        client.connect_address(&name).expect("a listener is found");
        client
    };
    let client = connect();
    let (server, _) = listener.accept().expect("the connection is there");
    client.send(b"hello", 0).expect("a connected socket sends");
    assert_eq!(server.recv(&mut [0; 8], 0), Ok(5));
    let _ = server.set_nonblocking(true);
    assert_eq!(server.recv(&mut [0; 8], 0), Err(Errno::WOULDBLOCK));
    for decision in [CF_REJECT, CF_ACCEPT] {
        let _client = connect();
        let accepted = accepting::accept_if(&listener, |_| decision);
        assert_eq!(accepted.is_ok(), decision == CF_ACCEPT);
    }
    assert!(pipe::base_handle(&client).is_ok());
    let _ = client.shutdown(SD_SEND);
    drop((listener, client, server));
    cleanup();
    expect_none(&verifier.findings());
}
