//! WSPSelect (base-provider.md 5.1).
//!
//! One question to the network about all sockets at once, then a wait on the caller's thread,
//! alertable. A socket that is closed while the call waits ends it. The sets are only written when the
//! call succeeds.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::TIMEVAL;
use ws2spi_abi::args::FdSet;

use super::readiness::Facts;
use super::several::Wanted;
use super::socket::Socket;
use super::stack::Stack;
use crate::net::Interest;

/// Sets longer than this are searched for repeated handles by hashing.
const SHORT: usize = 32;

/// One of the three sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Read,
    Write,
    Except,
}

/// A handle in a set.
struct Entry {
    side: Side,
    handle: SOCKET,
    socket: Arc<Socket>,
}

impl Stack {
    /// WSPSelect: the number of entries left in the sets.
    ///
    /// # Errors
    /// `INVAL` when all sets are empty, then for a bad timeout; `NOTSOCK` for a handle that is none,
    /// and when a socket that was asked for exceptions or room only is closed; `INTR`.
    pub(super) fn select(
        &self,
        read: FdSet<'_>,
        write: FdSet<'_>,
        except: FdSet<'_>,
        timeout: Option<TIMEVAL>,
    ) -> Result<i32, Errno> {
        let sets = [
            (Side::Read, read),
            (Side::Write, write),
            (Side::Except, except),
        ];
        if sets.iter().all(|(_, set)| set.is_empty()) {
            return Err(Errno::INVAL);
        }
        let timeout = timeout.map(duration).transpose()?;
        let mut entries = Vec::new();
        for (side, set) in &sets {
            for handle in set.iter() {
                entries.push(Entry {
                    side: *side,
                    handle,
                    socket: self.find(handle)?,
                });
            }
        }
        let wanted: Vec<Wanted> = entries
            .iter()
            .map(|entry| Some((entry.socket.clone(), entry.side.interest())))
            .collect();
        let found = self.await_several(&wanted, timeout, |ready| {
            let judged: Result<Vec<bool>, Errno> = entries
                .iter()
                .zip(ready)
                .map(|(entry, ready)| entry.side.judge(entry.socket.facts(*ready)))
                .collect();
            judged.map(|judged| judged.contains(&true).then_some(judged))
        })?;
        Ok(store(
            &sets,
            &entries,
            &found.unwrap_or_else(|| vec![false; entries.len()]),
        ))
    }
}

impl Side {
    fn interest(self) -> Interest {
        match self {
            Self::Read => Interest::READ,
            Self::Write => Interest::WRITE,
            Self::Except => Interest::PRIORITY,
        }
    }

    /// Whether an entry of this set is ready.
    fn judge(self, facts: Facts) -> Result<bool, Errno> {
        if facts.closed {
            // P289, P290: a closed socket is readable; a set that cannot say it says NOTSOCK.
            return if self == Self::Read {
                Ok(true)
            } else {
                Err(Errno::NOTSOCK)
            };
        }
        Ok(match self {
            Self::Read => facts.data || facts.arrival || facts.end || facts.broken,
            Self::Write => facts.room,
            Self::Except => facts.urgent || facts.failed,
        })
    }
}

/// Leaves the ready handles in the sets, each once, in order. A set that was passed twice gets the
/// ready handles of both (P283).
fn store(sets: &[(Side, FdSet<'_>); 3], entries: &[Entry], ready: &[bool]) -> i32 {
    let mut total = 0;
    for (index, (side, set)) in sets.iter().enumerate() {
        let same = |other: &FdSet<'_>| other.raw() == set.raw();
        if set.is_null() || sets[..index].iter().any(|(_, earlier)| same(earlier)) {
            continue;
        }
        let sides: Vec<Side> = sets[index..]
            .iter()
            .filter(|(other, at)| other == side || same(at))
            .map(|(side, _)| *side)
            .collect();
        let mut kept = Vec::new();
        let mut seen = HashSet::new();
        for (entry, ready) in entries.iter().zip(ready) {
            if !ready || !sides.contains(&entry.side) {
                continue;
            }
            let new = if entries.len() > SHORT {
                seen.insert(entry.handle)
            } else {
                !kept.contains(&entry.handle)
            };
            if new {
                kept.push(entry.handle);
            }
        }
        set.replace(&kept);
        total += kept.len() as i32;
    }
    total
}

/// A timeout as Windows takes it: both fields within their range.
fn duration(time: TIMEVAL) -> Result<Duration, Errno> {
    let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::INVAL)?;
    match u32::try_from(time.tv_usec) {
        Ok(microseconds) if microseconds < 1_000_000 => {
            Ok(Duration::new(seconds, microseconds * 1000))
        }
        _ => Err(Errno::INVAL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_out_of_range_are_refused() {
        // 5.1: negative, or a million microseconds and more.
        let time = |tv_sec, tv_usec| duration(TIMEVAL { tv_sec, tv_usec });
        assert_eq!(time(1, 500_000), Ok(Duration::from_millis(1500)));
        assert_eq!(time(-1, 0), Err(Errno::INVAL));
        assert_eq!(time(0, -1), Err(Errno::INVAL));
        assert_eq!(time(0, 1_000_000), Err(Errno::INVAL));
    }

    #[test]
    fn each_set_says_its_own_facts() {
        // P79, P288, P289, P290, P292
        let judge =
            |facts: Facts| [Side::Read, Side::Write, Side::Except].map(|side| side.judge(facts));
        let none = Facts::default();
        let yes = Ok(true);
        let no = Ok(false);
        assert_eq!(
            judge(Facts {
                failed: true,
                ..none
            }),
            [no, no, yes]
        );
        assert_eq!(
            judge(Facts {
                urgent: true,
                ..none
            }),
            [no, no, yes]
        );
        assert_eq!(
            judge(Facts {
                broken: true,
                room: true,
                ..none
            }),
            [yes, yes, no]
        );
        assert_eq!(
            judge(Facts {
                end: true,
                room: true,
                ..none
            }),
            [yes, yes, no]
        );
        let closed = Err(Errno::NOTSOCK);
        assert_eq!(
            judge(Facts {
                closed: true,
                ..none
            }),
            [yes, closed, closed]
        );
    }
}
