//! Imports go one way: the edges that the sources have are among those that the README's tables allow.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Edges = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The table after the heading `heading` in the README: the first cell of each row and what is between backticks in its last.
fn table(heading: &str) -> Edges {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let section = readme
        .split(&format!("### {heading}\n"))
        .nth(1)
        .expect("the README has the section");
    let rows = section.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let quoted = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    };
    let mut edges = Edges::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let names: BTreeSet<String> = quoted(cells.first().expect("a row has cells"));
        let name = names
            .into_iter()
            .next()
            .expect("the first cell names the crate or module");
        edges.insert(name, quoted(cells.last().expect("a row has cells")));
    }
    assert!(edges.len() > 3, "the table under {heading:?} was not found");
    edges
}

fn assert_allowed(found: &Edges, allowed: &Edges) {
    for (from, targets) in found {
        let allowed = allowed
            .get(from)
            .unwrap_or_else(|| panic!("{from} is not in the README's table"));
        for to in targets {
            assert!(
                allowed.contains(to),
                "{from} imports {to}: not in the README's table"
            );
        }
    }
}

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = file.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

// design.md section 2: which crate may import which.
#[test]
fn crates_import_only_what_the_table_allows() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("there is a workspace");
    let manifest: toml::Table = manifest.parse().expect("the workspace's manifest is TOML");
    let members = manifest["workspace"]["members"]
        .as_array()
        .expect("a list of members");
    let mut found = Edges::new();
    for member in members {
        let folder = root().join(member.as_str().expect("a path"));
        let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a member has a manifest");
        let crate_manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let name = crate_manifest["package"]["name"]
            .as_str()
            .expect("a name")
            .to_owned();
        let dependencies = crate_manifest
            .get("dependencies")
            .and_then(toml::Value::as_table);
        let ours = dependencies.into_iter().flat_map(|table| table.keys());
        found.insert(
            name,
            ours.filter(|key| key.starts_with("ws2spi"))
                .cloned()
                .collect(),
        );
    }
    assert_allowed(&found, &table("Crates"));
}

// design.md section 2: inside `spi`, nothing imports `api`, and the catalog imports nothing.
#[test]
fn modules_of_the_client_dll_import_only_what_the_table_allows() {
    let folder = root().join("spi/src");
    let root_module = fs::read_to_string(folder.join("lib.rs")).expect("there is a root module");
    let mut found = Edges::new();
    for file in sources(&folder) {
        let inside = file.strip_prefix(&folder).expect("it is below the folder");
        let first = inside.components().next().expect("a path has a part");
        let module = first
            .as_os_str()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        let is_test = inside
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
        // A module that exists in tests only may look at anything as well.
        let is_test = is_test || root_module.contains(&format!("#[cfg(test)]\nmod {module};"));
        if module == "lib" || is_test {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source can be read");
        // Unit tests may look at anything.
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let targets = found.entry(module.clone()).or_default();
        for part in text.split("crate::").skip(1) {
            let names: Vec<&str> = match part.strip_prefix('{') {
                Some(group) => group
                    .split('}')
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .collect(),
                None => vec![part],
            };
            for name in names {
                let end = name
                    .trim_start()
                    .find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &name.trim_start()[..end.unwrap_or(name.trim_start().len())];
                let is_module =
                    folder.join(name).is_dir() || folder.join(format!("{name}.rs")).is_file();
                if is_module && name != module {
                    targets.insert(name.to_owned());
                }
            }
        }
    }
    assert_allowed(&found, &table("Inside the client DLL"));
}

// design.md section 2: nobody imports the tests.
#[test]
fn nobody_imports_the_tests() {
    for (name, allowed) in table("Crates") {
        assert!(
            !allowed.contains("ws2spi-tests"),
            "{name} may import the tests"
        );
    }
}
