//! Keys as Microsoft's C library gives them: `_getch` and its kin, without waiting for the end of a line.
//!
//! The keyboard is the standard input, as the console's streams are what the process was given. A terminal gives single keys without
//! echo while somebody asks for one, and is as it was afterwards; Enter is a carriage return, Backspace 8, and keys without a letter are
//! two bytes, 0 or 0xE0 and a number. What is no terminal gives its bytes. Ctrl+C stays a signal. Used by the rows below; `conio.h`
//! has their names.

use crate::table::exports;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;

/// `EOF`: no key, and none to come.
const END: i32 = -1;
const ESCAPE: u8 = 0x1b;
/// How long the rest of a key may be under way, in milliseconds.
const TOGETHER: i32 = 25;
/// The first byte of the keys that the keyboards of the PC got later.
const EXTENDED: u8 = 0xe0;

/// Who reads keys from one descriptor.
#[derive(Debug)]
struct Keyboard {
    input: i32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// By `_ungetch`: one at most.
    pushed: Option<u8>,
    /// Further bytes of a key that has begun.
    rest: VecDeque<u8>,
    /// How many threads have the terminal without lines, and what it was before.
    lineless: usize,
    before: Option<libc::termios>,
}

static KEYBOARD: Keyboard = Keyboard::new(libc::STDIN_FILENO);

/// A terminal without lines, until dropped.
struct Lineless<'a>(&'a Keyboard);

impl Drop for Lineless<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.lineless -= 1;
        if state.lineless == 0
            && let Some(before) = state.before.take()
        {
            // SAFETY: the structure is a live local; the descriptor is only named.
            unsafe { libc::tcsetattr(self.0.input, libc::TCSANOW, &raw const before) };
        }
    }
}

impl Keyboard {
    const fn new(input: i32) -> Self {
        Self {
            input,
            state: Mutex::new(State {
                pushed: None,
                rest: VecDeque::new(),
                lineless: 0,
                before: None,
            }),
        }
    }

    /// Single keys from now on, if it is a terminal: `None` when it is not.
    fn lineless(&self) -> Option<Lineless<'_>> {
        let mut state = self.state.lock();
        if state.lineless == 0 {
            // SAFETY: a C structure of numbers: all zeroes is a value.
            let mut found: libc::termios = unsafe { std::mem::zeroed() };
            // SAFETY: the structure is a live local.
            if unsafe { libc::tcgetattr(self.input, &raw mut found) } != 0 {
                return None;
            }
            state.before = Some(found);
            found.c_lflag &= !(libc::ICANON | libc::ECHO);
            found.c_iflag &= !libc::ICRNL;
            found.c_cc[libc::VMIN] = 1;
            found.c_cc[libc::VTIME] = 0;
            // SAFETY: as above.
            unsafe { libc::tcsetattr(self.input, libc::TCSANOW, &raw const found) };
        }
        state.lineless += 1;
        Some(Lineless(self))
    }

    /// A byte that was there before this call.
    fn kept(&self) -> Option<u8> {
        let mut state = self.state.lock();
        state.pushed.take().or_else(|| state.rest.pop_front())
    }

    /// The next byte of the keyboard. Blocks.
    fn get(&self) -> i32 {
        if let Some(byte) = self.kept() {
            return byte.into();
        }
        let lineless = self.lineless();
        let Some(byte) = self.byte() else {
            return END;
        };
        if lineless.is_none() {
            return byte.into();
        }
        let first = match byte {
            0x7f => 8,
            ESCAPE => self.escape(),
            other => other,
        };
        first.into()
    }

    /// What a key that begins with escape is: its first byte, the others are kept.
    fn escape(&self) -> u8 {
        let mut sequence = Vec::new();
        while self.is_ready(TOGETHER)
            && let Some(byte) = self.byte()
        {
            sequence.push(byte);
            let is_introduction = sequence.len() == 1 && matches!(byte, b'[' | b'O');
            if !is_introduction && !matches!(byte, b'0'..=b'9' | b';') {
                break;
            }
        }
        let known = KEYS.iter().find(|(keys, ..)| *keys == sequence);
        let mut state = self.state.lock();
        match known {
            Some((_, first, second)) => {
                state.rest.push_back(*second);
                *first
            }
            None => {
                state.rest.extend(sequence);
                ESCAPE
            }
        }
    }

    /// Whether a key waits.
    fn is_hit(&self) -> bool {
        let state = self.state.lock();
        if state.pushed.is_some() || !state.rest.is_empty() {
            return true;
        }
        drop(state);
        // Who is not in the foreground would be stopped for what follows.
        // SAFETY: no pointers.
        let owner = unsafe { libc::tcgetpgrp(self.input) };
        // SAFETY: no arguments.
        let own = unsafe { libc::getpgrp() };
        if owner != -1 && owner != own {
            return false;
        }
        let _lineless = self.lineless();
        self.is_ready(0)
    }

    fn push(&self, key: i32) -> i32 {
        let mut state = self.state.lock();
        match u8::try_from(key) {
            Ok(byte) if state.pushed.is_none() => {
                state.pushed = Some(byte);
                key
            }
            _ => END,
        }
    }

    fn is_ready(&self, milliseconds: i32) -> bool {
        let mut asked = libc::pollfd {
            fd: self.input,
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one live local.
        let ready = unsafe { libc::poll(&raw mut asked, 1, milliseconds) };
        ready == 1 && asked.revents & libc::POLLIN != 0
    }

    /// One byte of the descriptor, `None` at its end. Blocks.
    fn byte(&self) -> Option<u8> {
        let mut byte = 0_u8;
        loop {
            // SAFETY: one byte, a live local.
            match unsafe { libc::read(self.input, (&raw mut byte).cast(), 1) } {
                1 => return Some(byte),
                -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                _ => return None,
            }
        }
    }
}

