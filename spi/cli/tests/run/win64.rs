//! Providers in Microsoft's x64 convention, as hosts map them that run Windows code: compiled with `ws2spi cc --win64`.

use crate::driver::{driver, folder, tool};
use crate::{Ended, STYLES, command, example, strings};
use std::path::{Path, PathBuf};

/// A provider of the examples in that convention, optimised, so that each function uses the registers it may.
fn compiled(name: &str, scratch: &tempfile::TempDir) -> PathBuf {
    let library = scratch.path().join(format!("{name}.so"));
    let mut command = driver(&tool(), scratch);
    let options = ["--win64", "-O2", "-Wall", "-Wextra", "-Werror", "-o"];
    command.args(options).arg(&library);
    Ended::of(command.arg(example(&format!("{name}.c")))).expect(0);
    library
}

#[track_caller]
fn carried(providers: &[PathBuf]) {
    let mut command = command(providers);
    let document = Ended::of(command.arg("--json").arg("--verify"))
        .expect(0)
        .document();
    assert_eq!(strings(&document["styles"], "style"), STYLES);
    assert_eq!(
        strings(&document["styles"], "result"),
        ["passed"; STYLES.len()]
    );
    let file = |path: &PathBuf| path.file_name().map(|name| name.to_owned());
    let levels = strings(&document["levels"], "provider");
    let levels: Vec<_> = levels
        .iter()
        .map(|name| Path::new(name).file_name().map(|name| name.to_owned()))
        .collect();
    assert_eq!(
        levels[..providers.len()],
        providers.iter().map(file).collect::<Vec<_>>()
    );
    assert_eq!(document["handles"]["leaked"], 0);
}

// U5, U6, U7, U11: both tables and all callbacks of a chain's calls in Microsoft's convention, below a program in the system's.
#[test]
fn layers_in_microsofts_convention_pass_in_every_style() {
    let scratch = folder();
    let names = ["layer_nonifs", "layer_ifs", "layer_hook"];
    carried(&names.map(|name| compiled(name, &scratch)));
}

// A layer starts the provider below it by itself, whichever convention that one has; so does the client DLL.
#[test]
fn layers_of_both_conventions_work_above_each_other() {
    let scratch = folder();
    carried(&[
        example("layer_nonifs.c"),
        compiled("layer_nonifs", &scratch),
        compiled("layer_ifs", &scratch),
        example("layer_hook.c"),
        compiled("layer_count", &scratch),
    ]);
}

// A module definition file names WSPStartup, whatever the convention.
#[test]
fn a_definition_file_exports_the_start_in_microsofts_convention() {
    let scratch = folder();
    let (definition, library) = (
        scratch.path().join("layer.def"),
        scratch.path().join("layer.so"),
    );
    std::fs::write(&definition, "EXPORTS\n  WSPStartup @1\n").expect("the file can be written");
    let mut command = driver(&tool(), &scratch);
    command
        .args(["--win64", "-o"])
        .arg(&library)
        .arg("--def")
        .arg(&definition);
    Ended::of(command.arg(example("layer_ifs.c"))).expect(0);
    let mut command = crate::command(&[library]);
    Ended::of(command.args(["--io", "blocking"])).expect(0);
}
