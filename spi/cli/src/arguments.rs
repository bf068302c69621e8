//! The command line: what can be asked for, its help text, and its limits.
//!
//! Parsed by clap, which answers a wrong argument with a message and exit code 2, as the tool does
//! for everything else that cannot be used.

use crate::check::arguments::{self as check, CheckArguments};
use crate::identity;
use crate::installer::Handles;
use crate::probe::Sockets;
use crate::traffic::{MOST_CONNECTIONS, Style};
use crate::wine::arguments as wine;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The tool's command line.
#[derive(Debug, Parser)]
#[command(
    name = "ws2spi",
    version,
    about = "Run and check Winsock 2 service providers on this machine",
    styles = STYLES,
    max_term_width = 100
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Carry real TCP and UDP traffic through a chain of providers and compare every byte
    #[command(long_about = RUN_ABOUT, after_long_help = RUN_AFTER)]
    Run(RunArguments),
    /// Put providers through the conformance suite
    #[command(long_about = check::ABOUT, after_long_help = check::AFTER)]
    Check(CheckArguments),
    /// Compile source that was written for Windows, with the system's C or C++ compiler
    #[command(long_about = CC_ABOUT, after_help = CC_AFTER)]
    Cc(CcArguments),
    /// Put layered providers to work in a prefix of Wine's
    #[command(long_about = wine::ABOUT)]
    Wine(wine::WineArguments),
}

/// The arguments of `ws2spi cc`: the compiler's own, and a few more.
#[derive(Clone, Debug, Args)]
pub struct CcArguments {
    /// Sources, objects and options
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

/// The providers of a command, and how they become modules.
#[derive(Clone, Debug, Args)]
pub struct ProviderArguments {
    /// A provider: a C or C++ source, or a compiled .so or .dylib; the first is on top
    #[arg(value_name = "PROVIDER")]
    pub paths: Vec<PathBuf>,

    /// Whose socket handles the providers give out; auto asks each of them
    #[arg(long, value_enum, default_value_t = HandleChoice::Auto)]
    pub handles: HandleChoice,

    /// The GUID of the provider's own catalog entry, which it looks for; of several, once for each
    /// in their order, or auto: what the function GetLspGuid tells, if the provider exports it
    #[arg(long, value_name = "GUID")]
    pub guid: Vec<identity::Choice>,

    /// The C compiler; without it, the environment variable CC, or cc
    #[arg(long, value_name = "COMMAND")]
    pub cc: Option<String>,

    /// The C++ compiler; without it, the environment variable CXX, or c++
    #[arg(long, value_name = "COMMAND")]
    pub cxx: Option<String>,

    /// More flags for the compiler, after those of CFLAGS or CXXFLAGS
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    pub cflags: Vec<String>,

    /// Print the report as one JSON document, and nothing else on standard output
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `ws2spi run`.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("paths", |paths| paths.required(true)))]
pub struct RunArguments {
    /// The providers.
    #[command(flatten)]
    pub providers: ProviderArguments,

    /// Styles of I/O to use in turn, separated by commas; without it, each that the chain supports,
    /// and then all of these at once
    #[arg(long, value_name = "STYLE", value_enum, value_delimiter = ',')]
    pub io: Vec<Style>,

    /// Use the styles at the same time, in one process and one start of the client DLL, instead of
    /// in turn
    #[arg(long)]
    pub at_once: bool,

