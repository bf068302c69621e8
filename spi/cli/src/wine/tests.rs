//! Tests of the commands on a prefix that is made up, with a Wine that is two shell scripts.
//!
//! What a real Wine makes of it: `wine-glue/test`.

mod interruption;

use super::arguments::{
    InstallArguments, PrefixArguments, RemoveArguments, RunArguments, StatusArguments,
};
use super::failure::Failure;
use super::hive::Hive;
use super::install::{self, is_catalog};
use super::journal::Content;
use super::prefix::Prefix;
use super::run;
use super::status;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const USER: &str = "WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\User\\\\S-1\n\n#arch=win64\n\n\
    [Software\\\\Wine\\\\DllOverrides] 1795265046\n#time=1dd79b5ff1938f0\n\n[Volatile Environment] 17\n\"A\"=\"b\"\n";

/// As Wine makes it: the catalog's key is there, and empty.
const SYSTEM: &str = "WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\Machine\n\n#arch=win64\n\n\
    [System\\\\CurrentControlSet\\\\Services\\\\Winsock2\\\\Parameters\\\\Protocol_Catalog9\\\\Catalog_Entries] 18\n#time=1de\n\n\
    [System\\\\Select] 19\n\"Current\"=dword:00000001\n";

const PARAMETERS: &str = r"System\CurrentControlSet\Services\WinSock2\Parameters";

/// A prefix, a Wine, pieces and a program, in a folder that is gone when this is.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        // In memory where there is such a folder: nothing here is to survive a power failure.
        let memory = TempDir::new_in("/dev/shm");
        let world = Self {
            folder: memory.or_else(|_| TempDir::new()).expect("a folder"),
        };
        let system = world.prefix().join("drive_c/windows/system32");
        fs::create_dir_all(&system).expect("a folder");
        world.write("prefix/user.reg", USER.as_bytes());
        world.write("prefix/system.reg", SYSTEM.as_bytes());
        world.write("prefix/drive_c/windows/system32/ws2_32.dll", &builtin());
        world.write("prefix/drive_c/windows/system32/other.dll", b"other");
        for folder in [
            "pieces/x86_64-unix",
            "pieces/x86_64-windows",
            "wine",
            "game",
        ] {
            fs::create_dir_all(world.path(folder)).expect("a folder");
        }
        world.write("pieces/ws2_32.dll", b"the front");
        world.write("pieces/ws2spi_wine.dll", b"the core");
        world.write("pieces/x86_64-unix/direct.so", b"the unix half");
        world.write("pieces/x86_64-windows/direct.dll", b"the other half");
        world.write("game/game.exe", &program(0x8664));
        world.script(
            "wine/wine64",
            "[ \"$1\" = --version ] && echo wine-8.0 && exit; . ../program",
        );
        world.script("wine/wineserver", "test -e \"$WINEPREFIX/../running\"");
        world
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn prefix(&self) -> PathBuf {
        self.path("prefix")
    }

    fn write(&self, below: &str, bytes: &[u8]) {
        fs::write(self.path(below), bytes).expect("a file");
    }

    /// A shell script. Another process writes it: a child that some other test forks meanwhile would
    /// keep it open for writing, and then it could not be started.
    fn script(&self, below: &str, text: &str) {
        let write = r#"printf '#!/bin/sh\ncd "$(dirname "$0")"\n%s\n' "$2" >"$1" && chmod +x "$1""#;
        let written = Command::new("sh")
            .args(["-c", write, "sh"])
            .arg(self.path(below))
            .arg(text)
            .status();
        assert!(written.expect("a shell").success());
    }

    fn place(&self) -> PrefixArguments {
        PrefixArguments {
            prefix: self.prefix(),
            wine: Some(self.path("wine/wine64")),
        }
    }

    fn program(&self, which: bool) -> Option<PathBuf> {
        which.then(|| self.path("game/game.exe"))
    }

    fn install(&self, for_program: bool) -> Result<String, Failure> {
        install::install(&InstallArguments {
            place: self.place(),
            program: self.program(for_program),
            from: Some(self.path("pieces")),
        })
    }

    fn remove(&self, for_program: bool) -> Result<String, Failure> {
        install::remove(&RemoveArguments {
            place: self.place(),
            program: self.program(for_program),
        })
    }

    fn status(&self) -> String {
        let arguments = StatusArguments {
            place: self.place(),
            json: false,
        };
        status::status(&arguments).expect("a prefix").to_string()
    }

    /// What programs do to the catalog: an entry of a layer.
    fn install_layer(&self) {
        let path = self.path("prefix/system.reg");
        let mut hive = Hive::parse(fs::read(&path).expect("a file")).expect("a hive");
        let mut item = vec![0; 888];
        item[..14].copy_from_slice(b"C:\\L\\layer.dll");
        item[376..382].copy_from_slice(b"M\0y\0L\0");
        let bytes: Vec<String> = item.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = format!("{PARAMETERS}\\Protocol_Catalog9\\Catalog_Entries64\\000000000001");
        hive.set(
            &key,
            "PackedCatalogItem",
            &format!("hex:{}", bytes.join(",\\\n  ")),
        );
        hive.set(
            &format!("{PARAMETERS}\\AppId_Catalog\\01234567"),
            "AppFullPath",
            "\"C:\\\\a.exe\"",
        );
        fs::write(&path, hive.text()).expect("a file");
    }

    /// Everything that is in the prefix and in the program's folder.
    fn tree(&self) -> BTreeMap<PathBuf, Option<Content>> {
        let mut tree = BTreeMap::new();
        for folder in ["prefix", "game"] {
            collect(&self.path(folder), &mut tree);
        }
        tree
    }
}

