//! Functions of Windows that are well known, and the titles of Microsoft's pages about them.
//!
//! `pages.txt` has a header and functions that it declares on each line; a page is named after both. Used to say of a function that is
//! not there what it is.

/// A name of Windows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The function, with the letter of its variant.
    pub function: &'static str,
    /// The header that declares it on Windows.
    pub header: &'static str,
}

impl Page {
    /// The page of a function; of a name that is a macro for two of them, that of the wide one.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::exactly(name).or_else(|| Self::exactly(&format!("{name}W")))
    }

    fn exactly(name: &str) -> Option<Self> {
        PAGES.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let header = words.next()?;
            let function = words.find(|word| *word == name)?;
            Some(Self { function, header })
        })
    }

    /// What the page is called.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} function ({})", self.function, self.header)
    }
}

static PAGES: &str = include_str!("pages.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_the_title_of_its_page() {
        let title = |name| Page::of(name).map(|page| page.title());
        let expected = Some("CreateFileMappingW function (memoryapi.h)");
        assert_eq!(title("CreateFileMappingW").as_deref(), expected);
        assert_eq!(title("CreateFileMapping").as_deref(), expected);
        assert_eq!(title("FileMapping"), None);
    }
}
