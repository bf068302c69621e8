//! Real traffic through the chain: an echo server and its clients in one process, over loopback, on
//! real threads, in each [`Style`] of I/O.
//!
//! A [`Leg`] is one transport over one family. Every byte is known by its place ([`pattern`]) and
//! compared twice, where the server receives it and where the client gets it back: by the ends
//! ([`end`]) of [`stream`] and [`datagram`], which make no calls. A style has a module of its name
//! that drives them; [`readiness`] is what the styles share that wait for sockets to be ready,
//! [`overlapped`] what those share that begin operations, [`exchange`] what all threads of a leg
//! share. All of them speak the Winsock API through [`Socket`](crate::Socket), as any program does.
//! A [`Round`] is one style over one leg after another, or all of them at once.

mod blocking;
mod datagram;
mod end;
mod event;
mod exchange;
mod nonblocking;
mod operation;
mod overlapped;
mod overlapped_event;
mod overlapped_routine;
mod pattern;
mod port;
pub mod random;
mod readiness;
mod round;
mod select;
mod sockets;
mod stream;
mod style;
mod window;

pub use round::Round;
pub use style::Style;

use exchange::Exchange;
use std::fmt;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use ws2spi_abi::{AF_INET, AF_INET6, Errno};

/// An address family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The number: `AF_INET`, `AF_INET6`.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::V4 => AF_INET,
            Self::V6 => AF_INET6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// A transport protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// A stream of bytes.
    Tcp,
    /// Datagrams.
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// One part of a run: one transport over one family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// The transport.
    pub transport: Transport,
    /// The family.
    pub family: Family,
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} over {}", self.transport, self.family)
    }
}

impl Leg {
    /// The legs over these families: TCP over all of them, then UDP.
    #[must_use]
    pub fn over(families: &[Family]) -> Vec<Self> {
        let transports = [Transport::Tcp, Transport::Udp];
        let over = |transport| {
            families.iter().map(move |family| Self {
                transport,
                family: *family,
            })
        };
        transports.into_iter().flat_map(over).collect()
    }
}

/// How much to send, and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How much each leg sends.
    pub amount: Amount,
    /// Connections, or pairs of sockets, at a time.
    pub connections: u32,
    /// Decides bytes and sizes.
    pub seed: u64,
    /// How long nothing may come: much longer than loopback takes on a busy machine.
    pub patience: Duration,
}

/// How much a leg sends.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// So much.
    Counts {
        /// Bytes over TCP, on all connections together.
        bytes: u64,
        /// Datagrams over UDP, between all pairs of sockets together.
        datagrams: u32,
    },
    /// As much as this time allows.
    Time(Duration),
}

impl Plan {
    /// How much progress a leg makes, when that is known: bytes over TCP, datagrams over UDP.
    #[must_use]
    pub fn steps(&self, leg: Leg) -> Option<u64> {
        match (self.amount, leg.transport) {
            (Amount::Counts { bytes, .. }, Transport::Tcp) => Some(bytes),
            (Amount::Counts { datagrams, .. }, Transport::Udp) => Some(u64::from(datagrams)),
            (Amount::Time(_), _) => None,
        }
    }

    /// How much a step of a leg counts beside those of the others: a datagram as much as the bytes
    /// that there are for each.
    #[must_use]
    pub fn weight(&self, leg: Leg) -> u64 {
        match (self.amount, leg.transport) {
            (Amount::Counts { bytes, datagrams }, Transport::Udp) => {
                (bytes / u64::from(datagrams.max(1))).max(1)
            }
            _ => 1,
        }
    }

    /// The plan for each of so many styles that run at once over each of so many legs: together they
    /// send as much as one style does alone, or for as long, and have no more connections than a
    /// style can have.
    #[must_use]
    pub fn at_once(&self, styles: u32, legs: u32) -> Self {
        let amount = match self.amount {
            Amount::Counts { bytes, datagrams } => Amount::Counts {
                bytes: bytes.div_ceil(styles.into()),
                datagrams: datagrams.div_ceil(styles),
            },
            // The legs of a style share its time where they have it one after another.
            Amount::Time(time) => Amount::Time(time * legs),
        };
        let most = MOST_CONNECTIONS / (styles * legs).max(1);
        Self {
            amount,
            connections: self.connections.min(most.max(1)),
            ..*self
        }
    }