fn collect(folder: &Path, tree: &mut BTreeMap<PathBuf, Option<Content>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            tree.insert(path.clone(), None);
            collect(&path, tree);
        } else {
            let content = Content::of(&path).expect("a file");
            tree.insert(path, Some(content));
        }
    }
}

/// Two trees have the same files with the same bytes.
fn assert_same(
    found: &BTreeMap<PathBuf, Option<Content>>,
    expected: &BTreeMap<PathBuf, Option<Content>>,
) {
    let paths = found.keys().chain(expected.keys());
    let other: Vec<_> = paths
        .filter(|path| found.get(*path) != expected.get(*path))
        .collect();
    assert!(other.is_empty(), "other than before: {other:?}");
}

/// A DLL with the mark of Wine's own.
fn builtin() -> Vec<u8> {
    let mut dll = b"MZ".to_vec();
    dll.resize(0x40, 0);
    dll.extend(b"Wine builtin DLL\0 and more");
    dll
}

/// A program for a machine.
fn program(machine: u16) -> Vec<u8> {
    let mut program = b"MZ".to_vec();
    program.resize(0x3c, 0);
    program.extend(0x40_u32.to_le_bytes());
    program.extend(b"PE\0\0");
    program.extend(machine.to_le_bytes());
    program.extend([0, 0]);
    program
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).expect("a file")).into_owned()
}

#[test]
fn a_whole_prefix_gets_the_front_and_becomes_what_it_was() {
    // Issue 6, "Done when": byte-identical outside the paths they name.
    let world = World::new();
    let before = world.tree();
    world.install(false).expect("it is installed");
    let system = world.path("prefix/drive_c/windows/system32");
    assert_eq!(text(&system.join("ws2_32.dll")), "the front");
    assert_eq!(text(&system.join("ws2spi_wine.dll")), "the core");
    assert_eq!(
        fs::read(system.join("ws2spi/ws2_32.dll")).expect("a file"),
        builtin()
    );
    assert_eq!(
        text(&system.join("ws2spi/x86_64-unix/direct.so")),
        "the unix half"
    );
    let user = text(&world.path("prefix/user.reg"));
    assert!(user.contains("\"ws2_32\"=\"native,builtin\"\n"), "{user}");
    assert!(user.contains("\"*ws2_32\"=\"builtin\"\n"), "{user}");

    world.install_layer();
    world.remove(false).expect("it is removed");
    assert_same(&world.tree(), &before);
}

#[test]
fn a_program_gets_the_front_and_becomes_what_it_was() {
    // Issue 6: per program and whole prefix are both supported.
    let world = World::new();
    let before = world.tree();
    world.install(true).expect("it is installed");
    assert_eq!(text(&world.path("game/ws2_32.dll")), "the front");
    assert_eq!(
        text(&world.path("game/ws2spi/x86_64-unix/direct.so")),
        "the unix half"
    );
    let user = text(&world.path("prefix/user.reg"));
    let key = "[Software\\\\Wine\\\\AppDefaults\\\\game.exe\\\\DllOverrides] 0\n\"*ws2_32\"=\"native\"\n\"ws2_32\"=\"builtin\"\n";
    assert!(user.contains(key), "{user}");
    world.install_layer();
    world.remove(true).expect("it is removed");
    assert_same(&world.tree(), &before);
}

#[test]
fn one_installation_is_removed_without_the_other() {
    // The catalog stays for the one that is left.
    let world = World::new();
    let before = world.tree();
    world.install(false).expect("it is installed");
    let alone = world.tree();
    world.install(true).expect("it is installed");
    world.install_layer();
    world.remove(true).expect("it is removed");
    assert!(
        world
            .status()
            .contains("layer      MyL: C:\\L\\layer.dll\n"),
        "{}",
        world.status()
    );
    let left: Vec<_> = world.tree().into_keys().collect();
    assert_eq!(left, alone.into_keys().collect::<Vec<_>>());
    world.remove(false).expect("it is removed");
    assert_same(&world.tree(), &before);
}

