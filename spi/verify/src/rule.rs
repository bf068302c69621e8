//! The rules: number, name, sentence, and the page that explains each.
//!
//! Numbers are stable: a rule keeps its number for ever and a new one gets the next. The pages are the files of the folder `rules`;
//! what to do, the source and the example stand there only, and are part of the program.

/// A rule for providers.
#[derive(Debug)]
pub struct Rule {
    /// `V001`.
    pub id: &'static str,
    /// A few words, joined by hyphens.
    pub name: &'static str,
    /// What a provider that breaks it does, in one sentence.
    pub sentence: &'static str,
    page: &'static str,
}

impl Rule {
    /// The page about it, in Markdown: why, what to do, the source, a minimal example of the mistake.
    #[must_use]
    pub const fn page(&self) -> &'static str {
        self.page
    }

    /// Where the page is in the project's sources.
    #[must_use]
    pub fn link(&self) -> String {
        format!("spi/verify/rules/{}.md", self.id)
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.section("What to do")
    }

    /// Where the contract is written down.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.section("Source")
    }

    fn section(&self, heading: &str) -> &'static str {
        let mut sections = self.page.split("\n## ");
        let found = sections.find_map(|section| section.strip_prefix(heading));
        found.map_or("", str::trim)
    }
}

/// The rule with this number, in either case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.id.eq_ignore_ascii_case(id))
}

macro_rules! rules {
    ($($constant:ident $id:literal $name:literal $sentence:literal;)*) => {
        $(
            #[doc = $sentence]
            pub static $constant: Rule = Rule {
                id: $id,
                name: $name,
                sentence: $sentence,
                page: include_str!(concat!("../rules/", $id, ".md")),
            };
        )*

        /// All rules, in the order of their numbers.
        pub static RULES: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    VALUE "V001" "value-outside-the-contract" "A function returns a value that it cannot return.";
    TOO_MUCH "V002" "more-than-asked" "A function reports more bytes than there was room for.";
    NO_CODE "V003" "failure-without-code" "A function fails and stores no error code.";
    CODE_ON_SUCCESS "V004" "code-on-success" "A function succeeds and writes to lpErrno.";
    LAST_ERROR "V005" "last-error-for-code" "A function tells its error by WSASetLastError and not by lpErrno.";
    PENDING_ALONE "V006" "pending-without-overlapped" "A function that got no OVERLAPPED answers WSA_IO_PENDING.";
    PENDING_AND_DONE "V007" "pending-and-done" "A function succeeds at once and says WSA_IO_PENDING.";
    FAILED_AND_DONE "V008" "failed-and-completed" "An operation that failed at once is completed as well.";
    TWICE "V009" "completed-twice" "An operation is completed a second time.";
    NEVER "V010" "never-completed" "An operation was pending and is never completed.";
    TOUCHED "V011" "touched-after-completion" "An OVERLAPPED is written to after its operation was completed.";
    FOREIGN_COMPLETION "V012" "completion-on-foreign-handle" "WPUCompleteOverlappedRequest is called on a handle that is not the operation's.";
    HANDLE_LEFT "V013" "handle-not-closed" "A handle from WPUCreateSocketHandle is never closed.";
    LOWER_LEFT "V014" "lower-socket-not-closed" "A socket of the provider below is never closed.";
    CLOSED_EARLY "V015" "handle-closed-early" "A handle is closed before the provider has told or passed on an operation on it.";
    CLOSED_FOREIGN "V016" "foreign-handle-closed" "WPUCloseSocketHandle is called for a handle that is not an open one of the caller's.";
    CLEANUP_CLOSES "V017" "cleanup-closes-others" "A WSPCleanup that is not the last closes sockets that are in use.";
    UNREGISTERED "V018" "unregistered-handle" "A function returns a socket that the client DLL was never told of.";
    FIXED_ID "V019" "fixed-catalog-id" "A socket is registered under another catalog id than the one in lpProtocolInfo.";
    CONNECT_ONLY "V020" "connect-without-connectex" "A layer takes part in WSPConnect and hands out the ConnectEx of the provider below.";
    FOREIGN_EXTENSION "V021" "foreign-extension-function" "An extension function of the provider below is handed out for a handle that it does not know.";
    BASE_HANDLE "V022" "base-handle-withheld" "A layer does not pass SIO_BASE_HANDLE on to the base provider.";
    LOCKED "V023" "lock-held-while-calling" "A provider holds a lock while it calls the provider below or a function of the program.";
    NOT_STARTED "V024" "call-while-not-started" "A layer calls a provider that it has cleaned up.";
    UPCALL_NOT_STARTED "V025" "upcall-while-not-started" "A provider makes an upcall after its last WSPCleanup.";
    NULL_SLOT "V026" "null-slot" "WSPStartup succeeds and leaves a function of the table NULL.";
    VERSION "V027" "wrong-version" "WSPStartup succeeds and offers another version than the one asked for.";
    TABLE_CHANGED "V028" "table-changed" "The procedure table is written to after WSPStartup has returned.";
    EVENT_LEFT "V029" "event-not-closed" "An event from WPUCreateEvent is never closed.";
    EVENT_CLOSED "V030" "no-event-closed" "WPUCloseEvent is called for what is no open event.";
    THREAD_LEFT "V031" "thread-not-closed" "A thread from WPUOpenCurrentThread is never closed.";
    SET "V032" "set-beyond-the-contract" "WSPSelect answers with sockets that it was not asked about, or with another count.";
    CONDITION "V033" "condition-function" "WSPAccept does not do what its condition function decides.";
    LOWER_STARTED "V034" "lower-not-cleaned-up" "A layer's last WSPCleanup leaves the provider below started.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order_without_gaps() {
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.id, format!("V{:03}", index + 1));
            assert!(std::ptr::eq(
                find(&rule.id.to_lowercase()).expect("it is found"),
                *rule
            ));
        }
        assert!(find("V000").is_none());
    }

    #[test]
    fn every_page_has_its_parts() {
        for rule in RULES {
            let head = format!("# {}: {}\n\n{}\n", rule.id, rule.name, rule.sentence);
            assert!(
                rule.page().starts_with(&head),
                "{} begins otherwise",
                rule.id
            );
            assert!(!rule.advice().is_empty(), "{} has no advice", rule.id);
            assert!(
                rule.source().contains("WSP") || rule.source().contains("WPU"),
                "{}",
                rule.id
            );
            assert!(
                rule.section("The mistake").contains("```c\n"),
                "{}",
                rule.id
            );
        }
    }
}
