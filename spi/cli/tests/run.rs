//! `ws2spi run` from outside: the real program on real providers, good and bad; exit codes, messages
//! and the document.

use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A provider of the examples.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/c")
        .join(name)
}

/// The layer that does what it should not, and the flags that say what.
fn misdeed(what: &str) -> (PathBuf, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misdeeds.c");
    let folder = example("");
    let flags = format!(
        "-I{} -Wall -Wextra -Werror -DMISDEED={what}",
        folder.display()
    );
    (source, flags)
}

/// The families that this machine has.
fn families() -> &'static [&'static str] {
    match TcpListener::bind("[::1]:0") {
        Ok(_) => &["IPv4", "IPv6"],
        Err(_) => &["IPv4"],
    }
}

/// `ws2spi run` with little traffic.
fn command(providers: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    command.arg("run").args(providers);
    command.args(["--bytes", "600K", "--datagrams", "300"]);
    if families().len() == 1 {
        command.arg("--ipv4-only");
    }
    command
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the tool starts");
        Self {
            code: status.code(),
            out: String::from_utf8(stdout).expect("the output is UTF-8"),
            err: String::from_utf8(stderr).expect("the messages are UTF-8"),
        }
    }

    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{}\n{}", self.out, self.err);
        self
    }

    /// The report on standard output, or the message on standard error, on one line.
    #[track_caller]
    fn says(self, what: &str) -> Self {
        let all = format!("{} {}", self.out, self.err);
        let line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(what), "{what:?} is missing:\n{all}");
        self
    }

    /// As [`says`](Self::says), one of several.
    #[track_caller]
    fn says_one_of(self, what: &[&str]) -> Self {
        let all = format!("{} {}", self.out, self.err);
        let line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        let found = what.iter().any(|what| line.contains(what));
        assert!(found, "none of {what:?} is there:\n{all}");
        self
    }

    #[track_caller]
    fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}", self.out))
    }
}

#[track_caller]
fn passed(providers: &[&str]) -> Value {
    let paths: Vec<PathBuf> = providers.iter().map(|name| example(name)).collect();
    let ended = Ended::of(command(&paths).arg("--json")).expect(0);
    let document = ended.document();
    assert_eq!(ended.err, "");
    assert_eq!(document["verdict"], "passed");
    let names: Vec<&str> = strings(&document["levels"], "provider");
    let below = names.len() - 1;
    assert_eq!(
        &names[..below],
        providers,
        "one level each, the first on top"
    );
    assert_eq!(names[below], "base");
    document
}

fn strings<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .filter_map(|item| item[field].as_str())
        .collect()
}

fn calls(document: &Value, level: usize, direction: &str, function: &str) -> u64 {
    document["levels"][level][direction][function]["calls"]
        .as_u64()
        .unwrap_or(0)
}

/// A run of the misdeed by blocking calls, the style in which most of them show.
#[track_caller]
fn misbehaves(what: &str) -> Ended {
    let (source, flags) = misdeed(what);
    let mut command = command(&[source]);
    Ended::of(command.args(["--cflags", &flags, "--timeout", "30", "--io", "blocking"]))
}

