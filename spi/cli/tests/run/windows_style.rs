//! The sources of `tests/c/windows-style`: they have what they say, compile as they are, run, and install themselves.

use crate::driver::{driver, folder, tool};
use crate::{Ended, STYLES, example, plain_command};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn source(name: &str) -> PathBuf {
    example("windows-style").join(name)
}

/// The IFS layer, compiled.
fn layer(scratch: &TempDir, options: &[&str]) -> PathBuf {
    let library = scratch.path().join("ifs.so");
    let mut command = driver(&tool(), scratch);
    for file in ["Context", "Memory", "Provider", "Statistics", "Trace"] {
        command.arg(source(&format!("Common/{file}.cpp")));
    }
    command
        .arg(source("Ifs/Ifs.cpp"))
        .arg("--def")
        .arg(source("Ifs/ifs.def"));
    command
        .arg("-I")
        .arg(source("Common"))
        .arg("-o")
        .arg(&library);
    let ended = Ended::of(command.args(["-Wall", "-Werror"]).args(options)).expect(0);
    assert_eq!(ended.err, "");
    library
}

// provider-sources.md sections 2 and 3: each construct occurs where the table says.
#[test]
fn each_construct_is_in_the_file_beside_it() {
    let table = fs::read_to_string(source("README.md")).expect("it is there");
    let rows = table.lines().filter_map(|line| {
        let (construct, file) = line.strip_prefix("| `")?.rsplit_once("` | ")?;
        let file = file.strip_suffix(" |")?;
        file.contains('.').then_some((construct, file))
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 80, "the table is read");
    for (construct, file) in rows {
        let text = fs::read_to_string(source(file)).expect("the file is there");
        assert!(text.contains(construct), "{construct} is not in {file}");
    }
}

/// A run of layers with little traffic passes in each style.
#[track_caller]
fn expect_all_styles(layers: &[PathBuf]) {
    let mut command = plain_command(layers);
    command.env("LSP_STATISTICS", "1");
    let ended =
        Ended::of(command.args(["--bytes", "100K", "--datagrams", "50", "--json"])).expect(0);
    let document = ended.document();
    for (index, style) in STYLES.into_iter().enumerate() {
        assert_eq!(document["styles"][index]["style"], style);
        assert_eq!(document["styles"][index]["result"], "passed", "{style}");
    }
    for said in ["WSPStartup: ", "sockets opened: "] {
        assert!(ended.err.contains(said), "{}", ended.err);
    }
}

/// The other compiler, where it is installed.
fn clang() -> &'static [&'static str] {
    &["--cxx=clang++"][..usize::from(crate::driver::has("clang++"))]
}

/// The non-IFS layer with a window thread, compiled.
fn non_ifs_layer(scratch: &TempDir, options: &[&str]) -> PathBuf {
    let library = scratch.path().join("nonifs.so");
    let mut command = driver(&tool(), scratch);
    for file in ["Memory", "Provider", "Trace"] {
        command.arg(source(&format!("Common/{file}.cpp")));
    }
    for file in [
        "Async",
        "Extension",
        "NonIfs",
        "Overlap",
        "Select",
        "Sockets",
        "Transfer",
    ] {
        command.arg(source(&format!("NonIfs/{file}.cpp")));
    }
    command.arg("--def").arg(source("NonIfs/nonifs.def"));
    command.arg("-I").arg(source("Common"));
    command.args(options).arg("-w").arg("-o").arg(&library);
    Ended::of(&mut command).expect(0);
    library
}

#[test]
fn the_layers_carry_all_styles_as_unicode_builds() {
    let scratch = folder();
    let unicode = ["-DUNICODE", "-D_UNICODE", "-g"];
    let ifs = layer(&scratch, &unicode);
    expect_all_styles(&[non_ifs_layer(&scratch, &unicode), ifs]);
}

/// These cases of the check come to nothing but what is known of such a layer, and break no rule.
#[track_caller]
fn expect_check(layer: &Path, kind: &str, cases: &[&str]) {
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/exceptions.toml");
    let mut check = Command::new(tool());
    check.arg("check").arg(layer).arg("--known").arg(known);
    check.args(["--known-as", kind, "--jobs", "4"]);
    check.args(cases.iter().flat_map(|case| ["--filter", case]));
    Ended::of(&mut check).expect(0).says("Verdict passed");
}

