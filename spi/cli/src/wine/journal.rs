//! `Journal`: files of a prefix are changed all or none, whatever happens in between.
//!
//! A change of a prefix is a list of files and what is to be at each. First everything is made ready:
//! the new files beside those whose place they take, copies of the old ones in the journal's folder, and
//! a journal that says so. From then on the change counts as made; what is left are renames. The next call
//! of the tool that finds a journal ends what was begun: before that point it clears up, after it
//! it renames the rest. When the system refuses in the middle, or somebody changed one of the files since,
//! everything goes back to the copies.
//!
//! Relies on rename being atomic within a folder. `install` makes the lists.

use super::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The folder of a prefix in which the tool keeps what it knows.
pub const FOLDER: &str = ".ws2spi";

/// What is at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Nothing.
    Absent,
    /// A file with these bytes.
    File(Vec<u8>),
    /// A symbolic link to there.
    Link(PathBuf),
}

impl Content {
    /// What is at `path`.
    ///
    /// # Errors
    /// The system's; `IsADirectory` for a folder.
    pub fn of(path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::Absent),
            Err(error) => Err(error),
            Ok(metadata) if metadata.is_symlink() => fs::read_link(path).map(Self::Link),
            Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(_) => fs::read(path).map(Self::File),
        }
    }
}

/// A file, and what is to be there.
#[derive(Clone, Debug)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What is to be there.
    pub new: Content,
}

/// What a test lets happen at each step; nothing elsewhere.
pub type Checkpoint<'a> = &'a dyn Fn() -> bool;

/// The journal of a prefix.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// What stands in the journal's file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    phase: Phase,
    rows: Vec<Row>,
    /// Folders that are to go when nothing is in them in the end, the outer ones first: those that the
    /// change makes, and those that it empties.
    folders: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    /// The new files and the copies are being made.
    Preparing,
    /// The new files take their places.
    Forward,
    /// The old ones take theirs again.
    Back,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    path: PathBuf,
    new: Kind,
    old: Kind,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Absent,
    File,
    Link(PathBuf),
}

impl Kind {
    fn of(content: &Content) -> Self {
        match content {
            Content::Absent => Self::Absent,
            Content::File(_) => Self::File,
            Content::Link(target) => Self::Link(target.clone()),
        }
    }
}

const FORMAT: u32 = 1;
const FILE: &str = "journal.json";

