//! `WSPSelect`, and waiting for several things with a hook.

use ws2spi_abi::args::BlockingHook;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

use std::ptr;
use std::time::Duration;
use std::time::Instant;

use crate::direct;
use crate::direct::Question;

use super::blocking;
use super::blocking::Awaited;
use super::blocking::MOMENT;
use super::sockets;
use super::sockets::Socket;
use super::system::system;

/// `WSPSelect`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPSelect`.
pub(super) unsafe fn select(
    read: *mut FD_SET,
    write: *mut FD_SET,
    except: *mut FD_SET,
    timeout: *const TIMEVAL,
) -> Result<i32, Errno> {
    let sets = [read, write, except];
    let first = sets.iter().find_map(|&set| {
        // SAFETY: the caller's contract.
        let set = unsafe { FdSet::new(set) };
        set.get(0)
    });
    let first = first.ok_or(Errno::INVAL)?;
    let hook = sockets::find(first)
        .ok()
        .and_then(|socket| blocking::hook(socket.entry));
    let limit = (!timeout.is_null()).then(|| {
        // SAFETY: the caller's contract; not null.
        let time = unsafe { timeout.read_unaligned() };
        Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0))
            + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
    });
    let given = sets.map(|set| {
        // SAFETY: the caller's contract.
        let set = unsafe { FdSet::new(set) };
        (0..set.len())
            .filter_map(|index| set.get(index))
            .collect::<Vec<_>>()
    });
    let Some(hook) = hook else {
        let begun = Instant::now();
        if let Some(ready) = directly(&given, limit) {
            for (&set, sockets) in sets.iter().zip(&ready) {
                // SAFETY: the caller's contract; the set had at least as many sockets before.
                unsafe { refill(set, sockets) };
            }
            return Ok(ready.iter().map(Vec::len).sum::<usize>() as i32);
        }
        let left = limit.map(|limit| limit.saturating_sub(begun.elapsed()));
        let time = left.map(|left| TIMEVAL {
            tv_sec: i32::try_from(left.as_secs()).unwrap_or(i32::MAX),
            tv_usec: left.subsec_micros() as i32,
        });
        let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the caller's contract; the time is a live local.
        return unsafe { system()?.select(0, read, write, except, time) };
    };
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut moment = Duration::ZERO;
    loop {
        let time = TIMEVAL {
            tv_sec: 0,
            tv_usec: moment.subsec_micros() as i32,
        };
        // SAFETY: the caller's contract; the time is a live local.
        let ready = unsafe { system()?.select(0, read, write, except, &raw const time) }?;
        let over = end.is_some_and(|end| Instant::now() >= end);
        if ready != 0 || over {
            return Ok(ready);
        }
        blocking::ask(hook)?;
        moment = MOMENT;
        for (&set, sockets) in sets.iter().zip(&given) {
            // SAFETY: the caller's contract; the set had as many sockets before.
            unsafe { refill(set, sockets) };
        }
    }
}

/// Asks without Wine: which sockets of the three sets are ready. `None`: it is Wine's to tell, because one of
/// them is Wine's, because something is so that only Wine judges, or because it takes longer.
fn directly(given: &[Vec<SOCKET>; 3], limit: Option<Duration>) -> Option<[Vec<SOCKET>; 3]> {
    if given.iter().map(Vec::len).sum::<usize>() > MANY {
        return None;
    }
    let mut asked: Vec<(SOCKET, Question)> = Vec::new();
    for (place, &s) in given.iter().enumerate().flat_map(|(place, set)| {
        let place = move |s| (place, s);
        set.iter().map(place)
    }) {
        let at = match asked.iter().position(|(known, _)| *known == s) {
            Some(at) => at,
            None => {
                let socket = sockets::find(s).ok()?;
                let descriptor = socket.direct.for_poll(socket.manner(s))?;
                asked.push((
                    s,
                    Question {
                        descriptor,
                        ..Question::default()
                    },
                ));
                asked.len() - 1
            }
        };
        let question = &mut asked.get_mut(at)?.1;
        match place {
            0 => question.read = true,
            1 => question.write = true,
            _ => question.urgent = true,
        }
    }
    let mut questions: Vec<Question> = asked.iter().map(|(_, question)| *question).collect();
    let milliseconds = limit.map(|limit| i32::try_from(limit.as_millis()).unwrap_or(i32::MAX));
    let ready = direct::poll(&mut questions, milliseconds)?;
    if ready == 0 && limit != Some(Duration::ZERO) {
        return None;
    }
    let answer = |holds: fn(&Question) -> bool| {
        let ready = asked
            .iter()
            .zip(&questions)
            .filter(|(_, question)| holds(question));
        ready.map(|((s, _), _)| *s).collect()
    };
    Some([
        answer(|question| question.read && question.readable),
        answer(|question| question.write && question.writable),
        Vec::new(),
    ])
}

/// Puts sockets into a set.
///
/// # Safety
/// `set` is null or has room for them.
unsafe fn refill(set: *mut FD_SET, sockets: &[SOCKET]) {
    if set.is_null() {
        return;
    }
    let count = set.wrapping_byte_add(std::mem::offset_of!(FD_SET, fd_count));
    // SAFETY: the caller's contract.
    unsafe { count.cast::<u32>().write_unaligned(sockets.len() as u32) };
    let cells = set.wrapping_byte_add(std::mem::offset_of!(FD_SET, fd_array));
    for (index, &s) in sockets.iter().enumerate() {
        let cell = cells.cast::<SOCKET>().wrapping_add(index);
        // SAFETY: the caller's contract.
        unsafe { cell.write_unaligned(s) };
    }
}

/// Connects a blocking socket of a thread with a hook: the attempt does not block, and its end is awaited.
///
/// # Errors
/// `WSAEINTR`: cancelled, and the attempt goes on; what became of the attempt.
pub(super) fn connect_with(
    s: SOCKET,
    socket: &Socket,
    hook: BlockingHook,
    attempt: impl FnOnce() -> Result<i32, Errno>,
) -> Result<i32, Errno> {
    set_mode(s, 1)?;
    let begun = attempt();
    let ended = match begun {
        Err(Errno::WOULDBLOCK) => {
            blocking::wait(s, Awaited::Connected, hook, None).and_then(|()| outcome(s))
        }
        other => other,
    };
    if !socket.is_nonblocking() {
        set_mode(s, 0)?;
    }
    ended
}

/// What became of a connection attempt that has ended.
fn outcome(s: SOCKET) -> Result<i32, Errno> {
    let (mut error, mut length) = (0, 4);
    // SAFETY: room for the number, of which the length tells.
    unsafe {
        let into = (&raw mut error).cast();
        system()?.option(s, SOL_SOCKET, SO_ERROR, into, &raw mut length)
    }?;
    Errno::new(error).map_or(Ok(0), Err)
}

fn set_mode(s: SOCKET, nonblocking: u32) -> Result<(), Errno> {
    let mut ignored = 0;
    // SAFETY: the number is a live local, of four bytes; the rest may be null.
    unsafe {
        system()?.ioctl(
            s,
            FIONBIO,
            (&raw const nonblocking).cast(),
            4,
            ptr::null_mut(),
            0,
            &raw mut ignored,
            ptr::null_mut(),
            RawCallback::NULL,
        )
    }
    .map(drop)
}

/// With more sockets than this, finding those that are in several sets costs more than it saves.
const MANY: usize = 256;
