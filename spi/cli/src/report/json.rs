//! The report for programs: one JSON document.
//!
//! Fields are only ever added; `format` counts up when the meaning of one changes. What a run did
//! not come to is an empty list or `null`.

use super::{HandleCounts, Report, handles_word, per_second, standing_word};
use crate::counters::{Count, Level, Levels};
use crate::traffic::Round;
use crate::trial::Trial;
use serde::Serialize;
use std::collections::BTreeMap;
use ws2spi_abi::Errno;

/// The report as a JSON document, ending in a line feed.
#[must_use]
pub fn print(report: &Report) -> String {
    // Maps with text keys and finite numbers: there is nothing that JSON cannot hold.
    let text = serde_json::to_string_pretty(&Document::of(report)).unwrap_or_default();
    text + "\n"
}

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    /// The format of this document.
    format: u32,
    /// The tool's name and version.
    tool: &'static str,
    /// `passed`, `failed` or `unusable`.
    verdict: &'static str,
    /// What the process ends with.
    exit_code: u8,
    /// What did not hold, a sentence each; empty when the verdict is `passed`.
    failures: &'a [String],
    /// What is worth knowing and is no failure, a sentence each.
    notes: &'a [String],
    /// Why nothing could be run, when the verdict is `unusable`.
    error: Option<&'a str>,
    /// Repeats the run's random choices.
    seed: u64,
    /// How long the whole run took.
    seconds: f64,
    /// The providers, from the top down.
    providers: Vec<ProviderObject<'a>>,
    /// The chains.
    chains: Vec<ChainObject<'a>>,
    /// What each style of I/O came to in its turn.
    styles: Vec<StyleObject<'a>>,
    /// What they came to at once; `null` when they were not tried so.
    at_once: Option<AtOnceObject<'a>>,
    /// What each transport and family came to, in all rounds.
    traffic: Vec<TrafficObject>,
    /// The calls at each level, from the top down to the base, of all rounds together.
    levels: Vec<LevelObject>,
    /// What was left open.
    handles: Option<HandlesObject<'a>>,
    /// What the client DLL found about the providers.
    findings: Vec<FindingObject<'a>>,
    /// The rules for providers that were broken; `null` when they were not checked.
    rules: Option<Vec<ws2spi_verify::Finding>>,
}

#[derive(Serialize)]
struct ProviderObject<'a> {
    /// The name in this document.
    name: &'a str,
    /// The file as the command line named it.
    source: String,
    /// The library that was loaded.
    module: &'a str,
    /// `system` or `minted`.
    handles: Option<&'static str>,
    /// The id of its own catalog entry.
    entry: Option<u32>,
    /// The GUID of that entry.
    guid: Option<String>,
}

#[derive(Serialize)]
struct ChainObject<'a> {
    transport: String,
    family: String,
    /// The id of its catalog entry.
    entry: u32,
    /// Its name in the catalog.
    name: &'a str,
    /// Its levels, from the top to the base.
    levels: Vec<LinkObject<'a>>,
}

#[derive(Serialize)]
struct LinkObject<'a> {
    provider: &'a str,
    entry: u32,
    name: &'a str,
    module: &'a str,
}

#[derive(Serialize)]
struct StyleObject<'a> {
    /// The name that `--io` takes.
    style: &'static str,
    #[serde(flatten)]
    round: RoundObject<'a>,
}

#[derive(Serialize)]
struct AtOnceObject<'a> {
    /// The names that `--io` takes.
    styles: Vec<&'static str>,
    /// How long all the traffic took together.
    seconds: f64,
    #[serde(flatten)]
    round: RoundObject<'a>,
}

/// What one start of the client DLL came to.
#[derive(Serialize)]
struct RoundObject<'a> {
    /// `passed`, `failed`, `not supported` or `unfinished`.
    result: &'static str,
    traffic: Vec<TrafficObject>,
    levels: Vec<LevelObject>,
    /// What was left open.
    handles: Option<HandlesObject<'a>>,
    /// Where the chain does not have a style: who said so to which function.
    unsupported: Vec<UnsupportedObject<'a>>,
}

