//! Real traffic through the chain: an echo server and its clients in one process, over loopback, on
//! real threads, in each [`Style`] of I/O.
//!
//! A [`Leg`] is one transport over one family. Every byte is known by its place ([`pattern`]) and
//! compared twice, where the server receives it and where the client gets it back: by the ends
//! ([`end`]) of [`stream`] and [`datagram`], which make no calls. A style has a module of its name
//! that drives them; [`readiness`] is what the styles share that wait for sockets to be ready,
//! [`overlapped`] what those share that begin operations, [`exchange`] what all threads of a leg
//! share, [`worker`] one of them. All of them speak the Winsock API through [`Socket`](crate::Socket), as any program does.
//! A [`Round`] is one style over one leg after another, or all of them at once.

mod blocking;
mod datagram;
mod end;
mod event;
mod exchange;
mod leg;
mod nonblocking;
mod operation;
mod outcome;
mod overlapped;
mod overlapped_event;
mod overlapped_routine;
mod pattern;
mod plan;
mod port;
pub mod random;
mod readiness;
mod round;
mod select;
mod sockets;
mod stream;
mod style;
mod window;
mod worker;

pub use leg::{Family, Leg, Transport};
pub use outcome::{Outcome, Unsupported};
pub use plan::{Amount, MOST_CONNECTIONS, Plan};
pub use round::Round;
pub use style::Style;

use exchange::Exchange;
use std::thread::{self, Builder, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Carries the traffic of one leg. Tells `progress` of each step as it is made, on any thread.
/// Blocks until all is done, or something went wrong and every thread has ended.
pub fn carry(plan: &Plan, style: Style, leg: Leg, progress: &(dyn Fn(u64) + Sync)) -> Outcome {
    let began = Instant::now();
    let exchange = Exchange::new(*plan, style, leg, progress);
    let _ = match style {
        Style::Blocking => blocking::carry(&exchange),
        Style::Nonblocking => readiness::carry::<nonblocking::Poll>(&exchange),
        Style::Select => readiness::carry::<select::Select>(&exchange),
        Style::Event => readiness::carry::<event::Events>(&exchange),
        Style::Async => readiness::carry::<window::Messages>(&exchange),
        Style::OverlappedEvent => overlapped::carry::<overlapped_event::Events>(&exchange),
        Style::OverlappedRoutine => overlapped::carry::<overlapped_routine::Routine>(&exchange),
        Style::Iocp => overlapped::carry::<port::Port>(&exchange),
    };
    exchange.outcome(began.elapsed())
}

/// Carries the traffic of all these styles over all legs at the same time, by the same plan each.
/// `progress` is told as by [`carry`]. Blocks until all is done.
pub fn carry_at_once(
    plan: &Plan,
    styles: &[Style],
    legs: &[Leg],
    progress: &(dyn Fn(Leg, u64) + Sync),
) -> Vec<Outcome> {
    let over = |style| legs.iter().map(move |leg| (style, *leg));
    let parts: Vec<_> = styles.iter().copied().flat_map(over).collect();
    thread::scope(|scope| {
        let started = parts.iter().map(|&(style, leg)| {
            let work = move || carry(plan, style, leg, &|steps| progress(leg, steps));
            let thread = Builder::new().name(format!("{leg}, {style}"));
            (style, leg, thread.spawn_scoped(scope, work))
        });
        // All of them are started before the first is waited for.
        let started: Vec<_> = started.collect();
        let ended = started.into_iter().map(|(style, leg, thread)| {
            let failure = match thread.map(ScopedJoinHandle::join) {
                Ok(Ok(outcome)) => return outcome,
                Ok(Err(_)) => format!("{leg}, {style}, opener panicked"),
                Err(error) => format!("{leg}, {style}: no thread can be started: {error}"),
            };
            let exchange = Exchange::new(*plan, style, leg, &|_| ());
            let _ = exchange.fail(failure);
            exchange.outcome(Duration::ZERO)
        });
        ended.collect()
    })
}
