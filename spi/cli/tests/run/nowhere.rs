//! Functions that are nowhere, as a user of each command is told: a program's by `ws2spi cc`, a provider's by `run` and `check`.

use crate::driver::{driver, folder, has, tool};
use crate::{Ended, example};
use std::fs;
use std::process::Command;

const DECLARED: &str = "#include <windows.h>\nBOOL WINAPI CreateCaret(HWND, HANDLE, int, int);\n";

// Issue: a function that is not there is a link error that names it, with the header that declared it.
#[test]
fn a_program_is_told_which_function_is_nowhere() {
    let scratch = folder();
    let at = |name: &str| scratch.path().join(name);
    fs::write(at("mine.h"), DECLARED).expect("it is written");
    let text = "#include \"mine.h\"\nint main(void) { return CreateCaret(0, 0, 0, 0); }\n";
    fs::write(at("a.c"), text).expect("it is written");
    for compiler in ["gcc", "clang"].into_iter().filter(|name| has(name)) {
        let mut command = driver(&tool(), &scratch);
        command.args([&format!("--cc={compiler}"), "-o", "a", "a.c"]);
        let ended = Ended::of(command.current_dir(scratch.path())).expect(1);
        let said = "ws2spi cc: CreateCaret is in no library that is linked and not in libws2_32; it is declared in ";
        let ended = ended.says(said);
        let page = "mine.h:2; Microsoft's page is \"CreateCaret function (winuser.h)\"";
        assert_eq!(ended.says(page).err.matches("ws2spi cc: ").count(), 1);
    }
}

#[test]
fn a_provider_is_unusable_for_the_function_that_is_nowhere() {
    let scratch = folder();
    let provider = scratch.path().join("mine.c");
    let include = format!("#include \"{}\"\n", example("layer_hook.c").display());
    let caret = "int caret(void) { return CreateCaret(0, 0, 0, 0); }\n";
    fs::write(&provider, format!("{include}{DECLARED}{caret}")).expect("it is written");
    for words in [&["run"][..], &["check", "--filter", "names::"]] {
        let mut command = Command::new(tool());
        command.args(words).arg(&provider);
        Ended::of(&mut command)
            .expect(2)
            .says("ws2spi: CreateCaret is in no library that is linked and not in libws2_32; it is declared in ");
    }
}
