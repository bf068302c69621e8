//! The bytes that travel: each is known by its place in its stream, so that both ends can compare
//! every one of them, and a lost, doubled, swapped or changed byte shows where it is.

use super::random::{GOLDEN, Random, mixed};

/// An endless stream of bytes, made of its key and the place of each byte.
#[derive(Clone, Copy, Debug)]
pub struct Pattern(u64);

impl Pattern {
    /// The stream of a seed for one purpose, as [`Random::of`].
    #[must_use]
    pub fn of(seed: u64, purpose: &[u64]) -> Self {
        Self(Random::of(seed, purpose).draw())
    }

    /// Writes the bytes from place `offset` on.
    pub fn fill(self, offset: u64, out: &mut [u8]) {
        let mut word = offset / 8;
        let skipped = (offset % 8) as usize;
        let head = out.len().min((8 - skipped) % 8);
        if head > 0 {
            out[..head].copy_from_slice(&self.word(word)[skipped..skipped + head]);
            word += 1;
        }
        let mut chunks = out[head..].chunks_exact_mut(8);
        for chunk in &mut chunks {
            chunk.copy_from_slice(&self.word(word));
            word += 1;
        }
        let tail = chunks.into_remainder();
        tail.copy_from_slice(&self.word(word)[..tail.len()]);
    }

    /// Compares bytes that should be those from place `offset` on. `None`: they are.
    #[must_use]
    pub fn difference(self, offset: u64, data: &[u8]) -> Option<Difference> {
        let mut expected = [0; BLOCK];
        for (index, block) in data.chunks(BLOCK).enumerate() {
            let start = offset + (index * BLOCK) as u64;
            let expected = &mut expected[..block.len()];
            self.fill(start, expected);
            if block != expected {
                let at = block
                    .iter()
                    .zip(&*expected)
                    .position(|(got, wanted)| got != wanted);
                let at = at.unwrap_or(0);
                return Some(Difference {
                    offset: start + at as u64,
                    expected: expected[at],
                    got: block[at],
                });
            }
        }
        None
    }

    fn word(self, index: u64) -> [u8; 8] {
        mixed(self.0.wrapping_add(index.wrapping_mul(GOLDEN))).to_le_bytes()
    }
}

/// The first byte that is not what was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Its place in the stream.
    pub offset: u64,
    /// What was sent.
    pub expected: u8,
    /// What arrived.
    pub got: u8,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            offset,
            expected,
            got,
        } = self;
        write!(f, "byte {offset} is {got:#04x}, sent was {expected:#04x}")
    }
}

/// How much is compared at a time.
const BLOCK: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_however_it_is_cut() {
        let pattern = Pattern::of(1, &[2]);
        let mut whole = vec![0; 1000];
        pattern.fill(0, &mut whole);
        for (start, len) in [
            (0, 1),
            (1, 1),
            (3, 5),
            (7, 9),
            (8, 8),
            (13, 500),
            (999, 1),
            (5, 0),
        ] {
            let mut part = vec![0; len];
            pattern.fill(start as u64, &mut part);
            assert_eq!(part, whole[start..start + len], "{len} bytes from {start}");
        }
    }

    #[test]
    fn the_first_changed_byte_is_found() {
        let pattern = Pattern::of(9, &[]);
        let mut data = vec![0; 10_000];
        pattern.fill(77, &mut data);
        assert_eq!(pattern.difference(77, &data), None);
        let expected = data[8192];
        data[8192] ^= 0x40;
        data[9000] ^= 0x01;
        let found = pattern.difference(77, &data);
        let got = expected ^ 0x40;
        assert_eq!(
            found,
            Some(Difference {
                offset: 77 + 8192,
                expected,
                got
            })
        );
    }

    #[test]
    fn a_byte_that_is_missing_shows() {
        let pattern = Pattern::of(9, &[]);
        let mut data = vec![0; 1000];
        pattern.fill(0, &mut data);
        data.remove(500);
        assert!(pattern.difference(0, &data).is_some());
    }
}
