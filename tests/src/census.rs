//! What a process holds: handles of the kernel, descriptors of the system, modules. For tests that nothing is left over.

use std::fs;
use std::path::Path;
use ws2spi::loader::module;
use ws2spi_cli::runtime;

/// What is open at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    handles: usize,
    descriptors: usize,
}

impl Census {
    /// Counts. Handles and descriptors of threads that are ending still count.
    #[must_use]
    pub fn take() -> Self {
        Self {
            handles: runtime::open_handles(),
            descriptors: descriptors(),
        }
    }

    /// Waits a short while until there is no more open than at this moment.
    ///
    /// # Panics
    /// When there is; with what is open.
    pub fn expect_no_more(&self) {
        let handles = runtime::settled(self.handles, runtime::open_handles);
        let kinds = runtime::kinds_of_handles();
        assert!(
            handles <= self.handles,
            "{handles} handles are open, {} were before: {kinds:?}",
            self.handles
        );
        let open = runtime::settled(self.descriptors, descriptors);
        assert!(
            open <= self.descriptors,
            "{open} descriptors are open, {} were before: {:?}",
            self.descriptors,
            names()
        );
    }
}

/// The folder that lists the process's own descriptors, on Linux and BSDs.
const DESCRIPTORS: &str = "/dev/fd";

/// How many descriptors of the system the process has open.
///
/// # Panics
/// When the system does not tell.
#[must_use]
pub fn descriptors() -> usize {
    fs::read_dir(DESCRIPTORS)
        .expect("the system lists the descriptors")
        .count()
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(DESCRIPTORS).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            format!("{} -> {}", entry.path().display(), target.display())
        })
        .collect()
}

/// Whether a shared library is in the process: loaded by our loader, or still mapped by the system where that can be seen.
#[must_use]
pub fn is_loaded(library: &Path) -> bool {
    let path = library.to_string_lossy();
    let is_mapped = fs::read_to_string("/proc/self/maps").is_ok_and(|maps| maps.contains(&*path));
    is_mapped || module::find_path(&path).is_some()
}
