//! How a process is begun: what `CreateProcess` was asked for, in the system's terms.

use super::STARTUPINFO;
use super::command_line;
use crate::text;
use core::ffi::c_void;
use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use ws2spi_abi::*;
use ws2spi_kernel::file::{DiskFile, StreamFile, disk_path_errno};
use ws2spi_kernel::handles;

/// What is to be begun.
#[derive(Default)]
pub(super) struct Start {
    program: PathBuf,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
    /// The whole environment, unless it is this process's.
    environment: Option<Vec<(String, String)>>,
    /// Input, output and errors; those that are none lead nowhere.
    streams: Option<[Option<OwnedFd>; 3]>,
    own_group: bool,
}

impl Start {
    /// # Errors
    /// Those of `CreateProcess` for its flags and streams.
    ///
    /// # Safety
    /// `environment` is null or ends with an empty text, in UTF-16 with CREATE_UNICODE_ENVIRONMENT; `startup` is null or readable.
    pub(super) unsafe fn new(
        inherit: BOOL,
        flags: u32,
        environment: *const c_void,
        startup: *const STARTUPINFO,
    ) -> Result<Self, Errno> {
        if startup.is_null() || flags & EXCLUSIVE == EXCLUSIVE {
            return Err(Errno::INVALID_PARAMETER);
        }
        if flags & UNSUPPORTED != 0 {
            return Err(Errno::NOT_SUPPORTED);
        }
        // SAFETY: the caller's contract; not null.
        let startup = unsafe { startup.read_unaligned() };
        let redirected = startup.dwFlags & STARTF_USESTDHANDLES != 0 && inherit != FALSE;
        let given = [startup.hStdInput, startup.hStdOutput, startup.hStdError];
        let streams = if redirected {
            let [input, output, errors] = given.map(stream);
            Some([input?, output?, errors?])
        } else {
            None
        };
        let entries = if environment.is_null() {
            None
        } else if flags & CREATE_UNICODE_ENVIRONMENT != 0 {
            // SAFETY: the caller's contract.
            Some(unsafe { entries_w(environment.cast()) })
        } else {
            // SAFETY: as above.
            Some(unsafe { entries_a(environment.cast()) })
        };
        Ok(Self {
            environment: entries
                .map(|entries| entries.iter().filter_map(|entry| pair(entry)).collect()),
            streams,
            own_group: flags & CREATE_NEW_PROCESS_GROUP != 0,
            ..Self::default()
        })
    }

    /// Finds the program and takes the command line apart.
    ///
    /// # Errors
    /// Those of `CreateProcess` for both.
    pub(super) fn find(
        &mut self,
        application: Option<String>,
        command_line: Option<String>,
    ) -> Result<(), Errno> {
        let given = command_line.or_else(|| application.as_ref().map(|name| format!("\"{name}\"")));
        let given = given.ok_or(Errno::INVALID_PARAMETER)?;
        let found = match &application {
            Some(name) => command_line::file(Path::new(name)),
            None => command_line::program_of(&given),
        };
        self.program = match (found, &application) {
            (Some(found), _) => found,
            (None, Some(name)) => return Err(why_not(Path::new(name))),
            (None, None) => return Err(Errno::FILE_NOT_FOUND),
        };
        self.arguments = command_line::arguments(&given);
        Ok(())
    }

    /// Sets the folder that it begins in.
    ///
    /// # Errors
    /// `ERROR_DIRECTORY` for what is none.
    pub(super) fn enter(&mut self, folder: Option<String>) -> Result<(), Errno> {
        let folder = folder.map(PathBuf::from);
        if folder.as_deref().is_some_and(|folder| !folder.is_dir()) {
            return Err(DIRECTORY);
        }
        self.folder = folder;
        Ok(())
    }

