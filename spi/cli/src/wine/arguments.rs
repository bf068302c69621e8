//! The command line of `ws2spi wine`, and its help texts.

use clap::{Args, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The arguments of `ws2spi wine`.
#[derive(Clone, Debug, Args)]
pub struct WineArguments {
    /// What to do with the prefix.
    #[command(subcommand)]
    pub command: WineCommand,
}

/// What can be done with a prefix.
#[derive(Clone, Debug, Subcommand)]
pub enum WineCommand {
    /// Put the ws2_32.dll that loads layers into a prefix
    #[command(long_about = INSTALL_ABOUT, after_long_help = AFTER)]
    Install(InstallArguments),
    /// Take it out again, with the catalog and all that was changed for it
    #[command(long_about = REMOVE_ABOUT, after_long_help = AFTER)]
    Remove(RemoveArguments),
    /// Say what is installed, which layers are in the catalog, and whether data goes directly
    #[command(after_long_help = AFTER)]
    Status(StatusArguments),
    /// Run a Windows program in a prefix, with or without layers
    #[command(long_about = RUN_ABOUT, after_long_help = AFTER)]
    Run(RunArguments),
}

/// A prefix, and the Wine that it belongs to.
#[derive(Clone, Debug, Args)]
pub struct PrefixArguments {
    /// The prefix: what WINEPREFIX names, or a folder of Steam's compatdata
    #[arg(value_name = "PREFIX")]
    pub prefix: PathBuf,

    /// The Wine that runs the prefix: its wine or wine64; without it the environment variable
    /// WINELOADER, the Proton of a compatdata folder, or the one of the system
    #[arg(long, value_name = "FILE")]
    pub wine: Option<PathBuf>,
}

/// The arguments of `ws2spi wine install`.
#[derive(Clone, Debug, Args)]
pub struct InstallArguments {
    /// The prefix.
    #[command(flatten)]
    pub place: PrefixArguments,

    /// For this program only, an .exe file on this machine; without it, for the whole prefix
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,

    /// The folder of the pieces, which wine-glue/build makes; without it WS2SPI_WINE_PIECES, or
    /// the folder wine beside this tool or in ../lib/ws2spi
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
}

/// The arguments of `ws2spi wine remove`.
#[derive(Clone, Debug, Args)]
pub struct RemoveArguments {
    /// The prefix.
    #[command(flatten)]
    pub place: PrefixArguments,

    /// For this program only; without it, all that is installed
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
}

/// The arguments of `ws2spi wine status`.
#[derive(Clone, Debug, Args)]
pub struct StatusArguments {
    /// The prefix.
    #[command(flatten)]
    pub place: PrefixArguments,

    /// Print it as one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `ws2spi wine run`.
#[derive(Clone, Debug, Args)]
pub struct RunArguments {
    /// The prefix.
    #[command(flatten)]
    pub place: PrefixArguments,

    /// Leave the layers of the catalog out: base providers only
    #[arg(long)]
    pub no_layers: bool,

    /// Use Wine's own ws2_32.dll instead of the installed one
    #[arg(long, conflicts_with_all = ["no_layers", "direct"])]
    pub wines_own: bool,

    /// Whether data goes directly to the descriptor, past the wineserver
    #[arg(long, value_enum, value_name = "SWITCH")]
    pub direct: Option<Switch>,

    /// The program, and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "PROGRAM"
    )]
    pub program: Vec<OsString>,
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// The help text of `ws2spi wine`.
pub const ABOUT: &str = "\
Layered providers for Windows programs in Wine.

Wine loads no layered providers. What is installed here takes the place of its ws2_32.dll for 64-bit programs: it keeps the catalog in the \
prefix's registry, where installers of Windows put their layers, and loads them. 32-bit programs keep Wine's own.";

const INSTALL_ABOUT: &str = "\
Put the ws2_32.dll that loads layers into a prefix.

For the whole prefix it becomes system32/ws2_32.dll; Wine's own moves to system32/ws2spi, and a DLL override makes Wine load both. With \
--program it goes into that program's folder, and overrides are set for programs of that name only. No program may run in the prefix \
meanwhile. The change is made whole or not at all: if this is interrupted, the next call of any of these commands ends it.";

const REMOVE_ABOUT: &str = "\
Take out of a prefix what install has put there: files, DLL overrides, and the catalog with its layers. No program of the prefix is run for \
that, so it works whatever a layer does to programs. All else in the prefix stays byte for byte as it is.";

const RUN_ABOUT: &str = "\
Run a Windows program in a prefix. Its exit code is the tool's, and its input and output are the tool's. A crash within a layer of the \
catalog is reported with the layer's name.";

const AFTER: &str = "\
Exit codes:
  0  done; for run, the program's own
  1  the prefix cannot be changed as asked: what is in the way is said
  2  unusable: a wrong argument, no prefix, no Wine, no pieces

Environment:
  WINELOADER          the Wine that runs the prefix, unless --wine is given
  WS2SPI_WINE_PIECES  the folder of the pieces, unless --from is given

Examples:
  wine-glue/build pieces
  ws2spi wine install ~/.wine --from pieces
  ws2spi wine run ~/.wine installer.exe
  ws2spi wine status ~/.wine
  ws2spi wine run ~/.wine --no-layers program.exe
  ws2spi wine remove ~/.wine
  ws2spi wine install ~/.steam/steam/steamapps/compatdata/480 --program game/game.exe";
