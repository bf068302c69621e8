//! WSAPoll at the base (base-provider.md 5.2).
//!
//! Reached through the extension function of `WSAID_WSAPOLL`, which the client DLL asks for. As
//! select, it asks the network once about all sockets and then waits on the caller's thread.

use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::POLLERR;
use ws2spi_abi::POLLHUP;
use ws2spi_abi::POLLIN;
use ws2spi_abi::POLLNVAL;
use ws2spi_abi::POLLRDBAND;
use ws2spi_abi::POLLRDNORM;
use ws2spi_abi::POLLWRNORM;
use ws2spi_abi::WSAPOLLFD;

use super::readiness::Facts;
use super::several::Wanted;
use super::stack::Stack;
use crate::net::Interest;

impl Stack {
    /// WSAPoll: the number of sockets that have something to say; a negative timeout waits for ever,
    /// others are milliseconds. Alertable.
    ///
    /// # Errors
    /// `INVAL` for no sockets or events that cannot be asked for, `NOTSOCK` when none is a socket,
    /// `INTR`.
    pub(super) fn poll(&self, requests: &mut [WSAPOLLFD], timeout: i32) -> Result<i32, Errno> {
        let askable = POLLIN | POLLWRNORM;
        if requests.is_empty()
            || requests
                .iter()
                .any(|request| request.events & !askable != 0)
        {
            return Err(Errno::INVAL);
        }
        let wanted: Vec<Wanted> = requests
            .iter()
            .map(|request| Some((self.find(request.fd).ok()?, interest(request.events))))
            .collect();
        if wanted.iter().all(Option::is_none) {
            requests
                .iter_mut()
                .for_each(|request| request.revents = POLLNVAL);
            return Err(Errno::NOTSOCK);
        }
        let timeout = u64::try_from(timeout).ok().map(Duration::from_millis);
        let found = self.await_several(&wanted, timeout, |ready| {
            let mut count = 0;
            for ((request, wanted), ready) in requests.iter_mut().zip(&wanted).zip(ready) {
                request.revents = match wanted {
                    // P295: said, but not counted.
                    None => POLLNVAL,
                    Some((socket, _)) => events(socket.facts(*ready), request.events),
                };
                count += i32::from(wanted.is_some() && request.revents != 0);
            }
            Ok((count > 0).then_some(count))
        })?;
        Ok(found.unwrap_or(0))
    }
}

/// What to watch for the events asked for; errors and hang-ups come by themselves.
fn interest(events: i16) -> Interest {
    // P297: the peer's end is told unasked.
    let mut interest = Interest::END;
    for (event, what) in [
        (POLLRDNORM, Interest::READ),
        (POLLRDBAND, Interest::PRIORITY),
        (POLLWRNORM, Interest::WRITE),
    ] {
        if events & event != 0 {
            interest |= what;
        }
    }
    interest
}

/// The facts as poll events: what was asked for, and errors and hang-ups in any case.
fn events(facts: Facts, asked: i16) -> i16 {
    if facts.closed {
        return POLLNVAL;
    }
    let mut events = 0;
    let mut say = |fact: bool, event: i16| {
        if fact {
            events |= event;
        }
    };
    say(facts.data || facts.arrival, POLLRDNORM);
    say(facts.urgent, POLLRDBAND);
    say(facts.room || facts.failed, POLLWRNORM);
    say(facts.end, POLLHUP);
    say(facts.broken || facts.failed, POLLERR | POLLHUP);
    events & (asked | POLLERR | POLLHUP | POLLNVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: i16 = POLLIN | POLLWRNORM;

    #[test]
    fn facts_are_said_as_windows_says_them() {
        // P297-P301
        let none = Facts::default();
        let end = Facts {
            end: true,
            room: true,
            ..none
        };
        assert_eq!(events(end, POLLRDNORM), POLLHUP);
        assert_eq!(
            events(Facts { data: true, ..end }, POLLRDNORM),
            POLLHUP | POLLRDNORM
        );
        let broken = Facts {
            broken: true,
            room: true,
            ..none
        };
        assert_eq!(events(broken, ALL), POLLERR | POLLHUP | POLLWRNORM);
        assert_eq!(
            events(
                Facts {
                    failed: true,
                    ..none
                },
                ALL
            ),
            POLLWRNORM | POLLHUP | POLLERR
        );
        assert_eq!(
            events(
                Facts {
                    urgent: true,
                    ..none
                },
                ALL
            ),
            POLLRDBAND
        );
        assert_eq!(events(Facts { data: true, ..none }, ALL), POLLRDNORM);
        assert_eq!(
            events(
                Facts {
                    closed: true,
                    ..none
                },
                0
            ),
            POLLNVAL
        );
        assert_eq!(
            events(
                Facts {
                    data: true,
                    room: true,
                    ..none
                },
                0
            ),
            0
        );
    }
}
