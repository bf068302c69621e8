//! `Finding`: a broken rule, and the log in which equal ones are counted.

use crate::rule::Rule;
use crate::stack::Stack;
use parking_lot::Mutex;
use serde::Serialize;
use std::fmt;
use std::thread;

/// A rule that a provider broke, at one place of its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's number, `V001`.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// What the rule says a provider does that breaks it.
    pub sentence: &'static str,
    /// What this provider did.
    pub what: String,
    /// The path of the provider's module.
    pub provider: String,
    /// The C name of the function or upcall.
    pub function: &'static str,
    /// The socket or other handle, the first time.
    pub handle: Option<usize>,
    /// The thread, the first time.
    pub thread: String,
    /// The frames of the provider's code, the innermost first.
    pub stack: Vec<Frame>,
    /// The page about the rule in the project's sources.
    pub page: String,
    /// How often it was found.
    pub times: u64,
}

/// A call in a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The function's name, its address when it has none.
    pub function: String,
    /// The source file.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
    /// The module that it is in.
    pub module: String,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, " at {file}:{line}"),
            (Some(file), None) => write!(f, " at {file}"),
            (None, _) => write!(f, " in {}", self.module),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            sentence,
            function,
            provider,
            what,
            thread,
            page,
            ..
        } = self;
        write!(f, "{rule} {sentence}\n  {function} of {provider}: {what}")?;
        if let Some(handle) = self.handle {
            write!(f, ", handle {handle:#x}")?;
        }
        write!(f, ", {thread}")?;
        if self.times > 1 {
            write!(f, ", {} times", self.times)?;
        }
        for frame in &self.stack {
            write!(f, "\n    {frame}")?;
        }
        write!(f, "\n  {page}")
    }
}

/// What is known of a finding before its stack has names.
pub(crate) struct Found<'a> {
    pub rule: &'static Rule,
    pub provider: &'a str,
    pub function: &'static str,
    pub handle: Option<usize>,
    pub what: String,
    pub stack: &'a Stack,
}

/// The findings so far, one per rule and place.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<Vec<(Key, Finding)>>,
}

#[derive(PartialEq, Eq)]
struct Key {
    rule: &'static str,
    provider: String,
    function: &'static str,
    place: usize,
}

impl Log {
    /// Counts a finding, or adds it.
    pub fn add(&self, found: Found<'_>) {
        let key = Key {
            rule: found.rule.id,
            provider: found.provider.to_owned(),
            function: found.function,
            place: found.stack.place(),
        };
        if self.count(&key) {
            return;
        }
        let thread = thread::current();
        let finding = Finding {
            rule: found.rule.id,
            name: found.rule.name,
            sentence: found.rule.sentence,
            what: found.what,
            provider: key.provider.clone(),
            function: key.function,
            handle: found.handle,
            thread: match thread.name() {
                Some(name) => format!("thread {name:?}"),
                None => format!("{:?}", thread.id()),
            },
            stack: found.stack.named(),
            page: found.rule.link(),
            times: 1,
        };
        if !self.count(&key) {
            self.entries.lock().push((key, finding));
        }
    }

    fn count(&self, key: &Key) -> bool {
        let mut entries = self.entries.lock();
        let known = entries.iter_mut().find(|(other, _)| other == key);
        known.map(|(_, finding)| finding.times += 1).is_some()
    }

    /// In the order of the rules.
    pub fn list(&self) -> Vec<Finding> {
        let entries = self.entries.lock();
        let mut list: Vec<Finding> = entries.iter().map(|(_, finding)| finding.clone()).collect();
        list.sort_by_key(|finding| finding.rule);
        list
    }
}