#[derive(Serialize)]
struct UnsupportedObject<'a> {
    style: &'static str,
    transport: String,
    family: String,
    /// The function that was called.
    function: &'static str,
    /// What it failed with.
    error: String,
    /// The lowest provider that failed so.
    provider: Option<&'a str>,
}

#[derive(Serialize)]
struct TrafficObject {
    style: &'static str,
    /// Whether other styles ran at the same time.
    at_once: bool,
    transport: String,
    family: String,
    connections: u32,
    /// Bytes that clients sent and got back unchanged.
    bytes: u64,
    /// Datagrams that did; 0 over TCP.
    datagrams: u64,
    /// Sends and receives, of clients and servers.
    operations: u64,
    seconds: f64,
    bytes_per_second: f64,
    operations_per_second: f64,
    failure: Option<String>,
}

#[derive(Serialize)]
struct LevelObject {
    provider: String,
    module: String,
    /// Calls into the provider, by function.
    procedures: BTreeMap<&'static str, CountObject>,
    /// Upcalls it made, by function.
    upcalls: BTreeMap<&'static str, CountObject>,
}

#[derive(Serialize)]
struct CountObject {
    calls: u64,
    /// How many of them failed, by the name or number of the error.
    errors: BTreeMap<String, u64>,
    /// How long they took together, calls to lower levels included.
    seconds: f64,
}

#[derive(Serialize)]
struct HandlesObject<'a> {
    before: usize,
    after: usize,
    leaked: usize,
    /// Sockets still open when all traffic was over, each as its provider's name.
    sockets_left_open: Vec<&'a str>,
}

#[derive(Serialize)]
struct FindingObject<'a> {
    provider: &'a str,
    function: &'static str,
    what: &'a str,
    /// How often it was found.
    times: u64,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let exit = report.exit();
        Self {
            format: 1,
            tool: concat!("ws2spi ", env!("CARGO_PKG_VERSION")),
            verdict: exit.verdict(),
            exit_code: exit.code(),
            failures: &report.failures,
            notes: &report.notes,
            error: report.unusable.as_deref(),
            seed: report.seed,
            seconds: report.elapsed.as_secs_f64(),
            providers: providers(report),
            chains: chains(report),
            styles: styles(report),
            at_once: at_once(report),
            traffic: report.trials.iter().flat_map(traffic).collect(),
            levels: levels(report, &report.levels()),
            handles: handles(report, report.handles.as_ref()),
            findings: findings(report),
            rules: rules(report),
        }
    }
}

fn providers(report: &Report) -> Vec<ProviderObject<'_>> {
    let rows = report.providers.iter().map(|row| ProviderObject {
        name: &row.provider.name,
        source: row.provider.source.display().to_string(),
        module: &row.provider.module,
        handles: row.handles.map(handles_word),
        entry: row.installed.as_ref().map(|installed| installed.entry),
        guid: row
            .installed
            .as_ref()
            .map(|installed| installed.id.to_string()),
    });
    rows.collect()
}

fn chains(report: &Report) -> Vec<ChainObject<'_>> {
    let chains = report.chains.iter().map(|chain| ChainObject {
        transport: chain.leg.transport.to_string(),
        family: chain.leg.family.to_string(),
        entry: chain.entry,
        name: &chain.name,
        levels: chain
            .links
            .iter()
            .map(|link| LinkObject {
                provider: report.module_name(&link.module),
                entry: link.entry,
                name: &link.name,
                module: &link.module,
            })
            .collect(),
    });
    chains.collect()
}

fn styles(report: &Report) -> Vec<StyleObject<'_>> {
    let styles = report.trials.iter().filter_map(|trial| match trial.round {
        Round::Alone(style) => Some(StyleObject {
            style: style.name(),
            round: round(report, trial),
        }),
        Round::AtOnce(_) => None,
    });
    styles.collect()
}

fn at_once(report: &Report) -> Option<AtOnceObject<'_>> {
    report.trials.iter().find_map(|trial| match &trial.round {
        Round::AtOnce(styles) => Some(AtOnceObject {
            styles: styles.iter().map(|style| style.name()).collect(),
            seconds: trial.elapsed.as_secs_f64(),
            round: round(report, trial),
        }),
        Round::Alone(_) => None,
    })
}

