//! The subject of a check: a chain of providers over the base, as a file tells a child of it.
//!
//! A child is this program with `check --chain FILE`. It installs what the file says and does what the supervisor orders; with
//! [`ASK`] in its environment it asks the providers what sockets they give instead, and writes the answer into the file. What a case
//! leaves for its parent goes into files beside it ([`evidence`](super::evidence)).

use super::arguments::CheckArguments;
use super::evidence::Files;
use crate::base::{self, BaseProvider};
use crate::chain::{self, BASE_MODULE};
use crate::installer::Handles;
use crate::memory_file::MemoryFile;
use crate::provider::{Provider, Unusable};
use crate::winsock;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs, io};
use ws2spi_abi::HANDLE;
use ws2spi_conformance::subject::{self, Subject};
use ws2spi_conformance::supervisor::{self, Report, Unanswered};
use ws2spi_conformance::verdict::{PASSED, Verdict};
use ws2spi_conformance::{Process, cases, child};
use ws2spi_verify::{Scope, Verifier};

/// Set in the child that asks the providers.
const ASK: &str = "WS2SPI_CHECK_ASK";

/// The providers over the base, from the top down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Chain {
    pub(super) layers: Vec<Level>,
    /// The base provider, when it is not ours.
    pub(super) base: Option<Base>,
    /// What was arranged otherwise than the command line had it.
    pub(super) notes: Vec<String>,
}

/// A base provider in the place of ours.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Base {
    pub(super) level: Level,
    /// Which of our catalog entries it has: their places. `None` before it was asked.
    pub(super) serves: Option<Vec<usize>>,
}

impl Base {
    /// One that has not been asked.
    pub(super) fn named(provider: &Provider) -> Self {
        Self {
            level: Level::of(provider),
            serves: None,
        }
    }

    /// One that has answered.
    pub(super) fn of(provider: &Provider, answer: base::Answer) -> Self {
        Self {
            level: Level::of(provider).with(answer.handles),
            serves: Some(answer.serves),
        }
    }

    fn provider(&self) -> BaseProvider {
        let answer = base::Answer {
            serves: self.serves.clone().unwrap_or_default(),
            handles: self.level.handles(),
        };
        BaseProvider::given(&self.level.provider(), &answer)
    }

    /// The names of its catalog entries, `TCP/IP`; `None` before it was asked.
    pub(super) fn protocols(&self) -> Option<Vec<String>> {
        self.serves.as_ref()?;
        let entries = self.provider().entries;
        Some(entries.iter().map(base::entry_name).collect())
    }
}

/// One provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Level {
    pub(super) name: String,
    pub(super) source: PathBuf,
    pub(super) module: String,
    /// The GUID of its own catalog entry.
    pub(super) id: Option<String>,
    /// Whether its handles are its own; `None` before it was asked.
    pub(super) mints: Option<bool>,
}

impl Level {
    pub(super) fn of(provider: &Provider) -> Self {
        Self {
            name: provider.name.clone(),
            source: provider.source.clone(),
            module: provider.module.clone(),
            id: provider.id.map(|id| id.to_string()),
            mints: None,
        }
    }

    pub(super) fn with(self, handles: Handles) -> Self {
        Self {
            mints: Some(handles == Handles::Minted),
            ..self
        }
    }

    /// The word for its handles in reports; `None` before it was asked.
    pub(super) fn handle_word(&self) -> Option<&'static str> {
        self.mints
            .map(|mints| if mints { "minted" } else { "system" })
    }

    fn handles(&self) -> Handles {
        if self.mints == Some(true) {
            Handles::Minted
        } else {
            Handles::System
        }
    }

    pub(super) fn provider(&self) -> Provider {
        Provider {
            name: self.name.clone(),
            source: self.source.clone(),
            module: self.module.clone(),
            id: self.id.as_deref().and_then(|id| id.parse().ok()),
        }
    }
}

impl Chain {
    /// What a case that does not pass on it is run on as well: its base alone. `None` when that is what it is.
    pub(super) fn below(&self) -> Option<Self> {
        let is_base = self.layers.is_empty();
        (!is_base || self.base.is_some()).then(|| Self {
            layers: Vec::new(),
            // One that is checked alone is compared with ours.
            base: self.base.clone().filter(|_| !is_base),
            notes: Vec::new(),
        })
    }

    /// Writes it into a file, for children.
    pub(super) fn store(&self, path: &Path) -> Result<PathBuf, Unusable> {
        let text = serde_json::to_string(self).map_err(io::Error::from);
        let stored = text.and_then(|text| fs::write(path, text));
        stored.map_err(|reason| machine(path, &reason))?;
        Ok(path.to_owned())
    }

