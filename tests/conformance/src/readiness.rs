//! What `select` says of one socket.

use crate::Socket;
use crate::sets::{self, Set, Time};
use ws2spi_abi::{Errno, TIMEVAL};

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
    let [read, write, except] = [Set::of(&[s]), Set::of(&[s]), Set::of(&[s])];
    let timeout = TIMEVAL {
        tv_sec: (milliseconds / 1000) as i32,
        tv_usec: (milliseconds % 1000 * 1000) as i32,
    };
    sets::select(
        [Some(&read), Some(&write), Some(&except)],
        Time::Is(timeout),
    )?;
    Ok(Ready {
        read: !read.handles().is_empty(),
        write: !write.handles().is_empty(),
        except: !except.handles().is_empty(),
    })
}

/// Waits until `select` says something, and what.
///
/// # Panics
/// When select fails, or finds nothing within our [`patience`](crate::wait::patience).
#[must_use]
pub fn until_ready(s: &Socket) -> Ready {
    let ready =
        select(s, crate::wait::patience().as_millis() as u32).expect("a socket can be selected");
    assert_ne!(ready, Ready::NOTHING, "the socket became ready for nothing");
    ready
}