fn round<'a>(report: &'a Report, trial: &'a Trial) -> RoundObject<'a> {
    RoundObject {
        result: standing_word(trial.standing()),
        traffic: traffic(trial),
        levels: levels(report, &trial.levels),
        handles: handles(report, trial.handles.as_ref()),
        unsupported: unsupported(report, trial),
    }
}

fn unsupported<'a>(report: &'a Report, trial: &'a Trial) -> Vec<UnsupportedObject<'a>> {
    let refused = trial.outcomes.iter().filter_map(|outcome| {
        let refused = outcome.unsupported?;
        let module = trial.refuser(&report.provider_modules(), refused);
        Some(UnsupportedObject {
            style: outcome.style.name(),
            transport: outcome.leg.transport.to_string(),
            family: outcome.leg.family.to_string(),
            function: refused.function,
            error: error_name(refused.error.code()),
            provider: module.map(|module| report.module_name(module)),
        })
    });
    refused.collect()
}

fn traffic(trial: &Trial) -> Vec<TrafficObject> {
    let legs = trial.outcomes.iter().map(|outcome| {
        let seconds = outcome.elapsed.as_secs_f64();
        TrafficObject {
            style: outcome.style.name(),
            at_once: matches!(trial.round, Round::AtOnce(_)),
            transport: outcome.leg.transport.to_string(),
            family: outcome.leg.family.to_string(),
            connections: outcome.connections,
            bytes: outcome.bytes,
            datagrams: outcome.datagrams,
            operations: outcome.operations,
            seconds,
            bytes_per_second: per_second(outcome.bytes, seconds),
            operations_per_second: per_second(outcome.operations, seconds),
            failure: outcome.failure.clone(),
        }
    });
    legs.collect()
}

fn levels(report: &Report, levels: &Levels) -> Vec<LevelObject> {
    let modules = report.modules(levels).into_iter();
    let known = modules.filter_map(|module| Some((module, levels.get(module)?)));
    known
        .map(|(module, level)| level_object(report, module, level))
        .collect()
}

fn level_object(report: &Report, module: &str, level: &Level) -> LevelObject {
    LevelObject {
        provider: report.module_name(module).to_owned(),
        module: module.to_owned(),
        procedures: counts(&level.procedures),
        upcalls: counts(&level.upcalls),
    }
}

fn counts(functions: &BTreeMap<&'static str, Count>) -> BTreeMap<&'static str, CountObject> {
    let objects = functions.iter().map(|(name, count)| {
        let errors = count
            .errors
            .iter()
            .map(|(code, times)| (error_name(*code), *times));
        let object = CountObject {
            calls: count.calls,
            errors: errors.collect(),
            seconds: count.duration.as_secs_f64(),
        };
        (*name, object)
    });
    objects.collect()
}

/// The name of an error, its number when it has none.
fn error_name(code: i32) -> String {
    let name = Errno::new(code).and_then(Errno::name);
    name.map_or_else(|| code.to_string(), String::from)
}

fn handles<'a>(report: &'a Report, handles: Option<&'a HandleCounts>) -> Option<HandlesObject<'a>> {
    let handles = handles?;
    let open = handles
        .sockets_left_open
        .iter()
        .map(|module| report.module_name(module));
    Some(HandlesObject {
        before: handles.before,
        after: handles.after,
        leaked: handles.leaked(),
        sockets_left_open: open.collect(),
    })
}

fn rules(report: &Report) -> Option<Vec<ws2spi_verify::Finding>> {
    let mut broken = report.broken_rules.clone()?;
    for finding in &mut broken {
        finding.provider = report.module_name(&finding.provider).to_owned();
    }
    Some(broken)
}

fn findings(report: &Report) -> Vec<FindingObject<'_>> {
    let findings = report.findings.iter().map(|finding| FindingObject {
        provider: report.module_name(&finding.diagnostic.provider),
        function: finding.diagnostic.function,
        what: &finding.diagnostic.what,
        times: finding.times,
    });
    findings.collect()
}
