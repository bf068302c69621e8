//! `check --junit`: the document as a parser of XML reads it, held to the schema that viewers hold it to.

use crate::{DIFFERS, checked};
use roxmltree::{Document, Node};
use std::path::Path;

type Names = &'static [&'static str];

/// Jenkins' schema junit-10.xsd: of each element the attributes that it must have, those that it may have, and what may be inside.
const SCHEMA: [(&str, Names, Names, Names); 8] = [
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
    ),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("skipped", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("failure", &[], &["type", "message"], &[]),
    ("system-out", &[], &[], &[]),
    ("system-err", &[], &[], &[]),
];

/// An element is one of the schema, and all inside it are.
fn expect_valid(element: Node<'_, '_>) {
    let name = element.tag_name().name();
    let rule = SCHEMA.iter().find(|rule| rule.0 == name);
    let (_, must, may, inside) = rule.unwrap_or_else(|| panic!("<{name}> is in no schema"));
    for attribute in *must {
        assert!(
            element.has_attribute(*attribute),
            "<{name}> without {attribute}"
        );
    }
    for attribute in element.attributes().map(|attribute| attribute.name()) {
        let is_known = must.contains(&attribute) || may.contains(&attribute);
        assert!(is_known, "<{name}> has no attribute {attribute}");
    }
    if let Some(time) = element.attribute("time") {
        assert!(time.parse::<f64>().is_ok_and(|time| time >= 0.0), "{time}");
    }
    for child in element.children().filter(Node::is_element) {
        let child_name = child.tag_name().name();
        assert!(inside.contains(&child_name), "<{child_name}> in <{name}>");
        expect_valid(child);
    }
}

/// How many cases of an element have such a child.
fn cases_with(element: Node<'_, '_>, child: &str) -> usize {
    let cases = element
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    cases
        .filter(|case| case.children().any(|node| node.has_tag_name(child)))
        .count()
}

fn number(element: Node<'_, '_>, attribute: &str) -> usize {
    let text = element.attribute(attribute).unwrap_or_default();
    text.parse()
        .unwrap_or_else(|_| panic!("{attribute} is {text:?}"))
}

/// What an element says about its cases is so.
fn expect_sums(element: Node<'_, '_>) {
    let cases = element
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    assert_eq!(number(element, "tests"), cases.count());
    assert_eq!(number(element, "failures"), cases_with(element, "failure"));
    assert_eq!(number(element, "errors"), cases_with(element, "error"));
    if element.has_tag_name("testsuite") {
        assert_eq!(number(element, "skipped"), cases_with(element, "skipped"));
    }
}

/// The document in this file is valid, and has so many failures and errors; its text.
pub fn expect_document(path: &Path, [failures, errors]: [usize; 2]) -> String {
    let text = std::fs::read_to_string(path).expect("it was written");
    let document = Document::parse(&text).expect("it is XML");
    let root = document.root_element();
    assert!(root.has_tag_name("testsuites"));
    expect_valid(root);
    expect_sums(root);
    root.children()
        .filter(Node::is_element)
        .for_each(expect_sums);
    let sums = (number(root, "failures"), number(root, "errors"));
    assert_eq!(sums, (failures, errors));
    text
}

// "A JUnit file from `check` opens in a standard viewer": what passed, what did not, what does not apply.
#[test]
fn the_document_is_valid_in_the_schema_of_viewers() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = folder.path().join("report.xml");
    let path = file.to_str().expect("a path in UTF-8");
    let inapplicable = "connect_ex::a_refusal_is_told_in_the_packet";
    let words = [
        "--junit",
        path,
        "--filter",
        DIFFERS,
        "--filter",
        inapplicable,
    ];
    let words = [&words[..], &["--filter", "names::"]].concat();
    checked("layer_nonifs.c", &words);
    let text = expect_document(&file, [1, 0]);
    let document = Document::parse(&text).expect("it is XML");
    let root = document.root_element();
    assert_eq!(
        (number(root, "tests"), cases_with(root, "skipped")),
        (10, 1)
    );
    let failure = root.descendants().find(|node| node.has_tag_name("failure"));
    let failure = failure.expect("one differs");
    assert_eq!(failure.attribute("type"), Some("differs"));
    assert!(failure.text().is_some_and(|text| text.contains("bytes: 4")));
}