    /// Bytes to send over TCP, in each style on each address family, or in all at once; K, M and G
    /// are 1024 and its powers
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = size)]
    pub bytes: u64,

    /// Datagrams to send over UDP, in each style on each address family, or in all at once
    #[arg(long, value_name = "COUNT", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub datagrams: u32,

    /// Connections at a time over TCP, and pairs of sockets over UDP; where styles run at once, each
    /// has so many, but no more than 256 in all
    #[arg(long, value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_CONNECTIONS)))]
    pub connections: u32,

    /// Send for so long in each style, or in all at once, in place of --bytes and --datagrams; in
    /// turn, TCP and UDP over each address family share the time
    #[arg(long, value_name = "SECONDS", value_parser = seconds,
          conflicts_with_all = ["bytes", "datagrams"])]
    pub seconds: Option<Duration>,

    /// Repeat the choices of a former run; without it, WS2SPI_SEED or a new one each time
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// End a run in which a style is not done after this time, not counting --seconds, and say
    /// where it hangs
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub timeout: Duration,

    /// Leave IPv6 out, on a machine without it
    #[arg(long)]
    pub ipv4_only: bool,

    /// Check the rules for providers as well, at every call; slower. A broken rule fails the run
    #[arg(long)]
    pub verify: bool,

    /// Run the providers in this process, not in a child of it: for debuggers and sanitizers
    #[arg(long)]
    pub in_process: bool,

    /// The scratch folder of the supervising process, which has started this one.
    #[arg(long, value_name = "FOLDER", hide = true)]
    pub scratch: Option<PathBuf>,
}

impl RunArguments {
    /// The styles of I/O to use, in their order and each once.
    #[must_use]
    pub fn styles(&self) -> Vec<Style> {
        let all = Style::value_variants().iter().copied();
        all.filter(|style| self.io.is_empty() || self.io.contains(style))
            .collect()
    }

    /// Whether a round of all styles at once ends the run.
    #[must_use]
    pub fn ends_at_once(&self) -> bool {
        self.at_once || self.io.is_empty()
    }

    /// How long a round may take, and whatever comes before the first.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.timeout + self.seconds.unwrap_or_default()
    }

    /// How long the run may take.
    #[must_use]
    pub fn whole_limit(&self) -> Duration {
        let in_turn = if self.at_once { 0 } else { self.styles().len() };
        let rounds = in_turn + usize::from(self.ends_at_once());
        self.limit() * (rounds as u32 + 1)
    }
}

/// Whose handles the layers give out, as said on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum HandleChoice {
    /// Make a socket of each provider and look
    Auto,
    /// Those of the provider below: IFS layers
    System,
    /// Their own, from WPUCreateSocketHandle: non-IFS layers
    Minted,
}

impl HandleChoice {
    /// The handles of a provider that gives such sockets.
    #[must_use]
    pub const fn of(self, sockets: Sockets) -> Handles {
        match self {
            Self::Auto => sockets.handles(),
            Self::System => Handles::System,
            Self::Minted => Handles::Minted,
        }
    }
}

/// A number of bytes: digits, then perhaps K, M or G.
fn size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1u64),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| String::from("a number is expected, with K, M or G behind it if you like"))?;
    match number.checked_mul(unit) {
        Some(0) => Err(String::from("nothing would be sent")),
        Some(bytes) if bytes <= MAX_BYTES => Ok(bytes),
        _ => Err(String::from("at most 1024G")),
    }
}

/// A whole number of seconds, at least 1.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=MAX_SECONDS) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("a number from 1 to {MAX_SECONDS} is expected")),
    }
}

const MAX_BYTES: u64 = 1 << 40;
const MAX_SECONDS: u64 = 24 * 60 * 60;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const CC_ABOUT: &str = "\
Compile source that was written for Windows, with the system's C or C++ compiler.