/// The styles of I/O, in the order in which a run takes them.
const STYLES: [&str; 3] = ["blocking", "nonblocking", "select"];

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
fn the_document_holds_every_documented_field() {
    let paths = [example("layer_ifs.c")];
    let mut command = command(&paths);
    let ended = Ended::of(command.args(["--json", "--seed", "7", "--connections", "3"])).expect(0);
    let document = ended.document();
    let fields: Vec<&String> = document.as_object().expect("an object").keys().collect();
    let mut expected = [
        "format",
        "tool",
        "verdict",
        "exit_code",
        "failures",
        "error",
        "seed",
        "seconds",
        "providers",
        "chains",
        "styles",
        "traffic",
        "levels",
        "handles",
        "findings",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(document["format"], 1);
    assert_eq!(document["seed"], 7);
    let traffic = document["traffic"].as_array().expect("a list");
    let over = |transport| families().iter().map(move |family| (transport, *family));
    let legs: Vec<_> = ["TCP", "UDP"].into_iter().flat_map(over).collect();
    assert_eq!(traffic.len(), STYLES.len() * legs.len());
    assert_eq!(strings(&document["styles"], "style"), STYLES);
    assert_eq!(document["styles"][1]["traffic"][0], traffic[legs.len()]);
    for (index, leg) in traffic.iter().enumerate() {
        let (transport, family) = legs[index % legs.len()];
        assert_eq!(leg["style"], STYLES[index / legs.len()]);
        assert_eq!(
            (&leg["transport"], &leg["family"]),
            (&transport.into(), &family.into())
        );
        assert_eq!(leg["connections"], 3);
        match transport {
            "TCP" => assert_eq!(leg["bytes"], 600 << 10),
            _ => assert_eq!(leg["datagrams"], 300),
        }
        assert!(
            leg["bytes_per_second"]
                .as_f64()
                .is_some_and(|rate| rate > 0.0),
            "{leg}"
        );
        assert!(
            leg["operations"].as_u64().is_some_and(|count| count > 0),
            "{leg}"
        );
        assert_eq!(leg["failure"], Value::Null);
    }
    assert_eq!(document["handles"]["leaked"], 0);
    assert_eq!(
        document["handles"]["sockets_left_open"],
        Value::Array(Vec::new())
    );
    assert_eq!(
        document["chains"].as_array().map(Vec::len),
        Some(legs.len())
    );
}

/// The style of that name in a document.
#[track_caller]
fn style<'a>(document: &'a Value, name: &str) -> &'a Value {
    let styles = document["styles"].as_array().map_or(&[][..], Vec::as_slice);
    let style = styles.iter().find(|style| style["style"] == name);
    style.unwrap_or_else(|| panic!("there is no {name} in {document:#}"))
}

#[test]
fn each_style_of_io_passes_and_counts_its_own_calls() {
    let document = passed(&["layer_nonifs.c"]);
    assert_eq!(strings(&document["styles"], "style"), STYLES);
    assert_eq!(strings(&document["styles"], "result"), ["passed"; 3]);
    let calls = |name, function: &str| calls(style(&document, name), 0, "procedures", function);
    assert_eq!(calls("blocking", "WSPSelect"), 0);
    assert!(calls("select", "WSPSelect") > 0);
    // WSAPoll asks with an ioctl.
    assert_eq!(calls("blocking", "WSPIoctl"), 0);
    assert!(calls("nonblocking", "WSPIoctl") > calls("select", "WSPIoctl"));
    for name in STYLES {
        assert!(calls(name, "WSPSend") > 0, "{name}");
        assert_eq!(style(&document, name)["handles"]["leaked"], 0, "{name}");
        let levels = &style(&document, name)["levels"];
        assert_eq!(strings(levels, "provider"), ["layer_nonifs.c", "base"]);
    }
}

#[test]
fn only_the_styles_that_were_asked_for_are_tried() {
    let paths = [example("layer_ifs.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--io", "select,blocking"]))
        .expect(0)
        .document();
    assert_eq!(
        strings(&document["styles"], "style"),
        ["blocking", "select"]
    );
}

#[test]
fn a_style_that_does_not_exist_is_refused_and_the_others_are_named() {
    let paths = [example("layer_ifs.c")];
    Ended::of(command(&paths).args(["--io", "polling"]))
        .expect(2)
        .says("invalid value 'polling' for '--io <STYLE>'")
        .says(&STYLES.join(", "));
}

#[test]
fn more_connections_than_a_set_of_sockets_holds_are_carried_at_once() {
    let paths = [example("layer_hook.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--connections", "70"]))
        .expect(0)
        .document();
    for leg in document["traffic"].as_array().expect("a list") {
        assert_eq!(leg["connections"], 70);
        let verified = [leg["bytes"] == 600 << 10, leg["datagrams"] == 300];
        assert_ne!(verified, [false, false], "{leg}");
    }
}