    /// What connection number `index` has to send; `u64::MAX` when the time decides.
    fn share(&self, leg: Leg, index: u32) -> u64 {
        let Some(total) = self.steps(leg) else {
            return u64::MAX;
        };
        let connections = u64::from(self.connections);
        total / connections + u64::from(u64::from(index) < total % connections)
    }
}

/// What a leg came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In which style of I/O.
    pub style: Style,
    /// Which leg.
    pub leg: Leg,
    /// Connections, or pairs of sockets.
    pub connections: u32,
    /// Bytes that clients sent and got back unchanged.
    pub bytes: u64,
    /// Datagrams that clients sent and got back unchanged; 0 over TCP.
    pub datagrams: u64,
    /// Calls that moved data: sends and receives of clients and servers.
    pub operations: u64,
    /// How long it took, opening and closing included.
    pub elapsed: Duration,
    /// What went wrong first; `None` when all arrived unchanged.
    pub failure: Option<String>,
    /// Set when that is no more than that the chain does not have this style of I/O.
    pub unsupported: Option<Unsupported>,
}

impl Outcome {
    /// That of a leg for which no thread did anything.
    fn not_carried(plan: &Plan, style: Style, leg: Leg, failure: String) -> Self {
        Self {
            style,
            leg,
            connections: plan.connections,
            bytes: 0,
            datagrams: 0,
            operations: 0,
            elapsed: Duration::ZERO,
            failure: Some(failure),
            unsupported: None,
        }
    }
}

/// The answer that a style of I/O is not supported: WSAEOPNOTSUPP to its first call of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsupported {
    /// The function that was called.
    pub function: &'static str,
    /// What it failed with.
    pub error: Errno,
}

/// The most connections at a time.
pub const MOST_CONNECTIONS: u32 = 256;

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
        let ended = started
            .into_iter()
            .map(|(style, leg, thread)| match thread {
                Ok(thread) => thread.join().unwrap_or_else(|_| {
                    let what = format!("{leg}, {style}, opener panicked");
                    Outcome::not_carried(plan, style, leg, what)
                }),
                Err(error) => {
                    let what = format!("{leg}, {style}: no thread can be started: {error}");
                    Outcome::not_carried(plan, style, leg, what)
                }
            });
        ended.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_whole() {
        let leg = Leg {
            transport: Transport::Tcp,
            family: Family::V4,
        };
        let plan = |bytes, connections| Plan {
            amount: Amount::Counts {
                bytes,
                datagrams: 0,
            },
            connections,
            seed: 0,
            patience: Duration::ZERO,
        };
        for (total, connections) in [(10, 4), (3, 4), (0, 2), (1 << 24, 7), (5, 1)] {
            let plan = plan(total, connections);
            let shares: Vec<u64> = (0..connections)
                .map(|index| plan.share(leg, index))
                .collect();
            assert_eq!(shares.iter().sum::<u64>(), total);
            let spread = shares.iter().max().zip(shares.iter().min());
            assert!(
                spread.is_some_and(|(most, least)| most - least <= 1),
                "{shares:?}"
            );
        }
    }

    #[test]
    fn what_runs_at_once_sends_together_what_one_style_sends_alone() {
        let plan = |amount, connections| Plan {
            amount,
            connections,
            seed: 0,
            patience: Duration::ZERO,
        };
        let counts = Amount::Counts {
            bytes: 17,
            datagrams: 8,
        };
        let each = plan(counts, 4).at_once(8, 4);
        assert!(
            matches!(
                each.amount,
                Amount::Counts {
                    bytes: 3,
                    datagrams: 1
                }
            ),
            "{each:?}"
        );
        assert_eq!(each.connections, 4);
        assert_eq!(plan(counts, 256).at_once(8, 4).connections, 8);
        assert_eq!(plan(counts, 256).at_once(1, 1).connections, 256);
        let quarter = plan(Amount::Time(Duration::from_secs(1)), 4);
        let each = quarter.at_once(8, 4);
        assert!(
            matches!(each.amount, Amount::Time(time) if time.as_secs() == 4),
            "{each:?}"
        );
    }

    #[test]
    fn legs_are_every_transport_over_every_family() {
        let names = |families: &[Family]| -> Vec<String> {
            Leg::over(families).iter().map(Leg::to_string).collect()
        };
        assert_eq!(
            names(&[Family::V4, Family::V6]),
            [
                "TCP over IPv4",
                "TCP over IPv6",
                "UDP over IPv4",
                "UDP over IPv6"
            ]
        );
        assert_eq!(names(&[Family::V4]), ["TCP over IPv4", "UDP over IPv4"]);
    }
}