    fn load(path: &Path) -> Result<Self, Unusable> {
        let text = fs::read_to_string(path).map_err(|reason| machine(path, &reason))?;
        serde_json::from_str(&text).map_err(|reason| machine(path, &reason.into()))
    }
}

fn machine(path: &Path, reason: &io::Error) -> Unusable {
    Unusable::Machine {
        what: path.display().to_string(),
        reason: reason.to_string(),
    }
}

impl Subject for Chain {
    fn prepare(&self) {
        if let Some(base) = &self.base {
            base.provider().put_to_use();
        }
        chain::start_anew().unwrap_or_else(|error| panic!("{error}"));
        for (index, level) in self.layers.iter().enumerate().rev() {
            chain::install(&level.provider(), level.handles(), index + 1)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }

    fn open_file(&self, contents: &[u8]) -> HANDLE {
        MemoryFile::open(contents.to_vec()).into_raw()
    }
}

/// What a child is told on its command line.
pub(super) fn command_line(orders: &Path) -> [OsString; 3] {
    ["check".into(), "--chain".into(), orders.into()]
}

/// What asking the providers of a chain came to.
pub(super) enum Asked {
    /// The chain as it can be installed.
    Answered(Chain),
    /// The child hung or crashed.
    Unanswered(Unanswered),
}

/// Has a child ask the providers of a chain, for as long as a case may take.
pub(super) fn ask(orders: &Path, arguments: &CheckArguments) -> Result<Asked, Unusable> {
    let began = Instant::now();
    let this = env::current_exe().map_err(|reason| machine(Path::new("ws2spi"), &reason))?;
    let mut command = Command::new(this);
    command.args(command_line(orders)).env(ASK, "1");
    command.arg("--handles");
    command.arg(
        clap::ValueEnum::to_possible_value(&arguments.providers.handles)
            .map_or_else(String::new, |value| value.get_name().to_owned()),
    );
    let limit = arguments.timeout;
    let ended = child::run(&mut command, limit);
    let ended = ended.map_err(|reason| machine(Path::new("ws2spi"), &reason))?;
    let is_over = ended.told.contains(ANSWERED);
    if ended.code() == Some(PASSED) && is_over {
        return Chain::load(orders).map(Asked::Answered);
    }
    // A provider may have written before it.
    if let Some((_, answer)) = ended.said.trim_end().split_once(ANSWER)
        && is_over
    {
        return Err(Unusable::Refused(answer.to_owned()));
    }
    let verdict = match ended.status {
        None => Verdict::Hung(limit),
        Some(_) => Verdict::Crashed(ended.how()),
    };
    Ok(Asked::Unanswered(Unanswered {
        what: String::from("the providers for sockets, each alone"),
        order: SOCKETS.to_owned(),
        report: Report::of(verdict, began.elapsed(), ended.said),
    }))
}

/// What a child does.
pub(super) fn serve(orders: &Path, arguments: &CheckArguments) -> ExitCode {
    let chain = match Chain::load(orders) {
        Ok(chain) => chain,
        Err(unusable) => return refuse(&unusable),
    };
    if env::var_os(ASK).is_some() {
        let watcher = Files::of(orders, SOCKETS).record();
        let answer = super::ask_here(&chain, arguments, watcher.as_ref());
        let code = match answer.and_then(|chain| chain.store(orders)) {
            Ok(_) => ExitCode::SUCCESS,
            Err(unusable) => refuse(&unusable),
        };
        println!("{ANSWERED}");
        return code;
    }
    let verifier = chain
        .below()
        .is_some()
        .then(|| Verifier::install(Scope::AllBut(vec![BASE_MODULE.to_owned()])));
    subject::set(chain);
    let asked = supervisor::asked_for();
    let case = asked.as_deref().and_then(cases::find);
    let files = asked.as_deref().map(|asked| Files::of(orders, asked));
    if let Some(files) = &files {
        files.record();
    }
    let code = supervisor::serve_if_asked();
    if let (Some(verifier), Some(case), Some(files)) = (verifier, case, files) {
        if case.process == Process::Shared && code == Some(PASSED.into()) {
            // Some rules are about what is left at the end; a body that failed leaves things itself.
            // SAFETY: no arguments; the start is counted.
            unsafe { winsock::WSACleanup() };
        }
        files.store_rules(&verifier.findings());
    }
    code.unwrap_or(ExitCode::from(2))
}

/// The name of the question what sockets the providers give.
const SOCKETS: &str = "sockets?";
/// What a child says that asked it, whatever the answer: a provider may end the process with any exit code.
const ANSWERED: &str = "\x01asked\x02";
/// What begins the message of a child that can tell why.
const ANSWER: &str = "ws2spi: ";

fn refuse(unusable: &Unusable) -> ExitCode {
    eprintln!("{ANSWER}{unusable}");
    ExitCode::from(2)
}