// All 640 cases pass too; these are what differs most from layer to layer.
#[test]
fn the_ifs_layer_passes_the_check_as_ansi_build() {
    let scratch = folder();
    let layer = layer(&scratch, clang());
    expect_check(&layer, "ifs", &["create::", "duplicate::", "select::"]);
}

#[test]
fn the_non_ifs_layer_passes_the_check_as_ansi_build() {
    let scratch = folder();
    let cases = [
        "accept_events::an_accepted",
        "duplicate::",
        "ioctls::",
        "overlapped_ports::a_success",
        "overlapped_receive::",
        "select::",
    ];
    expect_check(&non_ifs_layer(&scratch, clang()), "nonifs", &cases);
}

/// The base provider over a device, with its driver, compiled.
fn device_base(scratch: &TempDir) -> PathBuf {
    let library = scratch.path().join("dgram.so");
    let mut command = driver(&tool(), scratch);
    for file in ["Base", "Driver", "Readiness", "Transfer"] {
        command.arg(source(&format!("Base/{file}.c")));
    }
    command.arg("--def").arg(source("Base/base.def"));
    command.args(["-Wall", "-Wextra", "-Werror"]);
    Ended::of(command.arg("-o").arg(&library)).expect(0);
    library
}

// UDP over IPv4, by handles of the device: the system ends overlapped calls itself.
#[test]
fn the_base_over_a_device_passes_the_check_of_datagrams() {
    let scratch = folder();
    let mut check = Command::new(tool());
    check.arg("check").arg("--base").arg(device_base(&scratch));
    let cases = [
        "file_handles::",
        "overlapped_",
        "poll::",
        "receive_datagram::a_datagram",
        "select::",
    ];
    check.args(cases.iter().flat_map(|case| ["--filter", case]));
    let document = Ended::of(check.args(["--jobs", "4", "--json"]))
        .expect(0)
        .document();
    assert_eq!(document["base"]["handles"], "system");
    let protocols = serde_json::json!(["UDP/IP"]);
    assert_eq!(document["base"]["protocols"], protocols);
    let passed = document["counts"]["passed"].as_u64();
    assert!(passed >= Some(20), "{}", document["counts"]);
}

const MODULE: &str = "#include <Windows.h>\n\
    void GetLspGuid(GUID *id) { static const GUID own = {0xc3a6c2d4, 0x55f1, 0x4b0c, \
    {0x8a, 0x53, 0x19, 0xb2, 0xe5, 0xd0, 0xa7, 0xf0}}; *id = own; }\n";

/// What the installer says with these arguments.
fn installer(program: &Path, scratch: &TempDir, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("WS2SPI_CATALOG", scratch.path().join("catalog"));
    Ended::of(&mut command).expect(0).out
}

#[test]
fn the_installer_installs_and_removes_the_layer() {
    let scratch = folder();
    let (layer, program) = (
        scratch.path().join("layer.so"),
        scratch.path().join("install"),
    );
    // All that it asks of a module.
    let module = scratch.path().join("layer.c");
    fs::write(&module, MODULE).expect("the file can be written");
    Ended::of(driver(&tool(), &scratch).arg(module).arg("-o").arg(&layer)).expect(0);
    let mut cc = driver(&tool(), &scratch);
    cc.arg(source("Install/Install.c"))
        .arg(source("Install/Report.c"))
        .args(["-Wall", "-Werror", "-lws2_32", "-lrpcrt4"]);
    Ended::of(cc.arg("-o").arg(&program)).expect(0);
    let before = installer(&program, &scratch, &["-p"]);
    let path = layer.to_str().expect("a path in UTF-8");
    installer(&program, &scratch, &["-i", "-h", path, "my layer"]);
    let listed = installer(&program, &scratch, &["-p"]);
    assert!(
        listed.contains(" 0 c3a6c2d4-55f1-4b0c-8a53-19b2e5d0a7f0 my layer\n"),
        "{listed}"
    );
    let first: Vec<_> = listed.lines().take(4).collect();
    assert!(
        first
            .iter()
            .all(|line| line.contains(" 2 ") && line.contains("my layer over [")),
        "{listed}"
    );
    let told = installer(&program, &scratch, &["-v"]);
    let layer_itself = "{C3A6C2D4-55F1-4B0C-8A53-19B2E5D0A7F0} layer.so\n";
    for said in ["WSCUpdateProvider32: yes\n", "host: ", layer_itself] {
        assert!(told.contains(said), "{said}:\n{told}");
    }
    installer(&program, &scratch, &["-r", path]);
    assert_eq!(installer(&program, &scratch, &["-p"]), before);
}