/// The next key of the standard input, without echo; `EOF` at its end. Keys without a letter are two bytes, the first 0 or 0xE0. Blocks
/// until there is one. Any thread. Microsoft: "_getch, _getwch".
///
/// DIFFERS: Windows reads the console whatever the standard input is; here a program's input is what it was given, and may be a file.
#[must_use]
pub fn get() -> i32 {
    KEYBOARD.get()
}

/// Whether a key waits to be read: 1, else 0. Does not block. Any thread. Microsoft: "_kbhit".
#[must_use]
pub fn is_hit() -> i32 {
    KEYBOARD.is_hit().into()
}

/// Puts a key back, to be the next: itself, or `EOF` when there is one already or it is no byte. Any thread.
/// Microsoft: "_ungetch, _ungetwch".
#[must_use]
pub fn push(key: i32) -> i32 {
    KEYBOARD.push(key)
}

exports! {
    "ws2spi_getch" ws2spi_getch() -> i32 = END => get;
    "ws2spi_kbhit" ws2spi_kbhit() -> i32 = 0 => is_hit;
    "ws2spi_ungetch" ws2spi_ungetch(key: i32) -> i32 = END => push;
}

/// What terminals send behind the escape for a key, and the two bytes that it is on Windows.
const KEYS: [(&[u8], u8, u8); 30] = [
    (b"[A", EXTENDED, 72),
    (b"OA", EXTENDED, 72),
    (b"[B", EXTENDED, 80),
    (b"OB", EXTENDED, 80),
    (b"[C", EXTENDED, 77),
    (b"OC", EXTENDED, 77),
    (b"[D", EXTENDED, 75),
    (b"OD", EXTENDED, 75),
    (b"[H", EXTENDED, 71),
    (b"OH", EXTENDED, 71),
    (b"[1~", EXTENDED, 71),
    (b"[F", EXTENDED, 79),
    (b"OF", EXTENDED, 79),
    (b"[4~", EXTENDED, 79),
    (b"[2~", EXTENDED, 82),
    (b"[3~", EXTENDED, 83),
    (b"[5~", EXTENDED, 73),
    (b"[6~", EXTENDED, 81),
    (b"OP", 0, 59),
    (b"OQ", 0, 60),
    (b"OR", 0, 61),
    (b"OS", 0, 62),
    (b"[15~", 0, 63),
    (b"[17~", 0, 64),
    (b"[18~", 0, 65),
    (b"[19~", 0, 66),
    (b"[20~", 0, 67),
    (b"[21~", 0, 68),
    (b"[23~", EXTENDED, 133),
    (b"[24~", EXTENDED, 134),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::ptr::null_mut;
    use std::thread;

    /// A terminal: the end where somebody types, and the program's.
    fn terminal() -> (File, File) {
        let (mut typist, mut program) = (0, 0);
        // SAFETY: two live locals; no name and no settings are asked for.
        let made = unsafe {
            libc::openpty(
                &raw mut typist,
                &raw mut program,
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!(made, 0, "there are terminals");
        // SAFETY: nobody else has these descriptors.
        [typist, program]
            .map(|descriptor| unsafe { File::from_raw_fd(descriptor) })
            .into()
    }

    fn modes(terminal: &File) -> (libc::tcflag_t, libc::tcflag_t) {
        // SAFETY: a C structure of numbers.
        let mut found: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: a live local.
        let told = unsafe { libc::tcgetattr(terminal.as_raw_fd(), &raw mut found) };
        assert_eq!(told, 0);
        (found.c_lflag, found.c_iflag)
    }

    // "_kbhit", "_getch": a key is there without the end of a line; the terminal is as it was afterwards.
    #[test]
    fn a_key_comes_without_the_end_of_its_line() {
        let (mut typist, program) = terminal();
        let before = modes(&program);
        let keyboard = Keyboard::new(program.as_raw_fd());
        assert!(!keyboard.is_hit());
        typist.write_all(b"x").expect("it is typed");
        while !keyboard.is_hit() {
            thread::yield_now();
        }
        assert_eq!(keyboard.get(), i32::from(b'x'));
        assert!(!keyboard.is_hit());
        assert_eq!(modes(&program), before);
        let lineless = keyboard.lineless();
        typist.write_all(b"\r\x7f").expect("it is typed");
        assert_eq!([keyboard.get(), keyboard.get()], [13, 8]);
        drop(lineless);
        assert_eq!(modes(&program), before);
    }

    // "_getch": "When reading a function key or an arrow key, each function must be called twice".
    #[test]
    fn a_key_without_a_letter_is_two_bytes() {
        let (mut typist, program) = terminal();
        let keyboard = Keyboard::new(program.as_raw_fd());
        let _lineless = keyboard.lineless();
        typist.write_all(b"\x1b[A\x1bOP").expect("it is typed");
        assert_eq!([keyboard.get(), keyboard.get()], [0xe0, 72]);
        assert_eq!([keyboard.get(), keyboard.get()], [0, 59]);
        typist.write_all(b"\x1b[9z").expect("it is typed");
        let keys = [0; 4].map(|_| keyboard.get());
        assert_eq!(
            keys,
            [0x1b, i32::from(b'['), i32::from(b'9'), i32::from(b'z')]
        );
    }

    // "_ungetch": one key, which is the next.
    #[test]
    fn one_key_can_be_put_back() {
        let nothing = File::open("/dev/null").expect("it is there");
        let keyboard = Keyboard::new(nothing.as_raw_fd());
        assert_eq!(keyboard.push(i32::from(b'a')), i32::from(b'a'));
        assert_eq!(keyboard.push(i32::from(b'b')), END);
        assert!(keyboard.is_hit());
        assert_eq!(keyboard.get(), i32::from(b'a'));
        assert_eq!(keyboard.push(END), END);
        assert_eq!(keyboard.push(256), END);
        assert_eq!(keyboard.get(), END);
    }
}
