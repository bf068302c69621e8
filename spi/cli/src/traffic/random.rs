//! Random choices that can be repeated: a seed, and the streams of numbers that come of it.

use std::time::{SystemTime, UNIX_EPOCH};

/// A stream of pseudo-random numbers (SplitMix64): the same seed gives the same numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed for one purpose: `of(seed, &[transport, family, connection, role])`.
    #[must_use]
    pub fn of(seed: u64, purpose: &[u64]) -> Self {
        let key = purpose
            .iter()
            .fold(mixed(seed), |key, part| mixed(key ^ mixed(*part)));
        Self(key)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// A number from `least` to `most`, small ones as likely as large ones: each power of two
    /// between them is as likely as the next.
    pub fn size(&mut self, least: usize, most: usize) -> usize {
        let (low, high) = (least.max(1) as f64, most.max(least.max(1)) as f64);
        // 53 bits: the whole fraction of an f64.
        let fraction = (self.draw() >> 11) as f64 / (1u64 << 53) as f64;
        let size = (low.ln() + fraction * (high.ln() - low.ln())).exp();
        (size.round() as usize).clamp(least, most)
    }
}

/// A seed of its own for each run.
#[must_use]
pub fn fresh_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = since.map_or(1, |since| since.as_nanos() as u64);
    // Short enough to be typed again.
    mixed(nanos ^ u64::from(std::process::id())) % 1_000_000_000
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of the number.
#[must_use]
pub const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// What SplitMix64 steps by.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_give_the_same_numbers() {
        let numbers = |seed, purpose: &[u64]| {
            let mut random = Random::of(seed, purpose);
            [random.draw(), random.draw(), random.draw()]
        };
        assert_eq!(numbers(7, &[1, 2]), numbers(7, &[1, 2]));
        assert_ne!(numbers(7, &[1, 2]), numbers(8, &[1, 2]));
        assert_ne!(numbers(7, &[1, 2]), numbers(7, &[2, 1]));
    }

    #[test]
    fn sizes_cover_the_whole_range_from_the_least_to_the_most() {
        let mut random = Random::of(3, &[]);
        let sizes: Vec<usize> = (0..20_000).map(|_| random.size(1, 262_144)).collect();
        assert!(sizes.iter().all(|size| (1..=262_144).contains(size)));
        let below = |limit| sizes.iter().filter(|size| **size < limit).count();
        assert!(below(4) > 1000, "{} tiny ones", below(4));
        assert!(
            below(512) > 8000 && below(512) < 12_000,
            "{} below the middle",
            below(512)
        );
        assert!(sizes.len() - below(200_000) > 200, "few large ones");
        assert_eq!(random.size(5, 5), 5);
    }
}