#[test]
fn links_into_proton_come_back_as_links() {
    // Proton's prefixes link to the DLLs of its own folder; those are never written.
    let world = World::new();
    let dll = world.path("prefix/drive_c/windows/system32/ws2_32.dll");
    fs::rename(&dll, world.path("wine/ws2_32.dll")).expect("a file");
    std::os::unix::fs::symlink(world.path("wine/ws2_32.dll"), &dll).expect("a link");
    let before = world.tree();
    world.install(false).expect("it is installed");
    assert_eq!(text(&dll), "the front");
    assert_eq!(
        fs::read(world.path("wine/ws2_32.dll")).expect("a file"),
        builtin()
    );
    world.remove(false).expect("it is removed");
    assert_same(&world.tree(), &before);
}

#[test]
fn what_is_in_the_way_is_said_and_nothing_changes() {
    // Errors with what to do.
    type Obstacle = fn(&World);
    let rows: [(&str, Obstacle, &str); 6] = [
        (
            "running",
            |world| world.write("running", b""),
            "programs run in this prefix",
        ),
        (
            "foreign",
            |world| world.write("prefix/drive_c/windows/system32/ws2_32.dll", b"MZ"),
            "it is not Wine's own ws2_32.dll",
        ),
        (
            "override",
            |world| {
                world.write(
                    "prefix/user.reg",
                    USER.replace("38f0\n", "38f0\n\"ws2_32\"=\"native\"\n")
                        .as_bytes(),
                )
            },
            "winecfg can remove it",
        ),
        (
            "core",
            |world| world.write("prefix/drive_c/windows/system32/ws2spi_wine.dll", b"MZ"),
            "a file of that name is there",
        ),
        (
            "pieces",
            |world| fs::remove_file(world.path("pieces/ws2_32.dll")).expect("a file"),
            "wine-glue/build FOLDER",
        ),
        (
            "arch",
            |world| {
                world.write(
                    "prefix/system.reg",
                    SYSTEM.replace("win64", "win32").as_bytes(),
                )
            },
            "prefix for 32-bit programs only",
        ),
    ];
    for (name, obstacle, expected) in rows {
        let world = World::new();
        obstacle(&world);
        let before = world.tree();
        let message = world.install(false).expect_err(name).to_string();
        assert!(message.contains(expected), "{name}: {message}");
        assert_same(&world.tree(), &before);
    }
}

#[test]
fn the_same_is_not_installed_twice_nor_removed_twice() {
    // Errors with what to do.
    let world = World::new();
    let removed = world.remove(false).expect_err("nothing is there");
    assert!(matches!(removed, Failure::NotInstalled { .. }), "{removed}");
    world.install(false).expect("it is installed");
    let again = world.install(false).expect_err("it is there");
    assert!(matches!(again, Failure::Installed { .. }), "{again}");
    let other = world.remove(true).expect_err("the program has none");
    assert!(matches!(other, Failure::NotInstalled { .. }), "{other}");
}

#[test]
fn programs_that_cannot_have_layers_are_refused() {
    // Issue 6: 32-bit programs keep working on Wine's own, and that limit is stated.
    let world = World::new();
    world.write("game/game.exe", &program(0x014c));
    let refused = world
        .install(true)
        .expect_err("it is a 32-bit program")
        .to_string();
    assert!(refused.contains("only those can have layers"), "{refused}");
    world.write("game/game.exe", b"#!/bin/sh\n");
    let refused = world
        .install(true)
        .expect_err("it is no program")
        .to_string();
    assert!(refused.contains("is no Windows program"), "{refused}");
}

#[test]
fn an_old_wine_is_refused_with_its_version() {
    // Issue 6: checks Wine's version.
    let world = World::new();
    world.script("wine/wine64", "echo wine-7.22");
    let refused = world.install(false).expect_err("it is too old").to_string();
    assert!(
        refused.contains("Wine 7.22 is too old: 8.0 or later is needed"),
        "{refused}"
    );
}

#[test]
fn what_is_no_prefix_is_said() {
    // Errors with what to do.
    let world = World::new();
    fs::remove_file(world.path("prefix/user.reg")).expect("a file");
    let refused = world
        .install(false)
        .expect_err("a file is missing")
        .to_string();
    assert!(refused.contains("there is no user.reg in it"), "{refused}");
}

