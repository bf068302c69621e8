//! The watchdog: a run that hangs is cut after its time, whatever its threads are stuck in.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::Duration;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watchdog {
    /// Never sent on: that it is dropped ends the watch.
    _alive: Sender<()>,
}

impl Watchdog {
    /// Calls `expired` on a thread of its own when it still lives after `limit`.
    ///
    /// # Errors
    /// That of the system when there is no thread for it.
    pub fn start(
        limit: Duration,
        expired: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (alive, ended) = channel();
        Builder::new()
            .name(String::from("watchdog"))
            .spawn(move || {
                if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    expired();
                }
            })?;
        Ok(Self { _alive: alive })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_bites_once_its_time_has_passed() {
        let (bitten, seen) = channel();
        let _watchdog = Watchdog::start(Duration::from_millis(1), move || {
            let _ = bitten.send(());
        });
        assert_eq!(seen.recv_timeout(Duration::from_secs(30)), Ok(()));
    }

    #[test]
    fn a_watchdog_that_is_dropped_in_time_does_not_bite() {
        let (bitten, seen) = channel();
        let watchdog = Watchdog::start(Duration::from_secs(3600), move || {
            let _ = bitten.send(());
        });
        drop(watchdog);
        // Its thread ends and drops its end of the channel, without having sent anything.
        let end = seen.recv_timeout(Duration::from_secs(30));
        assert_eq!(end, Err(RecvTimeoutError::Disconnected));
    }
}
