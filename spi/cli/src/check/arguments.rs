//! The command line of `ws2spi check`.

use super::selection::Shard;
use crate::arguments::{ProviderArguments, seconds};
use clap::Args;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// The arguments of `ws2spi check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArguments {
    /// The providers; without one, the base provider is checked.
    #[command(flatten)]
    pub providers: ProviderArguments,

    /// A base provider to check in the place of ours: a source or a compiled library; PROVIDERs are
    /// stacked above it
    #[arg(long, value_name = "FILE")]
    pub base: Option<PathBuf>,

    /// Only cases whose name contains this, or that stand on this assertion (U12, P104); several
    /// are alternatives
    #[arg(long, value_name = "TEXT")]
    pub filter: Vec<String>,

    /// How many cases to run at a time; without it, as many as there are processors
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,

    /// Run the part I of N of the cases, for N machines; parts are numbered from 1
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// End a case that takes longer: it hangs
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub timeout: Duration,

    /// Fail also when the base provider alone does not pass a case either
    #[arg(long)]
    pub strict: bool,

    /// A file of known differences, each with its reason: they do not fail the check, and a row whose
    /// case passes does
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,

    /// Of the rows of --known that name configurations, those that name this one count too
    #[arg(long, value_name = "NAME", requires = "known")]
    pub known_as: Vec<String>,

    /// Print every case, and what it said
    #[arg(long, short)]
    pub verbose: bool,

    /// Write the results as JUnit XML into this file too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Print the cases with what they stand on, and run none
    #[arg(long)]
    pub list: bool,

    /// Explain an assertion (U12, P104), a case or a rule for providers (V012): what is checked, why,
    /// and the page that says so
    #[arg(long, value_name = "ID", conflicts_with = "list")]
    pub explain: Option<String>,

    /// In a child: the file that says what chain to install.
    #[arg(long, value_name = "FILE", hide = true)]
    pub chain: Option<PathBuf>,
}

impl CheckArguments {
    /// How many cases to run at a time.
    #[must_use]
    pub fn jobs(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(processors, usize::from)
    }
}

/// What `ws2spi check --help` begins with.
pub const ABOUT: &str = "\
Put providers through the conformance suite: what programs expect of Winsock, case by case.

Each PROVIDER is compiled, unless it is compiled already, and installed as `ws2spi run` does, the \
first on top. Then each case runs in a process of its own, with a time limit, while the rules for \
providers are checked at every call. A case that does not pass is run on the base provider alone as \
well: when it passes there it is the providers that differ.

With --base a provider of your own takes the place of the base provider. It gets the catalog \
entries TCP/IP, UDP/IP and RAW/IP, of IPv4 and IPv6, and AF_UNIX; first it is asked for a socket of each, \
and entries that it answers with WSAEAFNOSUPPORT, WSAEPROTONOSUPPORT, WSAESOCKTNOSUPPORT or the like are \
left out. Entries of one that makes its handles with WPUCreateSocketHandle are without XP1_IFS_HANDLES. \
What it does not have makes cases not applicable. A base that is checked alone is compared with ours.";

/// What it ends with.
pub const AFTER: &str = "\
Results of a case:
  passed          the sentence holds, and no rule for providers was broken
  differs         it does not hold, and does on the base provider alone (with --base and nothing
                  above it: on ours)
  failed          it does not hold on the base provider alone either
  known           it differs or failed, as --known has it, with its reason
  stale           it passed, though --known has it as a difference
  crashed, hung   the process ended otherwise, or not in time
  broken rule     the sentence holds, but a provider broke a rule on the way
  not applicable  with the reason

Exit codes:
  0  all cases passed, are known, failed on the base alone as well (but not with --strict), or do
     not apply
  1  a case differs, crashed, hung or is stale, or a rule was broken, in a known one too
  2  unusable: a wrong argument, or a provider that cannot be used; or a report cannot be written

Examples:
  ws2spi check layer.c
  ws2spi check layer.c --filter connect --verbose
  ws2spi check layer.c --known known.toml
  ws2spi check --base transport.so
  ws2spi check layer.c --junit report.xml --shard 1/4
  ws2spi check --explain P104";