Sets what such source expects (16-bit wchar_t, the conversions and inline rules of Microsoft's compiler, the headers of this tool), \
finds includes with backslashes and letters of another case, and makes exports of a module definition file. All other options go to the \
compiler or the linker as they are: -c, -S, -E, -M and its kin, -g, -O2, -fsanitize=address, ...

A library that is loaded at run time (-shared, a module definition file, or an output that ends with .so, .dylib or .dll) leaves the \
names of libws2_32 to the program that loads it; a function that is nowhere, there and in the libraries that are linked, is an error with \
the header that declares it (-Wl,-z,undefs allows it, on macOS -Wl,-undefined,dynamic_lookup). A program is linked with libws2_32. Libraries of Windows that libws2_32 stands for \
(-lws2_32, kernel32.lib, ...) may be named.";

const CC_AFTER: &str = "\
Options of its own:
  --def FILE       the module definition file; also FILE.def alone
  --cc, --cxx CMD  the compilers; without them CC and CXX, or cc and c++
  --c++            link as C++ when objects alone are named; with --cflags, the flags for C++
  --cflags         print the flags that compile C, with the folder of the headers, and do nothing else
  --libs           print the flags that link a program; both may be given
  --win64          Microsoft's x64 calling convention for WSPStartup, both tables and the callbacks in their calls, for
                   hosts that map Windows code (x86-64 only); run and check take such a provider like any other
  -v               show the includes that were found and the commands that are run

Exit codes:
  0  compiled and linked
  1  the compiler or the linker has failed, and said why
  2  unusable: a wrong argument, a file that cannot be read or written, no compiler

Environment:
  CC, CXX          the compilers
  WS2SPI_PREFIX    where spi/capi/install has put headers and libws2_32; without it they are looked for
                   beside this program and in its prefix
  XDG_CACHE_HOME, HOME
                   where the headers are put for --cflags and -MD, in ws2spi or .cache/ws2spi
  TMPDIR           where scratch files go

Examples:
  ws2spi cc -o mylsp.so *.cpp --def mylsp.def -I common -DNDEBUG
  ws2spi cc -o install install.c printsp.c -lws2_32
  ws2spi cc -c -MMD -g -fsanitize=address mylsp.cpp
  cc $(ws2spi cc --cflags) -c mine.c && cc -o mine mine.o $(ws2spi cc --libs)
  cmake -D CMAKE_TOOLCHAIN_FILE=PREFIX/lib/cmake/ws2spi/ws2spiToolchain.cmake ...";

const RUN_ABOUT: &str = "\
Carry real TCP and UDP traffic through a chain of providers and compare every byte.

Each PROVIDER is compiled, unless it is compiled already, and installed as a layer above TCP/IP and \
UDP/IP of IPv4 and IPv6, in a catalog in memory that is gone afterwards. The first PROVIDER is on \
top, the base provider is below the last; but an IFS layer goes below those that mint their handles, \
where Windows' installers put it. Then an echo server and its clients talk over loopback \
through the chain, from real threads, in one style of I/O after the other, and at last in all styles \
at once, which then send as much together as one alone; both ends compare every byte.

The report shows the chain and, for each of these rounds, the speed, the calls of each WSP function and \
upcall at each level, errors, and handles that leaked; then findings about broken contracts, and \
the verdict over all. It is passed only when all bytes arrived unchanged, every provider was \
called, no call failed that should not, no socket or handle was left open, and nothing was found. A \
style to whose first call of its own the chain answers WSAEOPNOTSUPP is reported as not supported, \
with the function and the provider that said so; that is a failure when --io names the style.";

const RUN_AFTER: &str = "\
Exit codes:
  0  passed: everything held
  1  failed: traffic was changed, lost or refused, handles leaked, the run hung, a provider crashed
  2  unusable: a wrong argument, or a provider that does not compile or load, has no WSPStartup,
     leaves slots of its table NULL, offers another version than 2.2, or whose WSPStartup fails;
     or the report cannot be written
A signal that ends the run ends the tool in the same way.

Environment:
  CC, CXX           the compilers
  CFLAGS, CXXFLAGS  flags for them
  WS2SPI_SEED       the seed, unless --seed is given
  TMPDIR            where scratch files go

Examples:
  ws2spi run layer.c
  ws2spi run top.c middle.so bottom.cpp --cflags '-O2 -DNDEBUG'
  ws2spi run layer.c --io select --connections 32 --seconds 10
  ws2spi run layer.c --io event,iocp --at-once
  ws2spi run layer.c --json | jq .verdict
  gdb --args ws2spi run --in-process layer.c";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parsed(arguments: &[&str]) -> Result<RunArguments, String> {
        let all = ["ws2spi", "run"].iter().chain(arguments);
        match Arguments::try_parse_from(all) {
            Ok(Arguments {
                command: Command::Run(run),
            }) => Ok(run),
            Ok(_) => Err(String::from("another command")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_options_the_run_is_the_one_that_the_readme_promises() {
        let run = parsed(&["a.c", "b.so"]).expect("this is a command");
        assert_eq!(run.providers.paths, ["a.c", "b.so"].map(PathBuf::from));
        assert_eq!((run.bytes, run.datagrams), (16 << 20, 10_000));
        assert_eq!(run.timeout, Duration::from_secs(120));
        assert_eq!(run.providers.handles, HandleChoice::Auto);
        assert!(!run.providers.json && !run.ipv4_only && !run.in_process);
        assert_eq!(run.styles(), Style::value_variants());
        assert!(!run.at_once && run.ends_at_once());
        assert_eq!(run.seconds, None);
    }

    #[test]
    fn styles_are_taken_in_their_order_and_once() {
        let run = parsed(&["a.c", "--io", "select,blocking", "--io=select"]).expect("a command");
        assert_eq!(run.styles(), [Style::Blocking, Style::Select]);
        assert!(!run.ends_at_once());
    }

    #[test]
    fn the_time_of_a_style_does_not_count_as_hanging() {
        let run = parsed(&["a.c", "--seconds", "300", "--io", "select"]).expect("a command");
        assert_eq!(run.limit(), Duration::from_secs(420));
        assert_eq!(run.whole_limit(), Duration::from_secs(840));
        let run = parsed(&["a.c", "--at-once", "--timeout", "10"]).expect("a command");
        assert_eq!(run.whole_limit(), Duration::from_secs(20));
        let run = parsed(&["a.c", "--timeout", "10"]).expect("a command");
        assert_eq!(run.whole_limit(), Duration::from_secs(100));
    }

    #[test]
    fn a_time_takes_the_place_of_the_amounts() {
        for other in ["--bytes=1M", "--datagrams=10"] {
            let error = parsed(&["a.c", "--seconds=1", other]).expect_err(other);
            assert!(error.contains("cannot be used with"), "{error}");
        }
    }

    #[test]
    fn sizes_take_units_and_nothing_else() {
        assert_eq!(size("12"), Ok(12));
        assert_eq!(size("3k"), Ok(3 << 10));
        assert_eq!(size("2M"), Ok(2 << 20));
        assert_eq!(size("1G"), Ok(1 << 30));
        for wrong in ["", "M", "0", "-1", "1T", "1.5M", "99999999999G", "1 M"] {
            assert!(size(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        for (option, value) in [
            ("--connections", "0"),
            ("--connections", "257"),
            ("--datagrams", "0"),
            ("--io", "polling"),
            ("--io", ""),
            ("--seconds", "0"),
            ("--seconds", "soon"),
            ("--timeout", "0"),
            ("--timeout", "90000"),
            ("--handles", "both"),
            ("--seed", "-1"),
        ] {
            let error = parsed(&["a.c", &format!("{option}={value}")]).expect_err(value);
            assert!(error.contains(option), "{error}");
        }
    }

    #[test]
    fn flags_for_the_compiler_may_begin_with_a_hyphen() {
        let run = parsed(&["a.c", "--cflags", "-O2 -DX", "--cflags", "-g"]).expect("a command");
        assert_eq!(run.providers.cflags, ["-O2 -DX", "-g"]);
    }

    #[test]
    fn a_run_without_providers_is_refused() {
        assert!(parsed(&[]).is_err_and(|error| error.contains("PROVIDER")));
    }
}
