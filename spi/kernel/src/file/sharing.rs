//! Who has a file of the system's open, and with whom each of them shares it.
//!
//! `CreateFile`'s sharing modes: an opening that reads, writes or deletes needs that all others allow it, and allows or
//! refuses theirs. Those who only look at attributes take no part. [`super::DiskFile`] makes the claims, which end with
//! its last handle. Beside them are the mappings of files, which keep them from being cut.
//!
//! DIFFERS: it is between the openings of this process; on Windows it is between all.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use ws2spi_abi::Errno;

use crate::sync::ProcessMutex;
use crate::sync::ProcessMutexGuard;

/// Ways to use a file: what somebody does, or lets others do.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Uses(u32);

impl Uses {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// To read.
    #[doc(alias = "FILE_SHARE_READ")]
    pub const READ: Self = Self(1);
    /// To write.
    #[doc(alias = "FILE_SHARE_WRITE")]
    pub const WRITE: Self = Self(2);
    /// To delete, or give another name.
    #[doc(alias = "FILE_SHARE_DELETE")]
    pub const DELETE: Self = Self(4);

    /// Those of a `dwShareMode`; other bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & 7)
    }

    /// Both.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Whether all of `uses` are among these.
    #[must_use]
    pub const fn contain(self, uses: Self) -> bool {
        self.0 & uses.0 == uses.0
    }
}

/// A file of the system's, by device and number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct FileId(u64, u64);

impl FileId {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

#[derive(Default)]
struct Openings {
    claims: Vec<(Uses, Uses)>,
    /// The lengths that mappings of it rely on.
    mapped: Vec<u64>,
}

static OPEN: ProcessMutex<Option<HashMap<FileId, Openings>>> = ProcessMutex::new(None);

/// An opening, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    file: FileId,
    uses: Uses,
    shared: Uses,
}

impl Claim {
    /// Opens a file for `uses`, letting others do what is in `shared`.
    ///
    /// # Errors
    /// `ERROR_SHARING_VIOLATION` when somebody does not let it be used so, or uses it otherwise.
    pub(super) fn new(file: FileId, uses: Uses, shared: Uses) -> Result<Self, Errno> {
        if uses != Uses::NONE {
            let mut open = OPEN.lock();
            let claims = &mut open.get_or_insert_default().entry(file).or_default().claims;
            let compatible = claims
                .iter()
                .all(|(theirs, allowed)| allowed.contain(uses) && shared.contain(*theirs));
            if !compatible {
                return Err(Errno::SHARING_VIOLATION);
            }
            claims.push((uses, shared));
        }
        Ok(Self { file, uses, shared })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let this = (self.uses, self.shared);
        change(self.file, |openings| {
            let place = openings.claims.iter().position(|claim| *claim == this);
            place.map(|place| openings.claims.swap_remove(place));
        });
    }
}

/// A mapping of a file, until it is dropped: the file does not become shorter than it needs.
#[derive(Debug)]
pub struct Mapped {
    file: FileId,
    length: u64,
}

/// Whoever looks at a file's length to rely on it, or makes it shorter, holds the one of that file meanwhile.
static LENGTHS: [ProcessMutex<()>; 16] = [const { ProcessMutex::new(()) }; 16];

/// Keeps a file's length from changing by others of this process, until it is dropped. Files may share a lock: nobody takes two. It is
/// taken before [`OPEN`] and, alone among our locks, held across system calls: those that look at a length and set it.
#[derive(Debug)]
#[must_use]
pub(super) struct LengthLock {
    file: FileId,
    _held: ProcessMutexGuard<'static, ()>,
}

impl LengthLock {
    pub(super) fn take(file: FileId) -> Self {
        let place = (file.0 ^ file.1) as usize % LENGTHS.len();
        Self {
            file,
            _held: LENGTHS[place].lock(),
        }
    }

    /// A mapping that relies on a length which the file has.
    pub(super) fn map(&self, length: u64) -> Mapped {
        Mapped::new(self.file, length)
    }

    /// # Errors
    /// `ERROR_USER_MAPPED_FILE` when a mapping relies on a greater length.
    pub(super) fn may_shorten(&self, length: u64) -> Result<(), Errno> {
        may_shorten(self.file, length)
    }
}

impl Mapped {
    fn new(file: FileId, length: u64) -> Self {
        let mut open = OPEN.lock();
        let openings = open.get_or_insert_default().entry(file).or_default();
        openings.mapped.push(length);
        Self { file, length }
    }
}

impl Mapped {
    /// The length that it relies on.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        change(self.file, |openings| {
            let place = openings.mapped.iter().position(|it| *it == self.length);
            place.map(|place| openings.mapped.swap_remove(place));
        });
    }
}

fn may_shorten(file: FileId, length: u64) -> Result<(), Errno> {
    let open = OPEN.lock();
    let openings = open.as_ref().and_then(|open| open.get(&file));
    let relied_on = openings.and_then(|openings| openings.mapped.iter().max());
    match relied_on {
        Some(&relied_on) if relied_on > length => Err(Errno::USER_MAPPED_FILE),
        _ => Ok(()),
    }
}

fn change(file: FileId, change: impl FnOnce(&mut Openings)) {
    let mut open = OPEN.lock();
    let Some(open) = open.as_mut() else {
        return;
    };
    if let Some(openings) = open.get_mut(&file) {
        change(openings);
        if openings.claims.is_empty() && openings.mapped.is_empty() {
            open.remove(&file);
        }
    }
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;

    /// "Creating and Opening Files", the table of sharing modes: both sides must allow what the other does.
    #[test]
    fn an_opening_needs_the_consent_of_all() {
        let file = FileId(u64::MAX, 1);
        let open = |uses, shared| Claim::new(file, uses, shared);
        let reader = open(Uses::READ, Uses::READ).unwrap();
        let refused = Err(Errno::SHARING_VIOLATION);
        let all = Uses::READ.and(Uses::WRITE).and(Uses::DELETE);
        assert_eq!(open(Uses::WRITE, all).map(drop), refused);
        assert_eq!(open(Uses::READ, Uses::WRITE).map(drop), refused);
        assert_eq!(open(Uses::NONE, Uses::NONE).map(drop), Ok(()));
        let second = open(Uses::READ, all).unwrap();
        drop(reader);
        assert_eq!(open(Uses::WRITE, Uses::READ).map(drop), Ok(()));
        drop(second);
        assert_eq!(open(Uses::WRITE, Uses::NONE).map(drop), Ok(()));
    }

    /// SetEndOfFile, "Remarks": ERROR_USER_MAPPED_FILE.
    #[test]
    fn a_mapped_file_does_not_become_shorter() {
        let file = FileId(u64::MAX, 2);
        let mapped = Mapped::new(file, 10);
        assert_eq!(may_shorten(file, 9), Err(Errno::USER_MAPPED_FILE));
        assert_eq!(may_shorten(file, 10), Ok(()));
        drop(mapped);
        assert_eq!(may_shorten(file, 0), Ok(()));
    }
}
