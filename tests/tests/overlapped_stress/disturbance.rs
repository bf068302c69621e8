//! What ends operations before their time.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_tests::seed::Random;

/// One disturbance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disturbance {
    /// closesocket of both sockets; a new connection takes their place.
    Close,
    /// closesocket of one socket, with a reset; what goes on at the other ends with it.
    Reset,
    /// shutdown of one direction, or of both.
    Shutdown,
    /// CancelIo: what the thread itself began.
    CancelOwn,
    /// CancelIoEx of all operations of a socket.
    CancelAll,
    /// CancelIoEx of one operation.
    CancelOne,
}

/// The disturbances, each with how many turns in [`TURNS`] are one.
const SHARES: [(Disturbance, u64); 6] = [
    (Disturbance::Close, 10),
    (Disturbance::Reset, 3),
    (Disturbance::Shutdown, 3),
    (Disturbance::CancelOwn, 20),
    (Disturbance::CancelAll, 20),
    (Disturbance::CancelOne, 40),
];

/// Turns of a thread.
const TURNS: u64 = 2000;

impl Disturbance {
    /// Whether the connection is not what it was afterwards.
    pub(crate) fn harms(self) -> bool {
        matches!(self, Self::Close | Self::Reset | Self::Shutdown)
    }

    /// What happens in this turn; mostly nothing.
    pub(crate) fn any(random: &mut Random) -> Option<Self> {
        let mut left = random.below(TURNS);
        for (disturbance, share) in SHARES {
            if left < share {
                return Some(disturbance);
            }
            left -= share;
        }
        None
    }
}

/// How often each disturbance happened.
#[derive(Default)]
pub(crate) struct Tally([AtomicUsize; SHARES.len()]);

impl Tally {
    /// One more.
    pub(crate) fn count(&self, disturbance: Disturbance) {
        let place = SHARES.iter().position(|(known, _)| *known == disturbance);
        self.0[place.expect("all are listed")].fetch_add(1, Ordering::Relaxed);
    }

    /// Whether each happened.
    pub(crate) fn has_all(&self) -> bool {
        self.0.iter().all(|count| count.load(Ordering::Relaxed) > 0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((disturbance, _), count) in SHARES.iter().zip(&self.0) {
            write!(f, " {disturbance:?} {}", count.load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}
