//! `install` and `remove`: which files and values a prefix gets, and how it becomes what it was.
//!
//! Two layouts, both tried on Wine 8.0:
//!
//! - The whole prefix: the front is `system32\ws2_32.dll`, Wine's own is `system32\ws2spi\ws2_32.dll`, the
//!   other pieces lie in `system32`. The override `ws2_32` (`native,builtin`) is for the former, `*ws2_32`
//!   (`builtin`) for the latter. Programs that look in system32 only, as Go's do, get it.
//! - One program: the pieces lie in its folder. The overrides `*ws2_32` (`native`) and `ws2_32` (`builtin`),
//!   for programs of that name, make Wine's own that of system32 alone.
//!
//! The registry is changed in its files, while no wineserver runs, and not by a program in Wine: starting one
//! changes time stamps all over the prefix, may update it, and would run into a layer that crashes every
//! program; and files can be replaced all or none ([`journal`](super::journal)).

use super::arguments::{InstallArguments, RemoveArguments};
use super::failure::Failure;
use super::hive::Hive;
use super::journal::{Change, Content, Journal};
use super::pieces::{self, FRONT, Pieces};
use super::prefix::{Prefix, SYSTEM, USER};
use super::record::{Before, Installation, Override, Placed, Record};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder beside the front that holds Wine's own ws2_32.dll, and the halves of the direct transport.
pub(super) const OWN: &str = "ws2spi";

/// What Wine looks up for every program.
const OVERRIDES: &str = r"Software\Wine\DllOverrides";

