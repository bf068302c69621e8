//! `Plan`: how much a leg sends, on how many connections, and how long it waits for what does not
//! come.
//!
//! Made by [`run`](crate::run) for a style in its turn; [`Plan::at_once`] is that for styles that run
//! at the same time.

use super::{Leg, Transport};
use std::time::Duration;

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
    pub(super) fn share(&self, leg: Leg, index: u32) -> u64 {
        let Some(total) = self.steps(leg) else {
            return u64::MAX;
        };
        let connections = u64::from(self.connections);
        total / connections + u64::from(u64::from(index) < total % connections)
    }
}

/// The most connections at a time.
pub const MOST_CONNECTIONS: u32 = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::Family;

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
}
