//! Module paths: `%NAME%` is replaced by the environment when a module is loaded, never when its path is stored.

/// The path with every `%NAME%` that the environment knows replaced (U114). Names it does not know stay as they are.
#[must_use]
pub fn expand(path: &str) -> String {
    expand_with(path, variable)
}

/// A variable of the environment; names have no case, as on Windows. `SystemRoot` and `windir` always have a value.
fn variable(name: &str) -> Option<String> {
    let other_case = || {
        let same = |(key, _): &(std::ffi::OsString, _)| key.eq_ignore_ascii_case(name);
        std::env::vars_os().find(same)?.1.into_string().ok()
    };
    let always = || {
        let known = ["SystemRoot", "windir"].iter();
        let known = known.filter(|known| known.eq_ignore_ascii_case(name));
        known.map(|_| String::from(SYSTEM_ROOT)).next()
    };
    std::env::var(name).ok().or_else(other_case).or_else(always)
}

/// Where Windows is when the environment does not say.
const SYSTEM_ROOT: &str = "C:\\Windows";

/// [`expand`] over any set of names.
pub fn expand_with(path: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('%') else {
            out.push('%');
            out.push_str(after);
            return out;
        };
        match value(name).filter(|_| !name.is_empty()) {
            Some(text) => {
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(path: &str) -> String {
        expand_with(path, |name| (name == "ROOT").then(|| "/opt/p".to_owned()))
    }

    #[test]
    fn known_names_are_replaced() {
        // U114: path is env-expanded at load ("%ROOT%/p.so" with ROOT set).
        assert_eq!(expanded("%ROOT%/p.so"), "/opt/p/p.so");
        assert_eq!(expanded("/x/%ROOT%%ROOT%"), "/x//opt/p/opt/p");
    }

    #[test]
    fn the_systems_folder_has_a_name_in_any_case() {
        // provider-sources.md section 2: installers expand %SYSTEMROOT%\system32 and load ws2_32.dll from there.
        let folder = expand("%SystemRoot%\\system32");
        assert_eq!(expand("%SYSTEMROOT%\\system32"), folder);
        assert!(!folder.contains('%'), "{folder}");
    }

    #[test]
    fn unknown_names_and_lone_signs_stay() {
        // U114: what is not a name of the environment is part of the path.
        assert_eq!(expanded("%NOPE%/p.so"), "%NOPE%/p.so");
        assert_eq!(expanded("100%"), "100%");
        assert_eq!(expanded("50%ROOT%"), "50/opt/p");
        assert_eq!(expanded("a%%b"), "a%%b");
        assert_eq!(expanded("%NOPE%ROOT%"), "%NOPE/opt/p");
    }
}