/// A step failed, or a test ended the tool here.
enum Stop {
    Failed(Failure),
    Crashed,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Journal {
    /// The journal of the prefix at `root`.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Self {
            folder: root.join(FOLDER),
        }
    }

    /// Ends what a former call has begun: by finishing it or by undoing it. Nothing when there is
    /// nothing.
    ///
    /// # Errors
    /// [`Failure::Io`], [`Failure::Garbled`] for a journal that nobody can read.
    pub fn recover(&self) -> Result<(), Failure> {
        let text = match fs::read(self.file()) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.clear(),
            Err(error) => return Err(Failure::io(&self.file(), "read")(error)),
        };
        let garbled = |problem: String| Failure::Garbled {
            path: self.file(),
            problem,
        };
        let document: Document =
            serde_json::from_slice(&text).map_err(|error| garbled(error.to_string()))?;
        if document.format != FORMAT {
            let what = format!(
                "is of format {}, which a later ws2spi ends",
                document.format
            );
            return Err(garbled(what));
        }
        self.end(document, &|| true).map_err(Self::stopped)
    }

    /// Whether a change was begun and not ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.file().exists()
    }

    /// Makes the change: all of it or nothing. The folders `emptied` go with it if nothing is left in them.
    ///
    /// # Errors
    /// [`Failure::Io`]; the files are as they were.
    pub fn make(&self, changes: &[Change], emptied: &[PathBuf]) -> Result<(), Failure> {
        self.make_until(changes, emptied, &|| true)
    }

    /// As [`Journal::make`]; `go_on` is asked before each step, and when it says no the tool is taken to
    /// have crashed there.
    pub(super) fn make_until(
        &self,
        changes: &[Change],
        emptied: &[PathBuf],
        go_on: Checkpoint<'_>,
    ) -> Result<(), Failure> {
        self.try_make(changes, emptied, go_on)
            .map_err(Self::stopped)
    }

    fn try_make(
        &self,
        changes: &[Change],
        emptied: &[PathBuf],
        go_on: Checkpoint<'_>,
    ) -> Result<(), Stop> {
        let mut rows = Vec::new();
        let mut folders = emptied.to_vec();
        let mut needed = Vec::new();
        for change in changes {
            let old = Content::of(&change.path).map_err(Failure::io(&change.path, "read"))?;
            if old == change.new {
                continue;
            }
            needed.push(change);
            rows.push(Row {
                path: change.path.clone(),
                new: Kind::of(&change.new),
                old: Kind::of(&old),
            });
            if change.new != Content::Absent {
                missing_folders(&change.path, &mut folders);
            }
        }
        let mut document = Document {
            format: FORMAT,
            phase: Phase::Preparing,
            rows,
            folders,
        };
        check(go_on)?;
        fs::create_dir_all(&self.folder).map_err(Failure::io(&self.folder, "make"))?;
        self.write(&document)?;
        if let Err(stop) = self.prepare(&document, &needed, go_on) {
            if matches!(stop, Stop::Failed(_)) {
                self.clean(&document)?;
            }
            return Err(stop);
        }
        document.phase = Phase::Forward;
        check(go_on)?;
        self.write(&document)?;
        self.end(document, go_on)
    }

    /// Makes folders, new files and copies.
    fn prepare(
        &self,
        document: &Document,
        changes: &[&Change],
        go_on: Checkpoint<'_>,
    ) -> Result<(), Stop> {
        for folder in &document.folders {
            check(go_on)?;
            fs::create_dir_all(folder).map_err(Failure::io(folder, "make"))?;
        }
        for (number, (row, change)) in document.rows.iter().zip(changes).enumerate() {
            check(go_on)?;
            if row.old == Kind::File {
                let copy = self.copy(number);
                fs::copy(&row.path, &copy).map_err(Failure::io(&copy, "write"))?;
                synced(&copy)?;
            }
            check(go_on)?;
            let new = beside(&row.path);
            put(&new, &change.new).map_err(Failure::io(&new, "write"))?;
            if let (Content::File(_), Ok(old)) = (&change.new, fs::metadata(&row.path)) {
                fs::set_permissions(&new, old.permissions()).map_err(Failure::io(&new, "write"))?;
            }
        }
        Ok(())
    }

    /// Ends a change in the phase that it is in.
    fn end(&self, mut document: Document, go_on: Checkpoint<'_>) -> Result<(), Stop> {
        if document.phase == Phase::Forward {
            match self.forward(&document, go_on) {
                Err(Stop::Failed(failure)) => {
                    document.phase = Phase::Back;
                    self.write(&document)?;
                    self.back(&document, go_on)?;
                    self.clean(&document)?;
                    return Err(failure.into());
                }
                ended => ended?,
            }
        }
        if document.phase == Phase::Back {
            self.back(&document, go_on)?;
        }
        check(go_on)?;
        Ok(self.clean(&document)?)
    }

    /// Gives each new file its place. A file that somebody changed since the copies were made is in
    /// the way.
    fn forward(&self, document: &Document, go_on: Checkpoint<'_>) -> Result<(), Stop> {
        for (number, row) in document.rows.iter().enumerate() {
            check(go_on)?;
            let new = beside(&row.path);
            let pending = Content::of(&new).map_err(Failure::io(&new, "read"))?;
            let now = Content::of(&row.path).map_err(Failure::io(&row.path, "read"))?;
            let done = match row.new {
                Kind::Absent => now == Content::Absent,
                _ => pending == Content::Absent,
            };
            if done {
                continue;
            }
            if now != self.old(number, row)? {
                let why =
                    "somebody changed it while this was done, so nothing was changed".to_owned();
                let path = row.path.clone();
                return Err(Failure::InTheWay { path, why }.into());
            }
            let placed = match row.new {
                Kind::Absent => fs::remove_file(&row.path),
                _ => fs::rename(&new, &row.path),
            };
            placed.map_err(Failure::io(&row.path, "replace"))?;
        }
        Ok(())
    }

    /// Gives each old file its place again, where ours has it.
    fn back(&self, document: &Document, go_on: Checkpoint<'_>) -> Result<(), Stop> {
        for (number, row) in document.rows.iter().enumerate().rev() {
            check(go_on)?;
            let new = beside(&row.path);
            let placed = match row.new {
                Kind::Absent => !row.path.exists(),
                _ => Content::of(&new).map_err(Failure::io(&new, "read"))? == Content::Absent,
            };
            if !placed {
                continue;
            }
            let old = self.old(number, row)?;
            if old == Content::Absent {
                remove(&row.path).map_err(Failure::io(&row.path, "remove"))?;
                continue;
            }
            put(&new, &old).map_err(Failure::io(&new, "write"))?;
            if let Ok(copy) = fs::metadata(self.copy(number)) {
                fs::set_permissions(&new, copy.permissions())
                    .map_err(Failure::io(&new, "write"))?;
            }
            fs::rename(&new, &row.path).map_err(Failure::io(&row.path, "replace"))?;
        }
        Ok(())
    }

    fn old(&self, number: usize, row: &Row) -> Result<Content, Failure> {
        match &row.old {
            Kind::Absent => Ok(Content::Absent),
            Kind::Link(target) => Ok(Content::Link(target.clone())),
            Kind::File => {
                let copy = self.copy(number);
                Content::of(&copy).map_err(Failure::io(&copy, "read"))
            }
        }
    }

    /// Removes what is left of a change: new files that took no place, copies, folders without
    /// anything in them, and last the journal.
    fn clean(&self, document: &Document) -> Result<(), Failure> {
        for (number, row) in document.rows.iter().enumerate() {
            for left in [beside(&row.path), self.copy(number)] {
                remove(&left).map_err(Failure::io(&left, "remove"))?;
            }
        }
        // Those with something in them stay.
        for folder in document.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
        remove(&self.file()).map_err(Failure::io(&self.file(), "remove"))?;
        self.clear()
    }

    /// Removes the folder when nothing is in it, and what an interrupted write of the journal left.
    fn clear(&self) -> Result<(), Failure> {
        let unfinished = beside(&self.file());
        remove(&unfinished).map_err(Failure::io(&unfinished, "remove"))?;
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }

    fn write(&self, document: &Document) -> Result<(), Failure> {
        let (file, new) = (self.file(), beside(&self.file()));
        let text = serde_json::to_vec_pretty(document).map_err(io::Error::from);
        let written = text.and_then(|text| put(&new, &Content::File(text)));
        written
            .and_then(|()| fs::rename(&new, &file))
            .map_err(Failure::io(&file, "write"))?;
        // Before a step relies on it.
        synced(&self.folder)
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    fn copy(&self, number: usize) -> PathBuf {
        self.folder.join(format!("old-{number}"))
    }

    fn stopped(stop: Stop) -> Failure {
        match stop {
            Stop::Failed(failure) => failure,
            Stop::Crashed => Failure::io(Path::new(FILE), "go on")(ErrorKind::Interrupted.into()),
        }
    }
}

fn check(go_on: Checkpoint<'_>) -> Result<(), Stop> {
    if go_on() { Ok(()) } else { Err(Stop::Crashed) }
}

/// The folders that have to be made for a file at `path`, the outer ones first.
fn missing_folders(path: &Path, folders: &mut Vec<PathBuf>) {
    let missing: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|folder| !folder.exists())
        .map(Path::to_owned)
        .collect();
    for folder in missing.into_iter().rev() {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
}

/// Where what is to be at `path` is made ready.
fn beside(path: &Path) -> PathBuf {
    ws2spi::whole_file::beside(path, ".", ".ws2spi-new")
}

fn put(path: &Path, content: &Content) -> io::Result<()> {
    remove(path)?;
    match content {
        Content::Absent => Ok(()),
        Content::Link(target) => std::os::unix::fs::symlink(target, path),
        Content::File(bytes) => {
            let mut file = File::create(path)?;
            file.write_all(bytes)?;
            file.sync_all()
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn synced(path: &Path) -> Result<(), Failure> {
    let file = File::open(path).and_then(|file| file.sync_all());
    file.map_err(Failure::io(path, "write"))
}