    /// # Errors
    /// What the system says.
    pub(super) fn spawn(&self) -> Result<Child, Errno> {
        let mut command = Command::new(&self.program);
        let mut arguments = self.arguments.iter();
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        command.args(arguments);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if let Some(environment) = &self.environment {
            let pairs = environment.iter().map(|(name, value)| (name, value));
            command.env_clear().envs(pairs);
        }
        if self.own_group {
            command.process_group(0);
        }
        if let Some(streams) = &self.streams {
            let stdio = |stream: &Option<OwnedFd>| -> io::Result<Stdio> {
                let copied = stream.as_ref().map(OwnedFd::try_clone).transpose()?;
                Ok(copied.map_or_else(Stdio::null, Stdio::from))
            };
            let [input, output, errors] = streams.each_ref().map(stdio);
            let failed = |_| Errno::NOT_ENOUGH_MEMORY;
            command.stdin(input.map_err(failed)?);
            command.stdout(output.map_err(failed)?);
            command.stderr(errors.map_err(failed)?);
        }
        command.spawn().map_err(|error| match error.raw_os_error() {
            Some(libc::ENOEXEC) => Errno::BAD_EXE_FORMAT,
            Some(libc::E2BIG | libc::EAGAIN | libc::ENOMEM) => Errno::NOT_ENOUGH_MEMORY,
            _ => disk_path_errno(&self.program, &error),
        })
    }
}

/// Why a path is none of a program's.
fn why_not(path: &Path) -> Errno {
    match std::fs::metadata(path) {
        Ok(_) => Errno::ACCESS_DENIED,
        Err(error) => disk_path_errno(path, &error),
    }
}

/// A copy of the descriptor behind a handle; `None` for no handle.
fn stream(handle: HANDLE) -> Result<Option<OwnedFd>, Errno> {
    if handle == 0 || handle == INVALID_HANDLE_VALUE {
        return Ok(None);
    }
    let pinned = handles::pin(handle).ok_or(Errno::INVALID_HANDLE)?;
    let copied = if let Some(file) = pinned.object_as::<StreamFile>() {
        file.descriptor().try_clone_to_owned()
    } else {
        let file = pinned
            .object_as::<DiskFile>()
            .ok_or(Errno::INVALID_HANDLE)?;
        let descriptor = ws2spi_kernel::file::Contents::descriptor(file);
        descriptor
            .ok_or(Errno::INVALID_HANDLE)?
            .try_clone_to_owned()
    };
    copied.map(Some).map_err(|_| Errno::NOT_ENOUGH_MEMORY)
}

/// The name and the value of an entry. Those that begin with `=` are Windows' own: the current folders of its drives.
fn pair(entry: &str) -> Option<(String, String)> {
    let (name, value) = entry.split_once('=')?;
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

/// # Safety
/// Texts that follow each other, the last one empty.
unsafe fn entries_w(mut place: *const u16) -> Vec<String> {
    let mut entries = Vec::new();
    loop {
        // SAFETY: the caller's contract.
        let units = unsafe { text::wide_units(place) }.unwrap_or_default();
        if units.is_empty() {
            return entries;
        }
        entries.push(String::from_utf16_lossy(&units));
        place = place.wrapping_add(units.len() + 1);
    }
}

/// # Safety
/// As [`entries_w`].
unsafe fn entries_a(mut place: *const u8) -> Vec<String> {
    let mut entries = Vec::new();
    loop {
        // SAFETY: the caller's contract.
        let bytes = unsafe { CStr::from_ptr(place.cast()) }.to_bytes();
        if bytes.is_empty() {
            return entries;
        }
        entries.push(String::from_utf8_lossy(bytes).into_owned());
        place = place.wrapping_add(bytes.len() + 1);
    }
}

/// `ERROR_DIRECTORY`.
const DIRECTORY: Errno = crate::win32::error(267);
const STARTF_USESTDHANDLES: u32 = 0x100;
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
const CREATE_UNICODE_ENVIRONMENT: u32 = 0x400;
/// `CREATE_NEW_CONSOLE` and `DETACHED_PROCESS`.
const EXCLUSIVE: u32 = 0x10 | 0x8;
/// `DEBUG_PROCESS`, `DEBUG_ONLY_THIS_PROCESS`, `CREATE_SUSPENDED`, `EXTENDED_STARTUPINFO_PRESENT`.
const UNSUPPORTED: u32 = 0x1 | 0x2 | 0x4 | 0x8_0000;
