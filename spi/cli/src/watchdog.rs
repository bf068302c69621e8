//! The watchdog: a run that hangs is cut after its time, whatever its threads are stuck in.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::Duration;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watchdog {
    /// Takes new limits; that it is dropped ends the watch.
    limits: Sender<Duration>,
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
        let (limits, news) = channel();
        Builder::new()
            .name(String::from("watchdog"))
            .spawn(move || {
                let mut limit = limit;
                loop {
                    match news.recv_timeout(limit) {
                        Ok(new) => limit = new,
                        Err(RecvTimeoutError::Disconnected) => return,
                        Err(RecvTimeoutError::Timeout) => return expired(),
                    }
                }
            })?;
        Ok(Self { limits })
    }

    /// Begins anew: from now on it waits for `limit`.
    pub fn restart(&self, limit: Duration) {
        // It has bitten already: then the process is ending.
        let _ = self.limits.send(limit);
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
    fn a_watchdog_that_is_restarted_waits_for_its_new_time() {
        let (bitten, seen) = channel();
        let watchdog = Watchdog::start(Duration::from_secs(3600), move || {
            let _ = bitten.send(());
        });
        if let Ok(watchdog) = &watchdog {
            watchdog.restart(Duration::from_millis(1));
        }
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