/// Whether a key of `system.reg`, in lower case, is the catalog's.
pub(super) fn is_catalog(key: &str) -> bool {
    let rest = key.strip_prefix(r"system\").unwrap_or_default();
    let (set, rest) = rest.split_once('\\').unwrap_or_default();
    let parameters = r"services\winsock2\parameters";
    (set == "currentcontrolset" || set.starts_with("controlset"))
        && rest
            .strip_prefix(parameters)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

/// Keeps other calls of the tool out of a prefix while it lives.
struct Alone(File);

impl Drop for Alone {
    fn drop(&mut self) {
        // A child that was forked meanwhile has the folder open too, so closing it would not do; a lock
        // that cannot be given up ends with the process.
        let _ = self.0.unlock();
    }
}

/// Waits for nobody: another call of the tool is an error.
fn enter(prefix: &Prefix) -> Result<Alone, Failure> {
    let root = &prefix.root;
    let folder = File::open(root).map_err(Failure::io(root, "open"))?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::Busy {
                prefix: root.clone(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(Failure::io(root, "lock")(error)),
    }
    Ok(Alone(folder))
}

/// Ends what an interrupted call of the tool has begun, if there is such a thing.
///
/// # Errors
/// [`Failure::Running`], [`Failure::Busy`], and those of [`Journal::recover`].
pub(super) fn settle(prefix: &Prefix) -> Result<(), Failure> {
    let journal = Journal::of(&prefix.root);
    if !journal.is_open() {
        return Ok(());
    }
    let _alone = enter(prefix)?;
    prefix.must_rest()?;
    journal.recover()
}

/// `ws2spi wine install`. Returns what was done, in a sentence.
///
/// # Errors
/// [`Failure`]'s; the prefix is as it was.
pub fn install(arguments: &InstallArguments) -> Result<String, Failure> {
    let pieces = Pieces::find(arguments.from.as_deref())?;
    let prefix = Prefix::find(&arguments.place.prefix, arguments.place.wine.as_deref())?;
    let program = arguments.program.as_deref().map(program_file).transpose()?;
    let _alone = enter(&prefix)?;
    prefix.must_rest()?;
    let journal = Journal::of(&prefix.root);
    journal.recover()?;
    let changes = install_changes(&prefix, &pieces, program.as_deref())?;
    journal.make(&changes, &[])?;
    let place = match &program {
        Some(program) => program.display().to_string(),
        None => prefix.root.display().to_string(),
    };
    Ok(format!(
        "installed for {place}, Wine {}",
        prefix.wine.version
    ))
}

/// What changes in the prefix.
pub(super) fn install_changes(
    prefix: &Prefix,
    pieces: &Pieces,
    program: Option<&Path>,
) -> Result<Vec<Change>, Failure> {
    let mut record = match Record::read(&prefix.root)? {
        Some(record) => record,
        None => Record::new(
            prefix.wine.version.to_string(),
            prefix.hive(SYSTEM)?.keys(is_catalog),
        ),
    };
    if record
        .installations
        .iter()
        .any(|known| known.program.as_deref() == program)
    {
        let what = program.unwrap_or(&prefix.root).display().to_string();
        return Err(Failure::Installed { what });
    }
    let folder = match program {
        Some(program) => program.parent().unwrap_or(Path::new("/")).to_owned(),
        None => prefix.system(),
    };
    let mut changes = Vec::new();
    let mut files = Vec::new();
    for (below, bytes) in &pieces.files {
        let path = match pieces::is_half(below) {
            true => folder.join(OWN).join(below),
            false => folder.join(below),
        };
        let before = make_room(prefix, program, below, &path, &mut changes)?;
        changes.push(Change {
            path: path.clone(),
            new: Content::File(bytes.clone()),
        });
        files.push(Placed { path, before });
    }
    files.sort_by_key(|placed| placed.path.file_name() != Some(FRONT.as_ref()));

    let mut hive = prefix.hive(USER)?;
    let overrides = set_overrides(prefix, &mut hive, program)?;
    changes.push(Change {
        path: prefix.hive_file(USER)?,
        new: Content::File(hive.text().to_owned()),
    });
    let own = folder.join(OWN);
    let mut folders: Vec<PathBuf> = Vec::new();
    for change in changes
        .iter()
        .filter(|change| change.path.starts_with(&own))
    {
        let above = change.path.ancestors().skip(1);
        let made = above.take_while(|above| above.starts_with(&own) && !above.exists());
        folders.extend(made.map(Path::to_owned));
    }
    // The outer ones first.
    folders.sort();
    folders.dedup();
    record.installations.push(Installation {
        program: program.map(Path::to_owned),
        files,
        folders,
        overrides,
    });
    changes.push(record.change(&prefix.root)?);
    Ok(changes)
}

/// Sees what is where a piece is to go: nothing may be, but Wine's own ws2_32.dll, which moves.
fn make_room(
    prefix: &Prefix,
    program: Option<&Path>,
    piece: &Path,
    path: &Path,
    changes: &mut Vec<Change>,
) -> Result<Before, Failure> {
    let there = Content::of(path).map_err(Failure::io(path, "read"))?;
    let in_the_way = |why: &str| Failure::InTheWay {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let replaced = program.is_none() && piece == Path::new(FRONT);
    let bytes = match (&there, replaced) {
        (Content::Absent, false) => return Ok(Before::Nothing),
        (Content::Absent, true) => {
            return Err(in_the_way(
                "there is no ws2_32.dll of Wine's; wineboot -u makes one",
            ));
        }
        (_, false) => return Err(in_the_way("a file of that name is there, and not ours")),
        (Content::File(bytes), true) => bytes.clone(),
        // Proton links to its own files.
        (Content::Link(_), true) => fs::read(path).map_err(Failure::io(path, "read"))?,
    };
    if !pieces::is_builtin(&bytes) {
        return Err(in_the_way(
            "it is not Wine's own ws2_32.dll; what put it there has to take it away first",
        ));
    }
    let moved = prefix.system().join(OWN).join(FRONT);
    changes.push(Change {
        path: moved.clone(),
        new: match &there {
            Content::Link(target) => Content::Link(target.clone()),
            _ => Content::File(bytes),
        },
    });
    Ok(match there {
        Content::Link(target) => Before::Link(target),
        _ => Before::Moved(moved),
    })
}

fn set_overrides(
    prefix: &Prefix,
    hive: &mut Hive,
    program: Option<&Path>,
) -> Result<Vec<Override>, Failure> {
    let (key, values) = match program {
        None => (
            OVERRIDES.to_owned(),
            [("ws2_32", "native,builtin"), ("*ws2_32", "builtin")],
        ),
        Some(program) => {
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            let key = format!(r"Software\Wine\AppDefaults\{name}\DllOverrides");
            (key, [("ws2_32", "builtin"), ("*ws2_32", "native")])
        }
    };
    let mut overrides = Vec::new();
    for (name, value) in values {
        if let Some(known) = hive.value(&key, name) {
            return Err(Failure::InTheWay {
                path: prefix.root.join(USER),
                why: format!("the DLL override {name} is {known} in {key}; winecfg can remove it"),
            });
        }
        let above = hive.above(&key);
        let made = hive.set(&key, name, &format!("\"{value}\""));
        overrides.push(Override {
            key: key.clone(),
            name: name.to_owned(),
            made_below: made.then_some(above),
        });
    }
    Ok(overrides)
}

/// `ws2spi wine remove`. Returns what was done, in a sentence.
///
/// # Errors
/// [`Failure`]'s; the prefix is as it was.
pub fn remove(arguments: &RemoveArguments) -> Result<String, Failure> {
    let prefix = Prefix::find(&arguments.place.prefix, arguments.place.wine.as_deref())?;
    let program = arguments.program.as_deref().map(program_file).transpose()?;
    let _alone = enter(&prefix)?;
    prefix.must_rest()?;
    let journal = Journal::of(&prefix.root);
    journal.recover()?;
    let (changes, folders) = remove_changes(&prefix, program.as_deref())?;
    journal.make(&changes, &folders)?;
    Ok(format!(
        "removed from {}",
        program.as_deref().unwrap_or(&prefix.root).display()
    ))
}

/// What changes in the prefix, and the folders that are empty then.
pub(super) fn remove_changes(
    prefix: &Prefix,
    program: Option<&Path>,
) -> Result<(Vec<Change>, Vec<PathBuf>), Failure> {
    let nothing = || Failure::NotInstalled {
        what: program.unwrap_or(&prefix.root).display().to_string(),
    };
    let mut record = Record::read(&prefix.root)?.ok_or_else(nothing)?;
    let picked = |known: &Installation| program.is_none() || known.program.as_deref() == program;
    let gone: Vec<Installation> = record
        .installations
        .extract_if(.., |known| picked(known))
        .collect();
    if gone.is_empty() {
        return Err(nothing());
    }
    let mut hive = prefix.hive(USER)?;
    let mut changes = Vec::new();
    let mut folders = Vec::new();
    for installation in gone {
        for placed in installation.files {
            put_back(&placed, &mut changes)?;
        }
        for set in installation.overrides.iter().rev() {
            hive.unset(&set.key, &set.name, set.made_below.as_deref());
        }
        folders.extend(installation.folders);
    }
    changes.push(Change {
        path: prefix.hive_file(USER)?,
        new: Content::File(hive.text().to_owned()),
    });
    if record.installations.is_empty() {
        let mut system = prefix.hive(SYSTEM)?;
        system.replace_keys(is_catalog, &record.catalog);
        changes.push(Change {
            path: prefix.hive_file(SYSTEM)?,
            new: Content::File(system.text().to_owned()),
        });
    }
    changes.push(record.change(&prefix.root)?);
    Ok((changes, folders))
}

fn put_back(placed: &Placed, changes: &mut Vec<Change>) -> Result<(), Failure> {
    let new = match &placed.before {
        Before::Nothing => Content::Absent,
        Before::Link(target) => Content::Link(target.clone()),
        Before::Moved(moved) => Content::of(moved).map_err(Failure::io(moved, "read"))?,
    };
    // An update of the prefix has put Wine's own there again: that stays.
    let there = Content::of(&placed.path).map_err(Failure::io(&placed.path, "read"))?;
    let updated = placed.before != Before::Nothing
        && matches!(&there, Content::File(bytes) if pieces::is_builtin(bytes));
    if !updated && new != there {
        changes.push(Change {
            path: placed.path.clone(),
            new,
        });
    }
    if placed.before != Before::Nothing {
        let parent = placed.path.parent().unwrap_or(Path::new("/"));
        let moved = parent.join(OWN).join(FRONT);
        if moved.exists() {
            changes.push(Change {
                path: moved,
                new: Content::Absent,
            });
        }
    }
    Ok(())
}

/// The file of a 64-bit Windows program.
fn program_file(path: &Path) -> Result<PathBuf, Failure> {
    let file = fs::canonicalize(path).map_err(Failure::io(path, "find"))?;
    let bytes = fs::read(&file).map_err(Failure::io(&file, "read"))?;
    let bad = |problem: &str| Failure::BadProgram {
        path: file.clone(),
        problem: problem.to_owned(),
    };
    let word = |at: usize| -> Option<u32> {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let header = word(0x3c)
        .filter(|_| bytes.starts_with(b"MZ"))
        .map(|at| at as usize);
    let header = header.filter(|at| word(*at) == Some(0x4550));
    match header.and_then(|at| word(at + 4)) {
        None => Err(bad("is no Windows program")),
        Some(machine) if machine & 0xffff == 0x8664 => Ok(file),
        Some(_) => Err(bad(
            "is no 64-bit program: only those can have layers, others stay with Wine's own ws2_32.dll",
        )),
    }
}
