//! The driver on small sources of Windows' kind.

use super::*;
use tempfile::TempDir;

/// A scratch folder with files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for (name, text) in files {
        let path = scratch.path().join(name);
        let parent = path.parent().expect("it lies in the folder");
        fs::create_dir_all(parent).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }
    scratch
}

fn driven(arguments: &[&Path], options: &[&str]) -> Exit {
    let paths = arguments.iter().map(OsString::from);
    let all: Vec<OsString> = paths.chain(options.iter().map(OsString::from)).collect();
    main(&all)
}

const SOURCE: &str = "#include <WinSock2.h>\n#include <Ws2spi.h>\n#include \"..\\Common\\shared.h\"\n\
    void Plain(void) {}\n\
    void *address() { void *p; p = (void *)0; __try { p = Plain; } __except (1) { p = 0; } return p; }\n\
    int hidden = SHARED;\n";

// provider-sources.md section 3, traps 5, 8, 9 and 11.
#[test]
fn source_of_windows_becomes_a_library_with_the_defined_names() {
    let scratch = folder(&[
        ("lsp/a.cpp", SOURCE),
        ("common/Shared.h", "#define SHARED sizeof(L\"ab\")\n"),
        (
            "lsp/a.def",
            "LIBRARY a\r\nEXPORTS ; names\r\n  Plain @1\r\n  Other = Plain PRIVATE\r\n",
        ),
    ]);
    let at = |name: &str| scratch.path().join(name);
    let (source, library) = (at("lsp/a.cpp"), at("a.so"));
    let output = format!("-o{}", library.display());
    let definition = format!("--def={}", at("lsp/a.def").display());
    for compiler in ["g++", "clang++"] {
        if Command::new(compiler).arg("--version").output().is_err() {
            continue;
        }
        let cxx = format!("--cxx={compiler}");
        let exit = driven(&[&source], &[&output, &definition, &cxx, "-w"]);
        assert_eq!(exit, Exit::Passed, "{compiler}");
        let names = Command::new("nm")
            .arg("-g")
            .arg("--defined-only")
            .arg(&library)
            .output();
        let names = String::from_utf8_lossy(&names.expect("nm runs").stdout).into_owned();
        assert!(
            names.contains(" Plain\n") || names.contains(" _Plain\n"),
            "{names}"
        );
        assert!(
            names.contains("Other") && !names.contains("hidden"),
            "{names}"
        );
    }
}

#[test]
fn a_definition_file_says_what_is_exported() {
    let text = "LIBRARY x\nEXPORTS\n one\n two=inside @2 NONAME\n three = four DATA ; five\nSECTIONS\n six\n";
    let pairs = [("one", "one"), ("two", "inside"), ("three", "four")];
    let exports = pairs.map(|(name, own)| (name.to_owned(), own.to_owned()));
    assert_eq!(Definition::parse(text).exports, exports);
}

#[test]
fn one_spelling_cannot_mean_two_files() {
    let text = "#include \"..\\x.h\"\n";
    let scratch = folder(&[
        ("a/b/1.c", text),
        ("a/x.h", ""),
        ("c/d/2.c", text),
        ("c/x.h", ""),
    ]);
    let sources = ["a/b/1.c", "c/d/2.c"].map(|name| scratch.path().join(name));
    let target = includes::folder(scratch.path());
    let forwarded = includes::forward(&sources, &[], Path::new("/nowhere"), &target);
    assert!(forwarded.is_err_and(|error| error.spelling == "..\\x.h"));
}

#[test]
fn a_bad_source_fails_and_a_bad_line_is_unusable() {
    let scratch = folder(&[("bad.c", "int x = ;\n")]);
    let source = scratch.path().join("bad.c");
    let object = format!("-o{}", scratch.path().join("bad.o").display());
    assert_eq!(driven(&[&source], &["-c", &object]), Exit::Failed);
    assert_eq!(driven(&[], &["-v"]), Exit::Unusable);
    assert_eq!(driven(&[&source], &["-o"]), Exit::Unusable);
    assert_eq!(
        driven(&[&source], &["-c", "--cc=no-such-compiler"]),
        Exit::Unusable
    );
}
