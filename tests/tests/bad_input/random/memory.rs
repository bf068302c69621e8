//! The memory that the pointers of one call point to: regions with guards on both sides.
//!
//! Regions are cut from one block, filled before the call and looked at after it: whoever writes before or behind one has changed a guard.

use ws2spi_tests::seed::Random;

/// The regions of one call.
#[derive(Debug)]
pub struct Memory {
    block: Vec<u8>,
    used: usize,
    regions: Vec<(usize, usize)>,
    /// How far the addresses of the regions are from being multiples of 16.
    skew: usize,
}

impl Memory {
    /// Memory without a region.
    pub fn new() -> Self {
        Self {
            block: vec![GUARD; SIZE],
            used: 0,
            regions: Vec::new(),
            skew: 0,
        }
    }

    /// Gives all regions back. The next ones have addresses of multiples of 16, and so much more.
    pub fn clear(&mut self, skew: usize) {
        self.block[..self.used].fill(GUARD);
        self.used = 0;
        self.regions.clear();
        self.skew = skew;
    }

    /// A new region with this content; exactly that lies between the guards.
    pub fn region(&mut self, content: &[u8]) -> usize {
        let start = self.used + GUARD_SIZE + self.skew;
        self.block[start..start + content.len()].copy_from_slice(content);
        self.regions.push((start, content.len()));
        self.used = (start + content.len() + GUARD_SIZE).next_multiple_of(16);
        self.base() + start
    }

    /// A new region of so many bytes that mean nothing.
    pub fn noise(&mut self, len: usize, random: &mut Random) -> usize {
        let address = self.region(&[0; LONGEST][..len]);
        let start = address - self.base();
        for chunk in self.block[start..start + len].chunks_mut(8) {
            let bytes = random.number().to_ne_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        address
    }

    /// What stands in a region.
    pub fn word_at(&self, address: usize) -> usize {
        let start = address - self.base();
        let bytes = self.block[start..].first_chunk().expect("a whole region");
        usize::from_ne_bytes(*bytes)
    }

    /// Where guards were overwritten, as the number of the region and what happened to it.
    pub fn damage(&self) -> Option<String> {
        let is_guard = |at: usize| self.block[at..at + GUARD_SIZE] == [GUARD; GUARD_SIZE];
        self.regions
            .iter()
            .enumerate()
            .find_map(|(index, &(start, len))| {
                let side = match (is_guard(start - GUARD_SIZE), is_guard(start + len)) {
                    (true, true) => return None,
                    (false, _) => "before",
                    (true, false) => "behind",
                };
                Some(format!(
                    "wrote {side} region {index} of {len} bytes at {:#x}",
                    self.base() + start
                ))
            })
    }

    fn base(&self) -> usize {
        self.block.as_ptr().expose_provenance()
    }
}

/// The longest region of noise.
pub const LONGEST: usize = 2048;
const SIZE: usize = 24 << 10;
const GUARD: u8 = 0xa5;
const GUARD_SIZE: usize = 16;
