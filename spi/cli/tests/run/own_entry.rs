//! Layers that look for their own catalog entry when they are started.

use crate::{Ended, command, example};
use std::path::{Path, PathBuf};
use std::process::Command;

const ID: &str = "5c1f0a6e-3b7d-4e52-9a10-6d2c8f4b71e3";

/// `run` on the layer, or several of it, in one style.
fn on_own_entry(count: usize, more: &str) -> Command {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own_entry.c");
    let paths: Vec<PathBuf> = vec![source; count];
    let flags = format!("-I{} -Wall -Wextra -Werror {more}", example("").display());
    let mut command = command(&paths);
    command.args(["--io", "blocking", "--cflags", &flags]);
    command
}

// provider-sources.md section 4: a layer finds its own dummy entry by GUID, its chain by ChainEntries[0].
#[test]
fn a_layer_is_installed_under_the_guid_that_it_tells() {
    let ended = Ended::of(on_own_entry(1, "-DTELLS").arg("--json")).expect(0);
    assert_eq!(ended.document()["providers"][0]["guid"], ID);
}

// provider-sources.md section 4: a layer finds its own dummy entry by GUID, its chain by ChainEntries[0].
#[test]
fn a_layer_is_installed_under_the_guid_that_was_given() {
    let braces = format!("{{{ID}}}");
    Ended::of(on_own_entry(1, "").args(["--guid", &braces])).expect(0);
}

#[test]
fn a_layer_that_finds_no_entry_of_its_own_is_unusable_and_the_option_named() {
    Ended::of(&mut on_own_entry(1, ""))
        .expect(2)
        .says("WSAEPROVIDERFAILEDINIT")
        .says("--guid says by which GUID");
}

#[test]
fn two_layers_with_one_guid_are_unusable() {
    Ended::of(&mut on_own_entry(2, "-DTELLS"))
        .expect(2)
        .says(&format!("its own catalog entry has the GUID {ID}"));
}

// provider-sources.md section 4: a layer finds the next provider by ChainEntries[1], which names a chain, not its layer's own entry.
#[test]
fn a_layer_finds_the_chain_below_as_its_next_provider() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own_entry.c");
    let flags = format!("-I{} -DTELLS", example("").display());
    let mut command = command(&[source, example("layer_ifs.c")]);
    let ended = Ended::of(command.args(["--io", "blocking", "--cflags", &flags]));
    ended.expect(0);
}
