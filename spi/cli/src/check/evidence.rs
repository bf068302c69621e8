//! Evidence: what the child of a case leaves in files beside its orders, for its parent to read: the broken rules, the place of a
//! crash, the trail of calls. Whatever ends the child, the files are there.

use super::subject::Chain;
use crate::chain::BASE_MODULE;
use crate::crash;
use crate::trail::{self, End, Recorder};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ws2spi::trace;
use ws2spi_conformance::Verdict;
use ws2spi_verify::Finding;

/// The files of a case.
pub(super) struct Files {
    rules: PathBuf,
    crash: PathBuf,
    trail: PathBuf,
}

impl Files {
    /// Those of a child with these orders that was asked for a case, or a question.
    pub(super) fn of(orders: &Path, asked: &str) -> Self {
        let orders = orders.display();
        let name = asked.replace(|c: char| !c.is_alphanumeric() && c != '_', "-");
        let file = |kind| PathBuf::from(format!("{orders}.{name}.{kind}"));
        Self {
            rules: file("rules"),
            crash: file("crash"),
            trail: file("trail"),
        }
    }

    /// In the child: from now on calls leave their trail, and a crash its place. The hook that writes the trail.
    pub(super) fn record(&self) -> Option<Arc<dyn trace::Hook>> {
        crash::report_in(&self.crash);
        // Without a trail the report of a crash says less.
        let recorder = Arc::new(Recorder::create(&self.trail).ok()?);
        trace::set_hook(Some(recorder.clone()));
        Some(recorder)
    }

    /// In the child: the rules that were broken.
    pub(super) fn store_rules(&self, broken: &[Finding]) {
        if !broken.is_empty()
            && let Ok(text) = serde_json::to_string(broken)
        {
            // A parent that finds none reports none, and the case's own verdict stands.
            let _ = fs::write(&self.rules, text);
        }
    }

    /// The rules that were broken.
    pub(super) fn broken_rules(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.rules).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Where the case was when it ended so, with the names of these providers.
    pub(super) fn last_moments(&self, verdict: &Verdict, chain: &Chain) -> LastMoments {
        let place = fs::read_to_string(&self.crash).unwrap_or_default();
        let steps = trail::read(&self.trail);
        // Who hangs writes no place: it is in the call that has not returned, of several in the one that began last. A crash without
        // a place was in no call, or nobody knows in which of those that other threads were inside of.
        let hung = matches!(verdict, Verdict::Hung(_));
        let open = steps.last();
        let open = open.filter(|step| hung && step.end == End::Inside);
        let place = place.split_once(" of ");
        let place = place.or(open.map(|step| (&*step.function, &*step.module)));
        LastMoments {
            place: place
                .map(|(function, module)| format!("in {function} of {}", name_of(chain, module))),
            calls: steps
                .iter()
                .map(|step| LastCall {
                    thread: step.thread,
                    provider: name_of(chain, &step.module),
                    end: step.end.words(),
                    function: step.function.clone(),
                })
                .collect(),
        }
    }
}

/// What the process of a case did last that crashed or hung.
#[derive(Debug, Default)]
pub(super) struct LastMoments {
    /// The innermost function in which a signal came, or the one that has not returned: `in WSPSend of layer.c`.
    pub(super) place: Option<String>,
    /// The last calls that ended, then those that have not returned.
    pub(super) calls: Vec<LastCall>,
}

/// One of the last calls.
#[derive(Debug)]
pub(super) struct LastCall {
    pub(super) thread: u32,
    pub(super) provider: String,
    pub(super) function: String,
    /// What came of it, in words.
    pub(super) end: String,
}

/// What is to be said of what did not pass: how the process ended, where, what it did last, and what it said.
pub(super) fn details(verdict: &Verdict, last: Option<&LastMoments>, said: &str) -> String {
    let mut text = match verdict {
        Verdict::Passed => return String::new(),
        Verdict::Failed(what) | Verdict::NotApplicable(what) => return what.trim().to_owned(),
        // How it ended comes before what it said.
        Verdict::Crashed(how) => how.lines().next().unwrap_or_default().to_owned(),
        Verdict::Hung(limit) => format!("not over after {} s", limit.as_secs_f64()),
    };
    if let Some(last) = last {
        match &last.place {
            Some(place) => text += &format!(", {place}"),
            None if matches!(verdict, Verdict::Hung(_)) => text += ", inside no call of a provider",
            None => {}
        }
        if !last.calls.is_empty() {
            text += "\nlast calls:";
        }
        for call in &last.calls {
            let LastCall {
                thread,
                provider,
                function,
                end,
            } = call;
            text += &format!("\n  thread {thread}: {function} of {provider} {end}");
        }
    }
    let said = said.trim();
    if !said.is_empty() {
        text += &format!("\n{said}");
    }
    text
}

/// The provider that a module is.
fn name_of(chain: &Chain, module: &str) -> String {
    let base = chain.base.iter().map(|base| &base.level);
    let mut levels = chain.layers.iter().chain(base);
    match levels.find(|level| level.module == module) {
        Some(level) => level.name.clone(),
        None if module == BASE_MODULE => String::from("the base provider"),
        None => module.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use trace::Hook;

    #[test]
    fn a_crash_without_a_place_is_in_no_call_that_happens_to_be_open() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let files = Files::of(&folder.path().join("orders"), "a::case");
        let recorder = Recorder::create(&files.trail).expect("a file");
        recorder.begun("waits.so", "WSPRecv");
        let place = |verdict| files.last_moments(&verdict, &Chain::default()).place;
        assert_eq!(place(Verdict::Crashed(String::from("signal: 6"))), None);
        let hung = place(Verdict::Hung(Duration::from_secs(1)));
        assert_eq!(hung.as_deref(), Some("in WSPRecv of waits.so"));
        fs::write(&files.crash, "WSPSend of crashes.so").expect("it is written");
        let crashed = place(Verdict::Crashed(String::from("signal: 11")));
        assert_eq!(crashed.as_deref(), Some("in WSPSend of crashes.so"));
    }
}
