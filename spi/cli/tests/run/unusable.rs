//! What cannot be used at all: exit code 2, and a message that names it.

use crate::{Ended, command, example, misbehaves, misdeed};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

#[test]
fn a_source_that_does_not_compile_is_unusable_and_the_compiler_is_heard() {
    let (source, flags) = misdeed("nonsense");
    let ended = Ended::of(command(&[source]).args(["--cflags", &flags])).expect(2);
    let ended = ended
        .says("misdeeds.c: does not compile with `")
        .says("nonsense");
    assert_eq!(ended.out, "");
}

#[test]
fn a_file_that_is_not_there_is_unusable() {
    Ended::of(&mut command(&[PathBuf::from("no/such.c")]))
        .expect(2)
        .says("ws2spi: no/such.c: No such file or directory");
}

#[test]
fn a_file_that_is_no_provider_is_unusable() {
    Ended::of(&mut command(&[example("chains.h")]))
        .expect(2)
        .says("chains.h: a provider is a source (.c, .cc, .cpp, .cxx) or a compiled library");
}

#[test]
fn a_library_that_does_not_load_is_unusable_and_the_loader_is_heard() {
    let scratch = TempDir::new().expect("a scratch folder");
    let source = scratch.path().join("open.c");
    let text = "#include <ws2spi.h>\nint missing_function(void);\n\
                int WSPAPI probe(void); int WSPAPI probe(void) { return missing_function(); }\n";
    fs::write(&source, text).expect("the source can be written");
    let open = match cfg!(target_vendor = "apple") {
        true => "-Wl,-undefined,dynamic_lookup",
        false => "-Wl,-z,undefs",
    };
    // Else the compiler is heard.
    Ended::of(command(&[source]).args(["--cflags", open]))
        .expect(2)
        .says("open.c: cannot be loaded: ")
        .says("missing_function")
        .says("programs get WSAEPROVIDERFAILEDINIT (10106)");
}

#[test]
fn a_library_without_startup_is_unusable() {
    let scratch = TempDir::new().expect("a scratch folder");
    let source = scratch.path().join("empty.c");
    fs::write(&source, "int nothing;\n").expect("the source can be written");
    let ended = Ended::of(&mut command(std::slice::from_ref(&source))).expect(2);
    let expected = format!(
        "ws2spi: {}: exports no WSPStartup; programs get WSAEPROVIDERFAILEDINIT (10106)\n",
        source.display()
    );
    assert_eq!(ended.err, expected);
}

#[test]
fn a_table_with_a_null_slot_is_unusable_and_the_slot_is_named() {
    misbehaves("NULL_SLOT").expect(2).says(
        "misdeeds.c: WSPStartup left WSPGetQOSByName NULL; programs get WSAEINVALIDPROCTABLE (10104)",
    );
}

#[test]
fn another_version_is_unusable() {
    misbehaves("OLD_VERSION").expect(2).says(
        "misdeeds.c: WSPStartup offers version 1.1; only 2.2 is used; programs get \
         WSAEINVALIDPROVIDER (10105)",
    );
}

#[test]
fn a_startup_that_fails_is_unusable_and_its_code_is_named() {
    misbehaves("FAILED_START").expect(2).says(
        "misdeeds.c: WSPStartup failed with WSASYSNOTREADY (10091): the network subsystem is not \
         ready; if it looks for its own catalog entry, --guid says by which GUID; programs get \
         WSAEPROVIDERFAILEDINIT (10106)",
    );
}

#[test]
fn an_unusable_provider_gives_a_document_on_request() {
    let (source, flags) = misdeed("NULL_SLOT");
    let ended = Ended::of(command(&[source]).args(["--cflags", &flags, "--json"])).expect(2);
    let document = ended.document();
    assert_eq!(document["verdict"], "unusable");
    assert_eq!(document["exit_code"], 2);
    let error = document["error"].as_str().expect("a text");
    assert!(error.contains("WSPGetQOSByName"), "{error}");
}

#[test]
fn too_many_providers_are_refused() {
    let paths = vec![example("layer_hook.c"); 7];
    Ended::of(&mut command(&paths))
        .expect(2)
        .says("7 providers do not fit into one chain");
}

#[test]
fn a_wrong_argument_is_refused_with_the_same_exit_code() {
    let paths = [example("layer_hook.c")];
    Ended::of(command(&paths).arg("--handles=both"))
        .expect(2)
        .says("possible values");
    Ended::of(command(&paths).env("WS2SPI_SEED", "x"))
        .expect(2)
        .says("the seed is a number");
}
