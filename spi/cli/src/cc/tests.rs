//! The driver on small sources of Windows' kind.

use super::*;
use std::os::unix::net::UnixListener;
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
fn only_a_file_is_taken_back() {
    let scratch = folder(&[("file", "")]);
    let at = |name: &str| scratch.path().join(name);
    let _socket = UnixListener::bind(at("socket")).expect("it can be made");
    for name in ["file", "socket", "nothing"] {
        take_back(&at(name));
    }
    assert!(!at("file").exists() && at("socket").exists());
}

#[test]
fn what_the_user_says_of_colors_comes_after_ours() {
    let line = lined(&["-fdiagnostics-color=never", "a.c"]);
    let places = Places {
        include: PathBuf::from("include"),
        forwarding: PathBuf::from("forwarding"),
        colored: true,
    };
    let itself = Translated::unchanged(Path::new("a.c"));
    let command = compilation(&line, &line.sources[0], &itself, &places, "cc");
    let words: Vec<_> = command.get_args().collect();
    let place = |option: &str| words.iter().position(|word| *word == option);
    let (ours, own) = (
        place("-fdiagnostics-color=always"),
        place("-fdiagnostics-color=never"),
    );
    assert!(ours.is_some() && ours < own, "{words:?}");
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

fn lined(words: &[&str]) -> Line {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    Line::parse(&words).expect("no value is missing")
}

#[test]
fn nothing_to_compile_is_unusable_and_other_languages_are_the_compilers() {
    let scratch = folder(&[
        ("asm.S", "#ifndef WANTED\n#error\n#endif\n"),
        ("typo.cpq", "int x;\n"),
        ("said.txt", "class Named {};\n"),
        (
            "made.i",
            "int f(void) { return sizeof L'x' == 2 ? 0 : 1; }\n",
        ),
    ]);
    let at = |name: &str| scratch.path().join(name);
    let object = format!("-o{}", at("x.o").display());
    let compiled = |name: &str, options: &[&str]| {
        let _ = fs::remove_file(at("x.o"));
        let all: Vec<&str> = options.iter().chain(&[&*object]).copied().collect();
        let last = at(name).display().to_string();
        let words: Vec<OsString> = all
            .into_iter()
            .chain([&*last])
            .map(OsString::from)
            .collect();
        let exit = main(&words);
        assert_eq!(exit == Exit::Passed, at("x.o").exists(), "{name}");
        exit
    };
    for (cc, cxx) in [("gcc", "g++"), ("clang", "clang++")] {
        if Command::new(cxx).arg("--version").output().is_err() {
            continue;
        }
        let [cc, cxx] = [format!("--cc={cc}"), format!("--cxx={cxx}")];
        let options = ["-c", "-Werror", &cc, &cxx];
        let with =
            |more: &[&'static str]| -> Vec<&str> { options.iter().chain(more).copied().collect() };
        assert_eq!(compiled("asm.S", &with(&["-DWANTED"])), Exit::Passed);
        assert_eq!(compiled("asm.S", &options), Exit::Failed);
        assert_eq!(compiled("made.i", &options), Exit::Passed);
        assert_eq!(compiled("said.txt", &with(&["-x", "c++"])), Exit::Passed);
    }
    assert_eq!(compiled("typo.cpq", &["-c"]), Exit::Unusable);
    assert_eq!(compiled("missing.cpq", &["-S"]), Exit::Unusable);
    assert_eq!(compiled("only.o", &["-c"]), Exit::Unusable);
    assert_eq!(driven(&[], &["-c", "-g"]), Exit::Unusable);
    assert_eq!(driven(&[], &["-g"]), Exit::Unusable);
    // The linker's half of an option is no input.
    assert_eq!(driven(&[], &["-g", "--version"]), Exit::Passed);
}

// As gcc and clang have it, in whatever order they are given.
#[test]
fn the_earliest_stop_counts() {
    assert_eq!(lined(&["-c", "-S"]).stage, Stage::Assembly);
    assert_eq!(lined(&["-S", "-c"]).stage, Stage::Assembly);
    assert_eq!(lined(&["-fsyntax-only", "-S"]).stage, Stage::Checked);
    assert_eq!(lined(&["-E", "-fsyntax-only"]).stage, Stage::Preprocessed);
    let listed = lined(&["-MM", "-c", "-MD"]);
    assert_eq!(listed.stage, Stage::Dependencies);
    assert_eq!(listed.dependencies.as_deref(), Some("-MM"));
}

const LEAVING: &str = "#include <windows.h>\n\
    static int walk(int to) {\n\
      int seen = 0;\n\
      __try {\n\
        for (int at = 0; at < 9; at++) {\n\
          switch (at) { case 1: break; default: seen++; }\n\
          __try { if (at == to) __leave; seen += 10; } __finally { seen += 100; }\n\
          if (at == to) __leave;\n\
        }\n\
        seen = 0;\n\
      } __finally { seen += 1000; }\n\
      return seen;\n\
    }\n\
    int main(void) { return walk(2) == 1322 && walk(20) == 1000 ? 0 : 1; }\n";

const CXX: &str = "#include <winsock2.h>\n#include <ws2tcpip.h>\n#include <mstcpip.h>\n#include <cstdlib>\n#include <algorithm>\n\
    int convert(SOCKET s) { unsigned long on = 1; return ioctlsocket(s, FIONBIO, &on); }\n\
    extern \"C\" int WSAAPI ioctlsocket(SOCKET, long, u_long *on) { int was = *on == 1; *on = 7; return was; }\n\
    void __cdecl main(int count, char **) {\n\
      SOCKADDR_STORAGE name = {}, other = {};\n\
      name.ss_family = AF_INET6;\n\
      INETADDR_SETLOOPBACK((SOCKADDR *)&name);\n\
      other.ss_family = AF_INET;\n\
      INETADDR_SETANY((SOCKADDR *)&other);\n\
      bool good = IN6_IS_ADDR_LOOPBACK(&((SOCKADDR_IN6 *)&name)->sin6_addr) && !INETADDR_ISANY((SOCKADDR *)&name);\n\
      good = good && INETADDR_ISANY((SOCKADDR *)&other) && INETADDR_ADDRESS((SOCKADDR *)&other)[0] == 0;\n\
      good = good && WSA_CMSG_SPACE(sizeof IN6_PKTINFO) == 40 && convert(4) == 1;\n\
      good = good && min(count, 5) == 1 && max(2u, 3u) == 3 && std::min(1, 2) == 1;\n\
      if (!good) exit(1);\n\
      return;\n\
    }\n";

/// What a 64-bit target of Microsoft's compiler defines, before anything is included; and intrin.h, whose names clang has in part.
const TARGET: &str = "#ifndef _WIN64\n#error\n#endif\n#if defined(__x86_64__) && (_M_X64 != 100 || _M_AMD64 != 100)\n#error\n#endif\n\
    #if defined(__aarch64__) && _M_ARM64 != 1\n#error\n#endif\n#ifdef _WIN32\n#error\n#endif\n\
    #include <windows.h>\n#include <intrin.h>\n\
    static int scans(void) {\n\
      ULONG at = 9, from = 9, none = 9;\n\
      return _BitScanForward64(&at, 1ull << 40) && at == 40 && _BitScanReverse(&from, 0x90) && from == 7 && !_BitScanForward(&none, 0);\n\
    }\n\
    static int tests(void) {\n\
      LONG bits[2] = {0, 2};\n\
      int good = _bittest(bits, 33) && !_bittestandset(bits, 0) && _bittestandreset(bits, 33) && _bittestandcomplement(bits, 0);\n\
      return good && bits[0] == 0 && bits[1] == 0 && _interlockedbittestandset(bits, 4) == 0 && bits[0] == 16;\n\
    }\n\
    static int numbers(void) {\n\
      ULONGLONG high = 0;\n\
      int good = _rotl(0x80000001u, 1) == 3 && _rotr16(1, 1) == 0x8000 && _rotl64(1, 65) == 2 && _lrotl(0x80000000u, 1) == 1;\n\
      good = good && _umul128(1ull << 63, 6, &high) == 0 && high == 3 && __umulh(1ull << 63, 2) == 1;\n\
      good = good && __shiftleft128(1ull << 63, 1, 1) == 3 && __shiftright128(0, 1, 1) == 1ull << 63;\n\
      good = good && __popcnt64(0xff00ff) == 16 && __lzcnt(0) == 32 && __lzcnt(1) == 31 && __lzcnt16(0x8000) == 0 && __lzcnt64(2) == 62;\n\
      return good && __emulu(0xffffffff, 2) == 0x1fffffffeull && _byteswap_ulong(1) == 0x1000000;\n\
    }\n\
    static int memory(void) {\n\
      unsigned char from[4], to[4] = {0};\n\
      CHAR small = 5;\n\
      __stosb(from, 7, 4);\n\
      __movsb(to, from, 3);\n\
      return to[2] == 7 && to[3] == 0 && _InterlockedExchangeAdd8(&small, 2) == 5 && small == 7;\n\
    }\n\
    #ifdef __x86_64__\n\
    static int processor(void) {\n\
      __declspec(align(16)) LONGLONG pair[2] = {1, 2};\n\
      LONGLONG seen[2] = {1, 3};\n\
      int words[4];\n\
      int good = !_InterlockedCompareExchange128(pair, 9, 8, seen) && seen[1] == 2;\n\
      good = good && _InterlockedCompareExchange128(pair, 9, 8, seen) && pair[0] == 8 && pair[1] == 9;\n\
      __cpuid(words, 0);\n\
      _mm_pause();\n\
      return good && words[0] >= 1 && words[1] != 0 && __rdtsc() != 0;\n\
    }\n\
    #else\nstatic int processor(void) { return 1; }\n#endif\n\
    int main(void) {\n\
      __noop(scans());\n\
      switch (scans() + tests() * 2 + numbers() * 4 + memory() * 8 + processor() * 16) {\n\
      case 31: return 0;\n\
      default: return 1;\n\
      }\n\
    }\n";

// provider-sources.md section 3, traps 2 and 5; what Microsoft's compilers take beside the standards.
#[test]
fn what_only_microsofts_compilers_take_runs() {
    // Microsoft's editors mark UTF-8.
    let marked = format!("\u{feff}{CXX}");
    let scratch = folder(&[
        ("leave.c", LEAVING),
        ("start.cpp", &marked),
        ("target.c", TARGET),
        ("target.cpp", TARGET),
    ]);
    let at = |name: &str| scratch.path().join(name);
    for (cc, cxx) in [("gcc", "g++"), ("clang", "clang++")] {
        if Command::new(cxx).arg("--version").output().is_err() {
            continue;
        }
        for source in ["leave.c", "start.cpp", "target.c", "target.cpp"] {
            let program = at("program");
            let output = format!("-o{}", program.display());
            let options = [format!("--cc={cc}"), format!("--cxx={cxx}"), output];
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            assert_eq!(
                driven(&[&at(source)], &options),
                Exit::Passed,
                "{cc} {source}"
            );
            let ended = Command::new(&program).status().expect("the program runs");
            assert!(ended.success(), "{cc} {source}");
        }
    }
}
