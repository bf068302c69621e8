//! Runs the conformance cases on one configuration, as `cargo test` runs tests: by name, on several threads, with the closing line.

use crate::configuration::Configuration;
use crate::{exceptions, inside, isolation, machine};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::process::ExitCode;
use ws2spi_conformance::processes::Quiet;
use ws2spi_conformance::{Case, Outcome, Process, cases, partner, subject};

/// All cases: those that any implementation can be put through, and those that look [inside].
pub fn all() -> impl Iterator<Item = &'static Case> {
    cases::all().chain(inside::CASES)
}

/// The `main` of a test program. Cases that do not apply count as ignored, with the reason.
#[must_use]
pub fn run(configuration: Configuration) -> ExitCode {
    subject::set(configuration);
    inside::set_configuration(configuration);
    if partner::serve_if_one() {
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    machine::demand();
    let trials = all().map(|case| {
        Trial::ignorable_test(case.name(), move || {
            judge(case, configuration).map_err(Failed::from)
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// What a case comes to.
fn judge(case: &Case, configuration: Configuration) -> Result<Completion, String> {
    let name = case.name();
    if let Some(row) = exceptions::find(&name, configuration.name()) {
        return Ok(not_applicable(&format!("{} ({})", row.reason, row.source)));
    }
    if case.process == Process::Own && isolation::is_child(&name) {
        return case.run().map(completion);
    }
    subject::start_once();
    if let Some(lack) = case.lack() {
        return if lack.need.is_of_the_machine() || configuration.is_without(lack.need) {
            Ok(not_applicable(&lack.to_string()))
        } else {
            Err(lack.to_string())
        };
    }
    match case.process {
        Process::Shared => {
            let _quiet = Quiet::begin();
            case.run().map(completion)
        }
        Process::Own => isolation::run(&name, isolation::LIMIT).map(|()| Completion::Completed),
    }
}

fn completion(outcome: Outcome) -> Completion {
    match outcome {
        Outcome::Passed => Completion::Completed,
        Outcome::NotApplicable(reason) => not_applicable(&reason),
    }
}

fn not_applicable(reason: &str) -> Completion {
    Completion::ignored_with(reason)
}
