//! Tests of what a prefix is after a command was interrupted, or failed in the middle.

use super::super::failure::Failure;
use super::super::install::{self, install_changes, remove_changes};
use super::super::journal::{Change, Content, Journal};
use super::super::pieces::Pieces;
use super::super::prefix::Prefix;
use super::{USER, World, assert_same, text};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Ends a change before each of its steps in turn; the next call of the tool has to make it the old
/// state or the new one.
fn crash_everywhere(installed: bool) {
    let world = World::new();
    if installed {
        world.install(false).expect("it is installed");
        world.install_layer();
    }
    let before = world.tree();
    let after = world.tree_after(installed);
    let mut new = 0;
    let (prefix, journal) = world.opened();
    for step in 0.. {
        let (changes, emptied) = world.changes(&prefix, installed);
        let left = Cell::new(step);
        let ended = journal.make_until(&changes, &emptied, &|| {
            left.set(left.get() - 1);
            left.get() >= 0
        });
        if ended.is_ok() {
            assert_same(&world.tree(), &after);
            break;
        }
        journal.recover().expect("the next call");
        let tree = world.tree();
        assert!(
            tree == before || tree == after,
            "step {step}: {:?}",
            tree.keys()
        );
        if tree == after {
            new += 1;
            world.put(&before);
        }
    }
    assert!(new > 3, "only {new} steps lead forward");
}

impl World {
    fn opened(&self) -> (Prefix, Journal) {
        let place = self.place();
        let prefix = Prefix::find(&place.prefix, place.wine.as_deref()).expect("a prefix");
        let journal = Journal::of(&prefix.root);
        (prefix, journal)
    }

    fn changes(&self, prefix: &Prefix, installed: bool) -> (Vec<Change>, Vec<PathBuf>) {
        if installed {
            return remove_changes(prefix, None).expect("it is installed");
        }
        let pieces = Pieces::find(Some(&self.path("pieces"))).expect("pieces");
        (
            install_changes(prefix, &pieces, None).expect("it can be installed"),
            Vec::new(),
        )
    }

    /// What the change leads to.
    fn tree_after(&self, installed: bool) -> BTreeMap<PathBuf, Option<Content>> {
        let before = self.tree();
        let (prefix, journal) = self.opened();
        let (changes, emptied) = self.changes(&prefix, installed);
        journal.make(&changes, &emptied).expect("it is changed");
        let after = self.tree();
        self.put(&before);
        after
    }

    /// Makes the tree what it was.
    fn put(&self, tree: &BTreeMap<PathBuf, Option<Content>>) {
        for folder in ["prefix", "game"] {
            fs::remove_dir_all(self.path(folder)).expect("a folder");
            fs::create_dir_all(self.path(folder)).expect("a folder");
        }
        for (path, content) in tree {
            match content {
                None => fs::create_dir_all(path).expect("a folder"),
                Some(Content::File(bytes)) => fs::write(path, bytes).expect("a file"),
                Some(other) => panic!("{} is {other:?}", path.display()),
            }
        }
    }
}

#[test]
fn an_installation_that_is_killed_is_ended_by_the_next_call() {
    // Issue 6: a prefix is never left half changed.
    crash_everywhere(false);
}

#[test]
fn a_removal_that_is_killed_is_ended_by_the_next_call() {
    // Issue 6: a prefix is never left half changed.
    crash_everywhere(true);
}

#[test]
fn what_others_changed_meanwhile_is_kept_and_the_rest_undone() {
    // Wine ran between the crash and the next call, and saved its registry.
    let world = World::new();
    let before = world.tree();
    let (prefix, journal) = world.opened();
    let (changes, emptied) = world.changes(&prefix, false);
    let placed = || {
        !world
            .path("prefix/drive_c/windows/system32/ws2spi_wine.dll")
            .exists()
    };
    journal
        .make_until(&changes, &emptied, &placed)
        .expect_err("it is interrupted");
    world.write(
        "prefix/user.reg",
        format!("{USER}\"New\"=\"value\"\n").as_bytes(),
    );
    let failure = install::settle(&prefix).expect_err("the file is in the way");
    assert!(matches!(failure, Failure::InTheWay { .. }), "{failure}");
    let user = world.path("prefix/user.reg");
    assert!(text(&user).ends_with("\"New\"=\"value\"\n"));
    fs::write(&user, USER).expect("a file");
    assert_same(&world.tree(), &before);
}

#[test]
fn a_failure_in_the_middle_leaves_everything_as_it_was() {
    // A folder stands where a piece is to go; it appears after everything was made ready.
    let world = World::new();
    let before = world.tree();
    let (prefix, journal) = world.opened();
    let (changes, emptied) = world.changes(&prefix, false);
    let core = world.path("prefix/drive_c/windows/system32/ws2spi_wine.dll");
    let obstacle = || {
        if journal.is_open()
            && core.with_file_name(".ws2spi_wine.dll.ws2spi-new").exists()
            && !core.exists()
        {
            fs::create_dir(&core).expect("a folder");
        }
        true
    };
    journal
        .make_until(&changes, &emptied, &obstacle)
        .expect_err("the folder is in the way");
    fs::remove_dir(&core).expect("the folder is empty");
    assert_same(&world.tree(), &before);
}
