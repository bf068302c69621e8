//! `Wine`: the build of Wine that runs a prefix: which it is, and whether it does so right now.
//!
//! Asks its own programs and starts nothing in the prefix: `wine --version` prints and ends, and
//! `wineserver -k0` tells whether a server for the prefix runs.

use super::failure::Failure;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest that this was tried with.
const OLDEST: (u32, u32) = (8, 0);

/// Where distributions put a wine64 that is not in the path.
const KNOWN: &[&str] = &[
    "/usr/lib/wine/wine64",
    "/opt/wine-stable/bin/wine",
    "/opt/wine-staging/bin/wine",
    "/opt/wine-devel/bin/wine",
];

/// A build of Wine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wine {
    /// Its wine or wine64.
    pub loader: PathBuf,
    /// Its wineserver.
    pub server: PathBuf,
    /// Its version, as it says it.
    pub version: Version,
}

/// A version of Wine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    text: String,
    number: (u32, u32),
}

impl Version {
    /// The version in what `wine --version` prints: `wine-8.0 (Debian 8.0~repack-4)`.
    #[must_use]
    pub fn parse(said: &str) -> Option<Self> {
        let text = said.trim().strip_prefix("wine-")?;
        let digits = |part: Option<&str>| -> Option<u32> {
            let part = part?;
            let end = part
                .find(|digit: char| !digit.is_ascii_digit())
                .unwrap_or(part.len());
            part[..end].parse().ok()
        };
        let mut parts = text.split('.');
        let major = digits(parts.next())?;
        Some(Self {
            text: text.to_owned(),
            number: (major, digits(parts.next()).unwrap_or(0)),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Wine {
    /// The build whose wine or wine64 is `loader`.
    ///
    /// # Errors
    /// [`Failure::Io`] when it does not start, [`Failure::UnknownWine`], [`Failure::OldWine`].
    pub fn of(loader: &Path) -> Result<Self, Failure> {
        let output = Command::new(loader)
            .arg("--version")
            .env("WINEDEBUG", "-all")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(Failure::io(loader, "start"))?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let Some(version) = Version::parse(&said) else {
            let path = loader.to_owned();
            return Err(Failure::UnknownWine { path, said });
        };
        if version.number < OLDEST {
            return Err(Failure::OldWine {
                path: loader.to_owned(),
                version: version.text,
            });
        }
        let Some(server) = server_of(loader) else {
            let path = loader.to_owned();
            let said = "no wineserver beside it or in the path".to_owned();
            return Err(Failure::UnknownWine { path, said });
        };
        Ok(Self {
            loader: loader.to_owned(),
            server,
            version,
        })
    }

    /// The build that was named, or else the one of the system.
    ///
    /// # Errors
    /// As [`Wine::of`]; [`Failure::NoWine`].
    pub fn find(
        named: Option<&Path>,
        of_the_prefix: Option<&Path>,
        prefix: &Path,
    ) -> Result<Self, Failure> {
        if let Some(loader) = named {
            return Self::of(loader);
        }
        if let Some(loader) = std::env::var_os("WINELOADER").filter(|loader| !loader.is_empty()) {
            return Self::of(Path::new(&loader));
        }
        if let Some(loader) = of_the_prefix {
            return Self::of(loader);
        }
        let in_path = ["wine64", "wine"].into_iter().filter_map(in_path);
        let known = KNOWN
            .iter()
            .map(PathBuf::from)
            .filter(|loader| loader.is_file());
        let prefix = prefix.to_owned();
        let loader = known
            .chain(in_path)
            .next()
            .ok_or(Failure::NoWine { prefix })?;
        Self::of(&loader)
    }

    /// Whether a server for the prefix at `root` runs.
    ///
    /// # Errors
    /// [`Failure::Io`] when the wineserver does not start.
    pub fn runs(&self, root: &Path) -> Result<bool, Failure> {
        let status = Command::new(&self.server)
            .arg("-k0")
            .env("WINEPREFIX", root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(Failure::io(&self.server, "start"))?;
        Ok(status.success())
    }
}

/// The wineserver that belongs to a loader: beside it, wherever links lead, or the path's.
fn server_of(loader: &Path) -> Option<PathBuf> {
    let real = loader.canonicalize().ok();
    let folders = [real.as_deref(), Some(loader)]
        .into_iter()
        .flatten()
        .filter_map(Path::parent);
    let beside =
        folders.flat_map(|folder| ["wineserver64", "wineserver"].map(|name| folder.join(name)));
    beside
        .into_iter()
        .find(|server| server.is_file())
        .or_else(|| in_path("wineserver"))
}

/// A program in the folders of PATH.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_builds_print_them() {
        // Debian, upstream's releases and candidates, Proton.
        let rows = [
            ("wine-8.0 (Debian 8.0~repack-4)\n", (8, 0)),
            ("wine-10.0", (10, 0)),
            ("wine-9.22 (Staging)", (9, 22)),
            ("wine-9.0-rc3", (9, 0)),
            ("wine-6.3.2", (6, 3)),
        ];
        for (said, number) in rows {
            assert_eq!(
                Version::parse(said).map(|version| version.number),
                Some(number),
                "{said}"
            );
        }
        assert_eq!(Version::parse("it looks like wine32 is missing"), None);
    }
}
