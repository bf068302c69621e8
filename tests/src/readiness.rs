//! What `select` says of one socket.

use crate::socket;
use crate::{Socket, winsock};
use ws2spi_abi::{Errno, FD_SET, TIMEVAL};

/// The sets that the socket was in afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// `readfds`.
    pub read: bool,
    /// `writefds`.
    pub write: bool,
    /// `exceptfds`.
    pub except: bool,
}

impl Ready {
    /// In no set.
    pub const NOTHING: Self = Self {
        read: false,
        write: false,
        except: false,
    };
    /// In `readfds` only.
    pub const READ: Self = Self {
        read: true,
        ..Self::NOTHING
    };
    /// In `writefds` only.
    pub const WRITE: Self = Self {
        write: true,
        ..Self::NOTHING
    };
    /// In `exceptfds` only.
    pub const EXCEPT: Self = Self {
        except: true,
        ..Self::NOTHING
    };
}

/// `select` on the socket in all three sets, for at most `milliseconds`.
///
/// # Errors
/// The last error.
pub fn select(s: &Socket, milliseconds: u32) -> Result<Ready, Errno> {
    let set = || {
        let mut set = FD_SET {
            fd_count: 1,
            ..FD_SET::EMPTY
        };
        set.fd_array[0] = s.raw();
        set
    };
    let (mut read, mut write, mut except) = (set(), set(), set());
    let timeout = TIMEVAL {
        tv_sec: (milliseconds / 1000) as i32,
        tv_usec: (milliseconds % 1000 * 1000) as i32,
    };
    // SAFETY: sets and timeout live for the call.
    socket::checked(unsafe {
        winsock::select(
            0,
            &raw mut read,
            &raw mut write,
            &raw mut except,
            &raw const timeout,
        )
    })?;
    Ok(Ready {
        read: read.fd_count > 0,
        write: write.fd_count > 0,
        except: except.fd_count > 0,
    })
}

/// Waits until `select` says something, and what.
///
/// # Panics
/// When select fails, or finds nothing within [`PATIENCE`](crate::wait::PATIENCE).
#[must_use]
pub fn until_ready(s: &Socket) -> Ready {
    let ready =
        select(s, crate::wait::PATIENCE.as_millis() as u32).expect("a socket can be selected");
    assert_ne!(ready, Ready::NOTHING, "the socket became ready for nothing");
    ready
}
