//! A long stream of which every byte is known: pages that carry their number. Fast also in a debug build, where bytes made one by one would
//! take longer than their way through the network.

/// The size of a page.
pub const PAGE: usize = 4096;

/// A page without a number.
fn template() -> [u8; PAGE] {
    std::array::from_fn(|at| (at * 31 + at / 256) as u8)
}

/// Writes pages from number `first` on. The length is one of whole pages.
pub fn fill(first: usize, out: &mut [u8]) {
    assert_eq!(out.len() % PAGE, 0);
    let mut page = template();
    for (at, place) in out.chunks_exact_mut(PAGE).enumerate() {
        page[..8].copy_from_slice(&((first + at) as u64).to_ne_bytes());
        place.copy_from_slice(&page);
    }
}

/// Reads a stream of pages, in pieces of any length.
pub struct Checker {
    numbers: Box<dyn Iterator<Item = usize> + Send>,
    page: [u8; PAGE],
    /// How much of the page was there.
    seen: usize,
}

impl Checker {
    /// Expects pages with these numbers.
    pub fn of(numbers: impl Iterator<Item = usize> + Send + 'static) -> Self {
        Self {
            numbers: Box::new(numbers),
            page: template(),
            seen: PAGE,
        }
    }

    /// The next bytes of the stream.
    pub fn see(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.seen == PAGE {
                let number = self.numbers.next().expect("the stream is not longer");
                self.page[..8].copy_from_slice(&(number as u64).to_ne_bytes());
                self.seen = 0;
            }
            let now = data.len().min(PAGE - self.seen);
            let expected = &self.page[self.seen..self.seen + now];
            assert!(data[..now] == *expected, "page {:?}", &self.page[..8]);
            self.seen += now;
            data = &data[now..];
        }
    }

    /// The stream is over.
    pub fn end(mut self) {
        assert_eq!((self.seen, self.numbers.next()), (PAGE, None));
    }
}