#[test]
fn a_folder_of_steam_is_its_prefix_with_its_proton() {
    // Issue 6: Proton's layout is detected.
    let world = World::new();
    let data = world.path("steamapps/compatdata/480");
    fs::create_dir_all(&data).expect("a folder");
    fs::rename(world.prefix(), data.join("pfx")).expect("a folder");
    let proton = world.path("steamapps/common/Proton 8.0");
    fs::create_dir_all(proton.join("dist")).expect("a folder");
    fs::rename(world.path("wine"), proton.join("dist/bin")).expect("a folder");
    fs::write(proton.join("proton"), "").expect("a file");
    let fonts = proton.join("dist/share/fonts/");
    fs::write(
        data.join("config_info"),
        format!("8.0-4\n{}\n", fonts.display()),
    )
    .expect("a file");
    for named in [data.clone(), data.join("pfx")] {
        let prefix = Prefix::find(&named, None).expect("a prefix");
        assert_eq!(
            prefix.root,
            data.join("pfx").canonicalize().expect("a folder")
        );
        assert_eq!(prefix.proton.as_deref(), Some(&*proton));
        assert_eq!(prefix.wine.loader, proton.join("dist/bin/wine64"));
    }
}

#[test]
fn the_status_says_what_is_there() {
    // Issue 6: status says what is installed, which layers are in the catalog, direct transport on or off.
    let world = World::new();
    assert!(
        world
            .status()
            .contains("installed  nothing: ws2_32.dll is Wine's own"),
        "{}",
        world.status()
    );
    world.install(false).expect("it is installed");
    assert!(
        world.status().contains("layers     none\n"),
        "{}",
        world.status()
    );
    world.install_layer();
    let status = world.status();
    for line in [
        "Wine       8.0\n",
        "running    no\n",
        &format!(
            "installed  {} for the whole prefix\n",
            env!("CARGO_PKG_VERSION")
        ),
        &format!(
            "direct     on in ws2spi wine run, elsewhere with WINEDLLPATH={}; off with WS2SPI_DIRECT=off\n",
            world
                .path("prefix/drive_c/windows/system32/ws2spi")
                .display()
        ),
        "layer      MyL: C:\\L\\layer.dll\n",
    ] {
        assert!(status.contains(line), "{line} in {status}");
    }
    world.write("prefix/drive_c/windows/system32/ws2_32.dll", &builtin());
    assert!(
        world.status().contains("its ws2_32.dll was replaced"),
        "{}",
        world.status()
    );
    world.remove(false).expect("what an update put there stays");
}

#[test]
fn a_program_runs_with_what_it_was_told_and_its_exit_code() {
    // Issue 6: runs a program with or without layers.
    let world = World::new();
    let wrote = r#"echo "$*|$WS2SPI_LAYERS|$WS2SPI_DIRECT|$WINEDLLPATH|$WINEDLLOVERRIDES" >../said; echo begun >&2; exit 7"#;
    world.write("program", wrote.as_bytes());
    let with = |no_layers, wines_own, direct| RunArguments {
        place: world.place(),
        no_layers,
        wines_own,
        direct,
        program: ["a.exe", "--b", "c"].map(Into::into).to_vec(),
    };
    let refused = run::run(&with(false, false, None)).expect_err("nothing is installed");
    assert!(matches!(refused, Failure::NothingToRun { .. }), "{refused}");
    let overrides = std::env::var("WINEDLLOVERRIDES").unwrap_or_default();
    let said = |arguments: &RunArguments| {
        assert_eq!(run::run(arguments).expect("it runs"), 7);
        text(&world.path("said"))
    };
    let own = said(&with(false, true, None));
    assert!(
        own.starts_with("a.exe --b c||||") && own.ends_with("ws2_32=b;*ws2_32=b\n"),
        "{own}"
    );
    world.install(false).expect("it is installed");
    let halves = world.path("prefix/drive_c/windows/system32/ws2spi");
    let halves = halves.display();
    assert_eq!(
        said(&with(false, false, None)),
        format!("a.exe --b c|||{halves}|{overrides}\n")
    );
    let off = Some(super::arguments::Switch::Off);
    assert_eq!(
        said(&with(true, false, off)),
        format!("a.exe --b c|off|off|{halves}|{overrides}\n")
    );
}

#[test]
fn keys_of_the_catalog_are_told_from_others() {
    // CurrentControlSet is a key of its own in Wine 8, a link to ControlSet001 in others.
    let ours = [
        "",
        "\\protocol_catalog9\\catalog_entries64\\000000000001",
        "\\appid_catalog",
    ];
    for set in ["currentcontrolset", "controlset001"] {
        for below in ours {
            assert!(is_catalog(&format!(
                r"system\{set}\services\winsock2\parameters{below}"
            )));
        }
        assert!(!is_catalog(&format!(
            r"system\{set}\services\winsock\parameters"
        )));
        assert!(!is_catalog(&format!(
            r"system\{set}\services\winsock2\parametersx"
        )));
    }
    assert!(!is_catalog(r"software\wine"));
}
