//! `run`: a Windows program in a prefix, with its input, output and exit code.
//!
//! Which ws2_32.dll and which layers it gets is told to the DLLs by environment variables. Wine writes
//! what it loads where, and of exceptions that nobody handles, to its standard error; both are read here, so
//! that a crash within a layer can be reported with the layer's name ([`Crash`]). Everything else that
//! comes there is passed on.

use super::arguments::{RunArguments, Switch};
use super::crash::{Crash, Place};
use super::failure::Failure;
use super::install;
use super::prefix::Prefix;
use super::record::{Installation, Record};
use super::status;
use std::env;
use std::ffi::OsString;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use ws2spi::catalog::LAYERS;

/// The environment variable that tells Wine where its own DLLs are.
const DLL_PATH: &str = "WINEDLLPATH";

/// The environment variable that switches the direct transport.
pub const DIRECT: &str = "WS2SPI_DIRECT";

/// `ws2spi wine run`. Blocks until the program has ended; returns its exit code.
///
/// # Errors
/// [`Failure`]'s; the program was not started.
pub fn run(arguments: &RunArguments) -> Result<u8, Failure> {
    let prefix = Prefix::find(&arguments.place.prefix, arguments.place.wine.as_deref())?;
    install::settle(&prefix)?;
    let record = Record::read(&prefix.root)?;
    if !arguments.wines_own && record.is_none() {
        let what = prefix.root.display().to_string();
        return Err(Failure::NothingToRun { what });
    }
    let layers = status::layers(&prefix)?;
    let mut command = command(&prefix, arguments);
    let installations = record.iter().flat_map(|record| &record.installations);
    if let Some(folders) = dll_path(installations.filter_map(Installation::direct)) {
        command.env(DLL_PATH, folders);
    }
    let (reader, writer) = io::pipe().map_err(Failure::io(&prefix.root, "start a program in"))?;
    command.stderr(writer);
    let child = command
        .spawn()
        .map_err(Failure::io(&prefix.wine.loader, "start"))?;
    // Its end of the pipe is the child's alone.
    drop(command);
    let mut crash = Crash::default();
    let status =
        follow(child, reader, &mut crash).map_err(Failure::io(&prefix.wine.loader, "follow"))?;
    if let Some(place) = crash.place(&layers) {
        eprintln!("ws2spi: the program crashed in {place}");
        if let Place::Layer { .. } = place {
            let root = prefix.root.display();
            eprintln!(
                "ws2spi: without layers: ws2spi wine run {root} --no-layers ...; ws2spi wine remove {root} takes all out"
            );
        }
    }
    Ok(code(status))
}

fn command(prefix: &Prefix, arguments: &RunArguments) -> Command {
    let mut command = match &prefix.proton {
        // Its Wine does not run without what its script sets up.
        Some(proton) if arguments.place.wine.is_none() => {
            let mut command = Command::new(proton.join("proton"));
            let data = prefix.root.parent().unwrap_or(Path::new("/"));
            command.arg("run").env("STEAM_COMPAT_DATA_PATH", data);
            if let Some(steam) = data.ancestors().nth(3) {
                command.env("STEAM_COMPAT_CLIENT_INSTALL_PATH", steam);
            }
            command
        }
        _ => Command::new(&prefix.wine.loader),
    };
    command
        .args(&arguments.program)
        .env("WINEPREFIX", &prefix.root);
    let debug = env::var_os("WINEDEBUG").unwrap_or_else(|| "fixme-all".into());
    command.env("WINEDEBUG", joined(debug, ",", "+pid,+loaddll"));
    if arguments.no_layers {
        command.env(LAYERS, "off");
    }
    match arguments.direct {
        Some(Switch::On) => drop(command.env(DIRECT, "on")),
        Some(Switch::Off) => drop(command.env(DIRECT, "off")),
        None => {}
    }
    if arguments.wines_own {
        let overrides = env::var_os("WINEDLLOVERRIDES").unwrap_or_default();
        command.env(
            "WINEDLLOVERRIDES",
            joined(overrides, ";", "ws2_32=b;*ws2_32=b"),
        );
    }
    command
}

/// Where Wine is to look for the direct transport: before the folders that it was told already.
fn dll_path(folders: impl Iterator<Item = PathBuf>) -> Option<OsString> {
    let mut folders: Vec<PathBuf> = folders.collect();
    if folders.is_empty() {
        return None;
    }
    let told = env::var_os(DLL_PATH).unwrap_or_default();
    folders.extend(env::split_paths(&told).filter(|folder| !folder.as_os_str().is_empty()));
    // A folder with a colon in it cannot be told; the program runs without.
    env::join_paths(folders).ok()
}

fn joined(mut first: OsString, separator: &str, second: &str) -> OsString {
    if !first.is_empty() {
        first.push(separator);
    }
    first.push(second);
    first
}

/// Reads the program's standard error until it has ended. Wine's services inherit the pipe and keep it
/// open, so its end is not waited for.
fn follow(mut child: Child, mut errors: PipeReader, crash: &mut Crash) -> io::Result<ExitStatus> {
    let (ended, ends) = io::pipe()?;
    let waiter = thread::spawn(move || {
        let status = child.wait();
        drop(ends);
        status
    });
    let mut passed_on = io::stderr().lock();
    let mut chunk = [0; 4096];
    let mut is_over = false;
    loop {
        let mut watched = [&errors, &ended].map(|pipe| libc::pollfd {
            fd: pipe.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        });
        let limit = if is_over { 0 } else { -1 };
        // SAFETY: two structures, which live for the call.
        let ready = unsafe { libc::poll(watched.as_mut_ptr(), 2, limit) };
        if ready < 0 && io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return Err(io::Error::last_os_error());
        }
        if watched[0].revents != 0 {
            let length = errors.read(&mut chunk)?;
            for line in crash.take(&chunk[..length]) {
                // Nobody may be listening; the program goes on all the same.
                let _ = passed_on.write_all(&line);
            }
            if length > 0 {
                continue;
            }
        }
        // What the program wrote before its end is in the pipe by now.
        if is_over {
            break;
        }
        is_over = watched[1].revents != 0;
        if watched[0].revents != 0 && !is_over {
            break;
        }
    }
    let _ = passed_on.write_all(&crash.rest());
    drop(passed_on);
    waiter
        .join()
        .map_err(|_| io::Error::other("the thread that waits has ended"))?
}

fn code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| 128 + signal);
    signal.or(status.code()).unwrap_or(1) as u8
}
