//! Each rule is found in the provider of `tests/c/faulty` that breaks it, and no other rule is.

use crate::workout;
use ws2spi_abi::{BOOL, CF_ACCEPT, Errno, FALSE, RawCallback, WSADATA};
use ws2spi_cli::installer::Handles;
use ws2spi_tests::accepting::accept_if;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::{isolated, pipe, processor, providers, wait, winsock};
use ws2spi_verify::{Finding, RULES, Scope, Verifier};

/// The faulty provider breaks exactly the rule in its name.
#[track_caller]
fn expect(provider: &str, handles: Handles) {
    let rule = provider.get(..4).unwrap_or_default().to_uppercase();
    let findings = workout::findings_in(&format!("faulty_{provider}"), handles);
    let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(!all.is_empty(), "{rule} is not found");
    let is_it = |rules: &[String]| {
        findings
            .iter()
            .all(|finding| rules.iter().any(|rule| finding.rule == rule))
    };
    assert!(is_it(&[rule]), "{}", all.join("\n"));
}

macro_rules! rules {
    ($($test:ident $provider:literal $handles:ident;)*) => {
        $(
            #[test]
            fn $test() {
                isolated!();
                expect($provider, Handles::$handles);
            }
        )*

        /// The providers.
        const PROVIDERS: &[&str] = &[$($provider),*];
    };
}

rules! {
    v001_value "v001_value" System;
    v002_too_much "v002_too_much" System;
    v003_no_code "v003_no_code" System;
    v004_code_on_success "v004_code_on_success" System;
    v005_last_error "v005_last_error" System;
    v006_pending_alone "v006_pending_alone" System;
    v007_pending_and_done "v007_pending_and_done" System;
    v008_failed_and_done "v008_failed_and_done" Minted;
    v009_twice "v009_twice" Minted;
    v010_never "v010_never" Minted;
    v011_touched "v011_touched" Minted;
    v012_foreign_completion "v012_foreign_completion" Minted;
    v013_handle_left "v013_handle_left" Minted;
    v014_lower_left "v014_lower_left" System;
    v015_closed_early "v015_closed_early" Minted;
    v016_closed_foreign "v016_closed_foreign" Minted;
    v017_cleanup_closes "v017_cleanup_closes" System;
    v018_unregistered "v018_unregistered" System;
    v019_fixed_id "v019_fixed_id" System;
    v020_connect_only "v020_connect_only" System;
    v021_foreign_extension "v021_foreign_extension" Minted;
    v022_base_handle "v022_base_handle" System;
    v023_locked "v023_locked" System;
    v024_not_started "v024_not_started" System;
    v025_upcall_not_started "v025_upcall_not_started" System;
    v026_null_slot "v026_null_slot" System;
    v027_version "v027_version" System;
    v028_table_changed "v028_table_changed" System;
    v029_event_left "v029_event_left" System;
    v030_event_closed "v030_event_closed" System;
    v031_thread_left "v031_thread_left" System;
    v032_set "v032_set" System;
    v033_condition "v033_condition" System;
    v034_lower_started "v034_lower_started" System;
}

macro_rules! rules_of_system_handles {
    ($($test:ident $provider:literal;)*) => {
        $(
            #[test]
            fn $test() {
                isolated!();
                expect($provider, Handles::System);
            }
        )*
    };
}

// What operations on system handles show.
rules_of_system_handles! {
    v008_is_found_on_a_system_handle "v008_ifs";
    v009_is_found_on_a_system_handle "v009_ifs";
    v010_is_found_on_a_system_handle "v010_ifs";
    v011_is_found_on_a_system_handle "v011_ifs";
    v015_is_found_on_a_system_handle "v015_ifs";
}

/// What is found in the base provider that holds a lock, while the program does this, once everything is answered.
fn findings_in_locked_base(version: u16, program: fn()) -> Vec<Finding> {
    let path = providers::path("faulty_base_locked");
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    let verifier = Verifier::install(Scope::Modules(vec![path.clone()]));
    let _ = pipe::install_entry(pipe::ID, &path, &pipe::wanted_entry());
    let mut data = WSADATA::EMPTY;
    // SAFETY: a live local.
    assert_eq!(unsafe { winsock::WSAStartup(version, &raw mut data) }, 0);
    program();
    cleanup();
    until_answered();
    verifier.findings()
}

/// The provider answers late; it is not unloaded before.
fn until_answered() {
    wait::until("the verifier's question is answered", || {
        !processor::threads().contains(&String::from("ws2spi verifier"))
    });
}

/// One finding: a lock that this function holds while it calls that, found on the way through this function of the source.
#[track_caller]
fn expect_locked(findings: &[Finding], function: &str, called: &str, source: &str) {
    let [finding] = findings else {
        panic!("one finding: {findings:#?}");
    };
    assert_eq!((finding.rule, finding.function), ("V023", function));
    assert!(finding.what.contains(called), "{}", finding.what);
    let mut frames = finding.stack.iter();
    assert!(frames.any(|frame| frame.function == source), "{finding}");
}

// V023: the condition function.
#[test]
fn a_lock_around_a_condition_function_is_found_too() {
    isolated!();
    let findings = findings_in_locked_base(0x0202, || {
        let listener = pipe::listener("locked");
        let client = pipe::socket();
        let name = pipe::address("locked");
        client.connect_address(&name).expect("a listener is found");
        let _ = accept_if(&listener, |_| CF_ACCEPT);
    });
    expect_locked(
        &findings,
        "WSPAccept",
        "the condition function",
        "faulty_accept",
    );
}

// V023: the blocking hook, which programs of version 1.1 have.
#[test]
fn a_lock_around_a_blocking_hook_is_found_too() {
    extern "system" fn cancelling() -> BOOL {
        // SAFETY: no arguments.
        unsafe { winsock::WSACancelBlockingCall() };
        FALSE
    }
    isolated!();
    let findings = findings_in_locked_base(0x0101, || {
        let hook: extern "system" fn() -> BOOL = cancelling;
        let hook = RawCallback::from_raw(hook as *const () as usize);
        // SAFETY: a function of that type that stays loaded.
        unsafe { winsock::WSASetBlockingHook(hook) };
        let (client, _server) = pipe::pair("hooked");
        assert_eq!(client.recv(&mut [0], 0), Err(Errno::INTR));
    });
    expect_locked(&findings, "WSPRecv", "the blocking hook", "faulty_recv");
}

// V023: the completion routine.
#[test]
fn a_lock_around_a_completion_routine_is_found_too() {
    isolated!();
    let findings = workout::findings_in("faulty_routine_locked", Handles::Minted);
    until_answered();
    expect_locked(&findings, "WSPSend", "the completion routine", "faulty_apc");
}

#[test]
fn every_rule_has_its_provider() {
    let rules: Vec<String> = RULES.iter().map(|rule| rule.id.to_lowercase()).collect();
    let broken: Vec<&str> = PROVIDERS
        .iter()
        .filter_map(|provider| provider.get(..4))
        .collect();
    assert_eq!(rules, broken);
}
