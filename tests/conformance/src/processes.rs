//! Bodies and the start of processes exclude each other.
//!
//! A process that is being started has copies of all descriptors until its program is there. Meanwhile a socket that somebody closes
//! lives on: its name stays taken, and a listener takes connections.

use std::io;
use std::process::{Child, Command};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Written while a process is started.
static STARTS: RwLock<()> = RwLock::new(());

/// As long as one lives, this program starts no process.
#[derive(Debug)]
pub struct Quiet {
    _starts: RwLockReadGuard<'static, ()>,
}

impl Quiet {
    /// Waits until the processes that are being started are there.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            _starts: STARTS.read().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Starts a process while no body runs that is [`Quiet`]: not to be called in one.
///
/// # Errors
/// As [`Command::spawn`].
pub fn start(command: &mut Command) -> io::Result<Child> {
    let _starting = STARTS.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}