#[test]
fn with_a_time_as_much_is_sent_as_the_time_allows() {
    let paths = [example("layer_nonifs.c")];
    let mut command = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    command
        .arg("run")
        .args(&paths)
        .args(["--seconds", "1", "--json"]);
    if families().len() == 1 {
        command.arg("--ipv4-only");
    }
    let document = Ended::of(&mut command).expect(0).document();
    let traffic = document["traffic"].as_array().expect("a list");
    for leg in traffic {
        let share = 1.0 / (2 * families().len()) as f64;
        assert!(leg["seconds"].as_f64() >= Some(share), "{leg}");
        assert!(leg["bytes"].as_u64() > Some(0), "{leg}");
    }
}

#[test]
fn a_style_that_a_layer_refuses_is_reported_and_fails_only_when_asked_for() {
    let (source, flags) = misdeed("NO_SELECT");
    let run = |more: &[&str]| {
        let mut command = command(std::slice::from_ref(&source));
        Ended::of(command.args(["--cflags", &flags, "--json"]).args(more))
    };
    let document = run(&[]).expect(0).document();
    let refused = style(&document, "select");
    assert_eq!(refused["result"], "not supported");
    assert_eq!(refused["unsupported"][0]["function"], "select");
    assert_eq!(refused["unsupported"][0]["error"], "WSAEOPNOTSUPP");
    assert_eq!(refused["unsupported"][0]["provider"], "misdeeds.c");
    let document = run(&["--io", "select"]).expect(1).document();
    let failure = document["failures"][0].as_str().expect("a text");
    assert!(
        failure.starts_with(
            "TCP over IPv4, select: not supported by misdeeds.c: select failed with WSAEOPNOTSUPP"
        ),
        "{failure}"
    );
}

#[test]
fn the_same_seed_repeats_the_same_sends() {
    let sends = || {
        let paths = [example("layer_hook.c")];
        let mut command = command(&paths);
        command.env("WS2SPI_SEED", "99").arg("--json");
        let document = Ended::of(&mut command).expect(0).document();
        assert_eq!(document["seed"], 99);
        let datagrams = document["traffic"].as_array().expect("a list").iter();
        let bytes: Vec<u64> = datagrams.filter_map(|leg| leg["bytes"].as_u64()).collect();
        bytes
    };
    assert_eq!(sends(), sends());
}

#[test]
fn a_catalog_that_the_environment_names_is_left_alone() {
    let scratch = TempDir::new().expect("a scratch folder");
    let catalog = scratch.path().join("catalog.json");
    let paths = [example("layer_hook.c")];
    Ended::of(command(&paths).env("WS2SPI_CATALOG", &catalog))
        .expect(0)
        .says("Verdict passed");
    assert!(!catalog.exists());
}

#[test]
fn scratch_files_are_gone_afterwards() {
    let scratch = TempDir::new().expect("a scratch folder");
    let paths = [example("layer_hook.c")];
    Ended::of(command(&paths).env("TMPDIR", scratch.path())).expect(0);
    let (source, flags) = misdeed("CRASH");
    let mut crashing = command(&[source]);
    Ended::of(
        crashing
            .args(["--cflags", &flags])
            .env("TMPDIR", scratch.path()),
    )
    .expect(1);
    let left = fs::read_dir(scratch.path())
        .expect("the folder is there")
        .count();
    assert_eq!(left, 0);
}

#[test]
fn an_ifs_layer_above_one_that_mints_is_explained() {
    let paths = [example("layer_ifs.c"), example("layer_nonifs.c")];
    Ended::of(&mut command(&paths))
        .expect(1)
        .says("the chain gives no socket for TCP over IPv4: WSAEINVAL (10022)")
        .says("layer_ifs.c is an IFS layer above layer_nonifs.c, which mints its handles");
}

#[test]
fn a_correct_layer_of_the_misdeeds_passes() {
    misbehaves("NONE").expect(0);
}

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
    Ended::of(&mut command(&[source]))
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
         ready; programs get WSAEPROVIDERFAILEDINIT (10106)",
    );
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

#[test]
fn the_help_documents_the_exit_codes_and_the_environment() {
    let mut help = Command::new(env!("CARGO_BIN_EXE_ws2spi"));
    Ended::of(help.args(["run", "--help"]))
        .expect(0)
        .says("Exit codes: 0 passed: everything held 1 failed: ")
        .says("Environment: CC, CXX the compilers CFLAGS, CXXFLAGS flags for them WS2SPI_SEED");
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
        .says("misdeeds.c: the compiler `no-such-compiler -x` cannot be run: ");
}

