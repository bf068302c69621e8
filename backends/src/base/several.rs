//! Waiting for several sockets at once: what select and WSAPoll have in common.
//!
//! The network is asked about all of them in one call. The caller judges the answers; while nothing
//! suits it, the thread waits, enrolled with every socket, so that a close or a change of state ends
//! the wait as readiness does.

use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;

use super::socket::Socket;
use super::stack::Stack;
use super::wait::Ended;
use super::wait::Pause;
use crate::net::Interest;
use crate::net::NetSocket;
use crate::net::Readiness;
use crate::net::Watch;

/// How long a socket is left out of the wait when the network keeps reporting something of it that
/// nobody asked for, such as the hang-up of a socket that is watched for urgent data only.
const NUMBNESS: Duration = Duration::from_millis(20);

/// A socket with what is wanted of it; `None` for a handle that is no socket.
pub(super) type Wanted = Option<(Arc<Socket>, Interest)>;

/// What the network is asked about one socket: nothing when its state there means nothing.
type Asked = Option<(Arc<dyn NetSocket>, Interest)>;

impl Stack {
    /// Has `judge` look at what is ready of `wanted`, one answer each, until it finds something or
    /// the time is over (`None`). No time at all looks once.
    ///
    /// # Errors
    /// What `judge` answers; `INTR` when the call was cancelled; what the network answers.
    pub(super) fn await_several<T>(
        &self,
        wanted: &[Wanted],
        timeout: Option<Duration>,
        mut judge: impl FnMut(&[Readiness]) -> Result<Option<T>, Errno>,
    ) -> Result<Option<T>, Errno> {
        // Asking with a deadline that has passed does not wait.
        let now = |watch: &mut [Watch<'_>]| {
            self.net.wait(watch, Some(Duration::ZERO))?;
            Ok(Ended::Look)
        };
        let (ready, _) = ask(&watched(wanted), now)?;
        let found = judge(&ready)?;
        if found.is_some() || timeout == Some(Duration::ZERO) {
            return Ok(found);
        }
        let sockets = || wanted.iter().flatten().map(|(socket, _)| socket);
        let entry = sockets()
            .next()
            .map_or(0, |socket| socket.make.info.dwCatalogEntryId);
        let pause = Pause::begin(self, timeout, true, self.hook(entry))?;
        let _enrolled: Vec<_> = sockets()
            .map(|socket| socket.waiters.enroll(&pause.waker))
            .collect();
        // What changed before the enrolment is seen by this look; what changes later wakes.
        let (ready, _) = ask(&watched(wanted), now)?;
        if let Some(found) = judge(&ready)? {
            return Ok(Some(found));
        }
        let mut numb = vec![false; wanted.len()];
        loop {
            let mut asked = watched(wanted);
            for (asked, numb) in asked.iter_mut().zip(&numb) {
                if *numb {
                    *asked = None;
                }
            }
            let every = numb.contains(&true).then_some(NUMBNESS);
            let (ready, ended) = ask(&asked, |watch| pause.wait(watch, every))?;
            let found = judge(&ready)?;
            if found.is_some() || ended == Ended::TimedOut {
                return Ok(found);
            }
            for (numb, ready) in numb.iter_mut().zip(&ready) {
                *numb = !ready.is_none();
            }
        }
    }
}

fn watched(wanted: &[Wanted]) -> Vec<Asked> {
    let each = wanted.iter().map(Option::as_ref);
    each.map(|wanted| wanted.and_then(|(socket, interest)| socket.watch(*interest)))
        .collect()
}

/// Has `wait` fill in what is ready, one answer for each of `asked`.
fn ask(
    asked: &[Asked],
    wait: impl FnOnce(&mut [Watch<'_>]) -> Result<Ended, Errno>,
) -> Result<(Vec<Readiness>, Ended), Errno> {
    let each = asked.iter().flatten();
    let mut watch: Vec<_> = each
        .map(|(net, interest)| Watch::new(&**net, *interest))
        .collect();
    let ended = wait(&mut watch)?;
    let mut answers = watch.iter().map(|watch| watch.ready);
    let ready = asked.iter().map(|asked| match asked {
        Some(_) => answers.next().unwrap_or(Readiness::NONE),
        None => Readiness::NONE,
    });
    Ok((ready.collect(), ended))
}
