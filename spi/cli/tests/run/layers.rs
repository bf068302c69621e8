//! Good layers: each kind alone, stacks of them, and how they are compiled.

use crate::{Ended, STYLES, calls, command, example, misdeed, passed, strings};
use serde_json::Value;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn a_non_ifs_layer_passes_and_is_found_to_mint_its_handles() {
    let document = passed(&["layer_nonifs.c"]);
    assert_eq!(document["providers"][0]["handles"], "minted");
    let minted = calls(&document, 0, "upcalls", "WPUCreateSocketHandle");
    assert!(minted > 0);
    assert_eq!(
        calls(&document, 0, "upcalls", "WPUCloseSocketHandle"),
        minted
    );
    // The upcalls of the base are not counted again at the layer that handed it the table.
    assert_eq!(calls(&document, 0, "upcalls", "WPUModifyIFSHandle"), 0);
    assert_eq!(calls(&document, 1, "upcalls", "WPUModifyIFSHandle"), minted);
    assert_eq!(calls(&document, 1, "upcalls", "WPUCreateSocketHandle"), 0);
}

#[test]
fn an_ifs_layer_passes_and_is_found_to_hand_out_system_handles() {
    let document = passed(&["layer_ifs.c"]);
    assert_eq!(document["providers"][0]["handles"], "system");
    let sockets = calls(&document, 1, "upcalls", "WPUModifyIFSHandle");
    assert!(sockets > 0);
    assert_eq!(
        calls(&document, 0, "upcalls", "WPUModifyIFSHandle"),
        sockets
    );
}

#[test]
fn a_hook_layer_passes_and_sees_the_calls_it_patches() {
    let document = passed(&["layer_hook.c"]);
    assert!(calls(&document, 0, "procedures", "WSPSend") > 0);
    assert_eq!(
        document["levels"][0]["upcalls"],
        Value::Object(serde_json::Map::new())
    );
}

#[test]
fn a_counting_layer_passes() {
    let document = passed(&["layer_count.c"]);
    assert!(calls(&document, 0, "procedures", "WSPRecvFrom") > 0);
}

#[test]
fn two_layers_stack_with_the_first_on_top() {
    let document = passed(&["layer_nonifs.c", "layer_ifs.c"]);
    let top = &document["chains"][0]["levels"];
    assert_eq!(
        strings(top, "provider"),
        ["layer_nonifs.c", "layer_ifs.c", "base"]
    );
    for level in 0..3 {
        assert_eq!(
            calls(&document, level, "procedures", "WSPConnect"),
            calls(&document, 0, "procedures", "WSPConnect")
        );
    }
}

#[test]
fn three_layers_stack() {
    passed(&["layer_hook.c", "layer_nonifs.c", "layer_count.c"]);
}

#[test]
fn one_source_stacks_on_itself_as_two_modules() {
    let paths = [example("layer_nonifs.c"), example("layer_nonifs.c")];
    let document = Ended::of(command(&paths).arg("--json"))
        .expect(0)
        .document();
    let names = strings(&document["levels"], "provider");
    assert_eq!(names, ["layer_nonifs.c", "layer_nonifs.c #2", "base"]);
    let counted = |level| calls(&document, level, "procedures", "WSPSend");
    assert_eq!((counted(0), counted(1)), (counted(2), counted(2)));
}

#[test]
fn a_compiled_library_is_taken_as_it_is_and_twice() {
    let scratch = TempDir::new().expect("a scratch folder");
    let library = scratch.path().join("mine.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c11", "-fPIC", "-shared", "-fshort-wchar", "-pthread"]);
    if cfg!(target_vendor = "apple") {
        compiler.arg("-Wl,-undefined,dynamic_lookup");
    }
    compiler.arg("-I").arg(example("../../spi/include"));
    compiler
        .arg("-o")
        .arg(&library)
        .arg(example("layer_nonifs.c"));
    assert!(compiler.status().expect("there is a C compiler").success());
    let paths = [library.clone(), library.clone()];
    let document = Ended::of(command(&paths).arg("--json"))
        .expect(0)
        .document();
    let module = library.canonicalize().expect("it is there");
    assert_eq!(
        document["providers"][0]["module"],
        module.to_str().expect("a path in UTF-8")
    );
    assert_eq!(document["providers"][1]["name"], "mine.so #2");
}

#[test]
fn a_provider_in_cxx_is_compiled_as_such() {
    let scratch = TempDir::new().expect("a scratch folder");
    let source = scratch.path().join("layer.cpp");
    let text = "#include <ws2spi.h>\n\
                namespace { constexpr auto code = WSAEPROCLIM; }\n\
                extern \"C\" int WSPAPI WSPStartup(WORD, LPWSPDATA, LPWSAPROTOCOL_INFOW,\n\
                WSPUPCALLTABLE, LPWSPPROC_TABLE) { return code; }\n";
    fs::write(&source, text).expect("the source can be written");
    Ended::of(&mut command(&[source]))
        .expect(2)
        .says("layer.cpp: WSPStartup failed with WSAEPROCLIM (10067)");
}

#[test]
fn the_compiler_and_its_flags_come_from_the_environment() {
    let (source, flags) = misdeed("NO_SOCKETS");
    let mut with_flags = command(std::slice::from_ref(&source));
    Ended::of(with_flags.env("CFLAGS", &flags))
        .expect(1)
        .says("WSAEMFILE");
    Ended::of(command(&[source]).env("CC", "no-such-compiler -x"))
        .expect(2)
        .says("misdeeds.c: the compiler `no-such-compiler -x` cannot be run: ")
        .says("; --cc or CC names another");
}

// U51 refuses a minted handle to an IFS layer, so it goes where the installer of Microsoft's samples puts it.
#[test]
fn an_ifs_layer_that_is_named_above_one_that_mints_goes_below_it() {
    let paths = [example("layer_ifs.c"), example("layer_nonifs.c")];
    let document = Ended::of(command(&paths).arg("--json"))
        .expect(0)
        .document();
    let below = ["layer_nonifs.c", "layer_ifs.c", "base"];
    for chain in document["chains"].as_array().expect("a list") {
        assert_eq!(strings(&chain["levels"], "provider"), below);
    }
    assert_eq!(strings(&document["levels"], "provider"), below);
    assert_eq!(strings(&document["providers"], "name"), below[..2]);
    assert_eq!(
        strings(&document["providers"], "handles"),
        ["minted", "system"]
    );
    let note = "layer_ifs.c was put below layer_nonifs.c: an IFS layer hands out handles of the \
                system, so no layer below it may mint its own";
    assert_eq!(document["notes"], Value::from(vec![note]));
    assert_eq!(
        strings(&document["styles"], "result"),
        ["passed"; STYLES.len()]
    );
    assert_eq!(document["at_once"]["styles"], Value::from(STYLES.to_vec()));
    assert_eq!(document["at_once"]["result"], "passed");
    assert_eq!(document["handles"]["leaked"], 0);
}

#[test]
fn a_hook_layer_works_above_one_that_mints_and_stays_there() {
    let document = passed(&["layer_hook.c", "layer_nonifs.c"]);
    assert_eq!(document["notes"], Value::Array(Vec::new()));
}