#[test]
fn a_run_without_supervisor_gives_the_same_report() {
    let paths = [example("layer_hook.c")];
    let mut command = command(&paths);
    let document = Ended::of(command.args(["--json", "--in-process"]))
        .expect(0)
        .document();
    assert_eq!(document["verdict"], "passed");
}

#[test]
fn a_layer_that_gives_no_sockets_fails() {
    misbehaves("NO_SOCKETS")
        .expect(1)
        .says("WSPSocket failed with WSAEMFILE (10024)");
}

#[test]
fn a_changed_byte_fails_and_is_shown() {
    // Which byte it hits depends on the threads: one of the data, or of the number a stream begins with.
    misbehaves("CHANGED_BYTE")
        .expect(1)
        .says_one_of(&["sent was 0x", "no number of a connection"])
        .says("Verdict failed");
}

#[test]
fn lost_bytes_fail() {
    misbehaves("LOST_DATA")
        .expect(1)
        .says("TCP over IPv4, ")
        .says("Verdict failed");
}

#[test]
fn a_lost_datagram_fails_and_is_numbered() {
    misbehaves("LOST_DATAGRAM")
        .expect(1)
        .says("did not come within 5000 ms");
}

#[test]
fn a_count_that_cannot_be_fails_and_is_a_finding() {
    misbehaves("TOO_MANY_SENT")
        .expect(1)
        .says("Findings 1 misdeeds.c: WSPSend: reported");
}

#[test]
fn sockets_that_stay_open_fail() {
    misbehaves("SOCKET_LEFT_OPEN")
        .expect(1)
        .says("sockets left open, of base");
}

#[test]
fn handles_that_leak_fail_and_are_counted_by_kind() {
    let ended = misbehaves("EVENT_LEFT_OPEN").expect(1);
    ended
        .says("handles leaked; open after the last WSACleanup: ")
        .says(" events");
}

#[test]
fn a_crash_fails_and_the_function_is_named() {
    misbehaves("CRASH")
        .expect(1)
        .says("a provider crashed the process with SIGSEGV, while carrying TCP over IPv4 by blocking I/O, in WSPSend of misdeeds.c");
}

#[test]
fn a_crash_at_the_start_fails_and_the_provider_is_named() {
    misbehaves("CRASH_AT_START")
        .expect(1)
        .says("with SIGSEGV, while starting misdeeds.c alone, in WSPStartup of misdeeds.c");
}

#[test]
fn a_provider_that_ends_the_process_does_not_pass() {
    misbehaves("EXIT")
        .expect(1)
        .says("a provider ended the process with exit code 0, while carrying");
}

#[test]
fn a_hang_is_cut_after_the_timeout_and_its_place_is_named() {
    let (source, flags) = misdeed("HANG");
    let mut command = command(&[source]);
    let ended =
        Ended::of(command.args(["--cflags", &flags, "--timeout", "10", "--json"])).expect(1);
    let document = ended.document();
    assert_eq!(document["verdict"], "failed");
    let failures = document["failures"].as_array().expect("a list");
    assert_eq!(
        failures[0],
        "hung: not done within 10 s, while carrying TCP over IPv4 by blocking I/O"
    );
    let hangs = |failure: &Value| {
        let text = failure.as_str().unwrap_or_default();
        text.contains(": in send for ") && text.ends_with(" s, WSPSend of misdeeds.c")
    };
    assert!(failures.iter().any(hangs), "{failures:#?}");
    assert!(document["levels"][0]["procedures"]["WSPSend"]["calls"].as_u64() > Some(0));
}

#[test]
fn a_hang_at_the_start_is_cut_too() {
    let (source, flags) = misdeed("HANG_AT_START");
    Ended::of(command(&[source]).args(["--cflags", &flags, "--timeout", "8"]))
        .expect(1)
        .says("hung: not done within 8 s, while starting misdeeds.c alone");
}
