//! Known differences: a file that names cases which do not hold on some provider, each with the reason.
//!
//! `ws2spi check --known` reads it, and so does this project for its own layers (`tests/exceptions.toml`). A row may be meant for
//! some configurations only, whose names are the file's own.

use serde::Deserialize;
use ws2spi_conformance::{Case, cases};

/// A row: these cases do not hold, or do not apply, in these configurations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The case's name, without its module too; `module::*` for all of a module.
    pub test: String,
    /// The names of the configurations; `all`, or none at all, for every one.
    #[serde(default)]
    pub configurations: Vec<String>,
    /// Why.
    pub reason: String,
    /// The document or fact that the reason stands on.
    #[serde(default)]
    pub source: String,
}

/// A row: these assertions of the references have no test.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// Their ids; ranges as `P204-P238`.
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
    /// The document or fact that the reason stands on.
    pub source: String,
}

/// The rows of a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Those about cases.
    #[serde(default, rename = "exception")]
    pub exceptions: Vec<Exception>,
    /// Those about assertions, which say nothing about a provider.
    #[serde(default, rename = "assertion")]
    pub assertions: Vec<Assertion>,
}

impl Known {
    /// The rows of a file with this text.
    ///
    /// # Errors
    /// A sentence: it is no TOML of such rows, or a row has no reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut rows = known.exceptions.iter();
        match rows.find(|row| row.reason.trim().is_empty()) {
            Some(row) => Err(format!("the row of {} has no reason", row.test)),
            None => Ok(known),
        }
    }

    /// The first row that is about no case there is.
    #[must_use]
    pub fn about_nothing(&self) -> Option<&Exception> {
        let is_about = |row: &Exception, case: &Case| row.names(&case.name());
        let mut rows = self.exceptions.iter();
        rows.find(|row| !cases::all().any(|case| is_about(row, case)))
    }

    /// The row about the case of this name in a configuration with one of these names.
    #[must_use]
    pub fn find(&self, case: &str, configurations: &[&str]) -> Option<&Exception> {
        let mut rows = self.exceptions.iter();
        rows.find(|row| row.names(case) && row.is_for(configurations))
    }
}

impl Exception {
    /// Whether the row names the case.
    #[must_use]
    pub fn names(&self, case: &str) -> bool {
        let (module, function) = case.rsplit_once("::").unwrap_or_default();
        match self.test.strip_suffix("::*") {
            Some(all_of) => all_of == module,
            None => self.test == case || self.test == function,
        }
    }

    /// Whether the row names one case, not a module.
    #[must_use]
    pub fn is_about_one(&self) -> bool {
        !self.test.ends_with("::*")
    }

    /// The reason, and what it stands on.
    #[must_use]
    pub fn because(&self) -> String {
        if self.source.is_empty() {
            self.reason.clone()
        } else {
            format!("{} ({})", self.reason, self.source)
        }
    }

    fn is_for(&self, configurations: &[&str]) -> bool {
        let mut own = self.configurations.iter();
        self.configurations.is_empty()
            || own.any(|name| name == "all" || configurations.contains(&name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[exception]]
        test = "names::*"
        reason = "one"

        [[exception]]
        test = "a_null_name_is_a_fault"
        configurations = ["nonifs"]
        reason = "two"
        source = "a page"
    "#;

    #[test]
    fn a_row_is_for_its_configurations_or_for_all() {
        let known = Known::parse(FILE).expect("well formed");
        let because = |case, configurations: &[&str]| {
            known.find(case, configurations).map(Exception::because)
        };
        assert_eq!(because("names::any", &[]).as_deref(), Some("one"));
        let case = "bind::a_null_name_is_a_fault";
        assert_eq!(because(case, &["nonifs"]).as_deref(), Some("two (a page)"));
        assert_eq!(because(case, &["ifs"]), None);
        assert_eq!(because(case, &[]), None);
    }

    #[test]
    fn a_row_without_a_reason_or_about_nothing_is_found() {
        let row = |reason| format!("[[exception]]\ntest = \"no_such\"\nreason = \"{reason}\"");
        assert!(Known::parse(&row(" ")).is_err());
        assert!(Known::parse("[[exemption]]\ntest = \"x\"").is_err());
        let known = Known::parse(&row("why")).expect("well formed");
        let row = known.about_nothing().map(|row| row.test.as_str());
        assert_eq!(row, Some("no_such"));
    }
}
