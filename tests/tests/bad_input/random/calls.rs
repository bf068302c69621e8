//! Making the calls, and looking at what they did.

use super::argument::{Argument, Makes};
use super::draw::Draw;
use super::functions::Function;
use super::memory::Memory;
use super::watch;
use super::world::{World, close_socket, invoke};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Once};
use std::time::Instant;
use std::{env, fs, panic, thread};
use tempfile::TempDir;
use ws2spi_abi::*;
use ws2spi_tests::by_name::{call, export};
use ws2spi_tests::census::Census;
use ws2spi_tests::findings::Findings;
use ws2spi_tests::seed::Random;
use ws2spi_tests::{Configuration, Socket, configuration, socket, wait, winsock};

/// Whether the calls need sockets, or files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Sockets,
    Files,
    Nothing,
}

/// How often a world is made anew.
const RENEWAL: u64 = 2_500;
/// The same when functions that close and connect are called in turn.
const RENEWAL_OF_A_MIXTURE: u64 = 500;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// A process in which calls are made: what it holds at its beginning it holds at its end.
pub struct Process {
    findings: Arc<Findings>,
    seed: u64,
    census: Census,
    threads: usize,
    began: Instant,
    needs: Needs,
    /// Where files are made.
    _folder: TempDir,
}

impl Process {
    /// Looks at the process before the first call.
    pub fn begin(configuration: Configuration, needs: Needs) -> Self {
        watch::start();
        let folder = tempfile::tempdir().expect("a scratch folder");
        env::set_current_dir(folder.path()).expect("it is there");
        panic::set_hook(Box::new(|what| {
            PANICS.fetch_add(1, Relaxed);
            eprintln!("{what}\nin or after {}", watch::current().as_str());
        }));
        let findings = Findings::install();
        let seed = Random::from_environment().number();
        // What is made once for the process is made now.
        configuration.start();
        end_runtime();
        apart(move || drop(Stage::new(needs)));
        Self {
            findings,
            seed,
            census: Census::take(),
            threads: threads(),
            began: Instant::now(),
            needs,
            _folder: folder,
        }
    }

    /// Calls a function so many times.
    pub fn function(&self, function: &'static Function, calls: u64) {
        let mut random = Random::new(self.seed ^ hash(function.name));
        let needs = self.needs;
        apart(move || {
            let mut stage = Stage::new(needs);
            for count in 0..calls {
                if count % RENEWAL == RENEWAL - 1 {
                    stage = stage.renewed();
                }
                stage.call(function, &mut random);
            }
        });
        self.look();
    }

    /// Calls functions in turn, so many times in all.
    pub fn mixture(&self, functions: &[&'static Function], calls: u64) {
        let mut random = Random::new(self.seed);
        let (functions, needs) = (functions.to_vec(), self.needs);
        apart(move || {
            let mut stage = Stage::new(needs);
            for count in 0..calls {
                if count % RENEWAL_OF_A_MIXTURE == RENEWAL_OF_A_MIXTURE - 1 {
                    stage = stage.renewed();
                }
                let function = *random.pick(&functions);
                stage.call(function, &mut random);
            }
        });
        self.look();
    }

    /// Nothing panicked, no provider was found to misbehave, nothing is left over.
    fn look(&self) {
        assert_eq!(PANICS.load(Relaxed), 0, "panics were caught");
        let found: Vec<String> = self
            .findings
            .take()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, [""; 0]);
        self.census.expect_no_more();
        wait::until("the threads to end", || threads() <= self.threads);
    }

    /// Says how much was done.
    pub fn end(self, what: &str) {
        watch::idle();
        println!(
            "{what}: {} calls in {:.1} s",
            watch::calls(),
            self.began.elapsed().as_secs_f64()
        );
        let _ = panic::take_hook();
    }
}

/// Runs on a thread of its own: what belongs to a thread ends with it.
fn apart(work: impl FnOnce() + Send + 'static) {
    let done = thread::spawn(work).join();
    assert!(done.is_ok(), "the calls were cut short");
}

/// From now on the process has no input.
fn end_input() {
    static ENDED: Once = Once::new();
    ENDED.call_once(|| {
        let nothing = File::open("/dev/null").expect("it is there");
        // SAFETY: no pointers; the descriptor is open.
        unsafe { libc::dup2(nothing.as_raw_fd(), libc::STDIN_FILENO) };
    });
}

/// Ends the runtime, however often it was started.
fn end_runtime() {
    // SAFETY: no arguments.
    while unsafe { winsock::WSACleanup() } == 0 {}
}

/// How many threads the process has, where the system tells.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The started runtime with a world on it.
struct Stage {
    needs: Needs,
    world: World,
    memory: Memory,
    /// Memory that requests still may write to.
    kept: Vec<Memory>,
}

impl Stage {
    fn new(needs: Needs) -> Self {
        configuration::startup();
        // A call may have had the thread make synchronous sockets, whose calls with an OVERLAPPED block (P207).
        let overlapped = Socket::from_raw(INVALID_SOCKET);
        let _ = overlapped.set_option(SOL_SOCKET, SO_OPENTYPE, 0);
        let _ = overlapped.into_raw();
        let world = match needs {
            Needs::Sockets => World::new(),
            Needs::Files => World::of_files(),
            Needs::Nothing => World::default(),
        };
        Self {
            needs,
            world,
            memory: Memory::new(),
            kept: Vec::new(),
        }
    }

    fn renewed(self) -> Self {
        let needs = self.needs;
        drop(self);
        Self::new(needs)
    }

    fn call(&mut self, function: &'static Function, random: &mut Random) {
        let Function { name, makes, .. } = *function;
        let words = Draw::call(function, random, &mut self.memory, &self.world);
        if name.starts_with("GetMessage") {
            // It would wait for a message.
            invoke("PostQuitMessage", &[0]);
        } else if name == "ws2spi_getch" {
            // It would wait for a key.
            end_input();
        }
        socket::set_last_code(0);
        watch::begin(name, &words);
        // SAFETY: the arguments are what the function of this name takes or refuses: no pointer but to live memory of the size that
        // is said, or NULL.
        let result = unsafe { call(export(name), &words) };
        let code = socket::last_code();
        if let Some(damage) = self.memory.damage() {
            panic!("{damage}");
        }
        if fails_with(function, result) {
            assert_ne!(code, 0, "failed without a code");
        }
        self.tidy(makes, result, &words);
        if name == "ioctlsocket" || name == "WSAIoctl" {
            let s = Socket::from_raw(words[0]);
            let _ = s.set_nonblocking(true);
            let _ = s.into_raw();
        }
        if code == WSA_IO_PENDING || code == 0 && begins(function, &words) {
            self.kept
                .push(std::mem::replace(&mut self.memory, Memory::new()));
        }
    }

    /// Closes what a call made.
    fn tidy(&self, makes: Makes, result: usize, words: &[usize]) {
        let stored = |at: usize| match words[at] {
            0 => 0,
            place => self.memory.word_at(place),
        };
        match makes {
            Makes::Socket if result != INVALID_SOCKET && result != words[0] => close_socket(result),
            Makes::Handle if result != 0 && words.get(1) != Some(&result) => {
                invoke("CloseHandle", &[result]);
            }
            Makes::Window => _ = invoke("DestroyWindow", &[result]),
            Makes::Class if result != 0 => _ = invoke("UnregisterClassW", &[result, 0]),
            Makes::Module if result != 0 => _ = invoke("FreeLibrary", &[result]),
            Makes::View if result != 0 => _ = invoke("UnmapViewOfFile", &[result]),
            Makes::HandleAt(at) if result != 0 => _ = invoke("CloseHandle", &[stored(at)]),
            Makes::NoticeAt(at) if result == 0 => _ = invoke("CloseHandle", &[stored(at)]),
            Makes::ListAt(at) if result == 0 => _ = invoke("ws2_freeaddrinfo", &[stored(at)]),
            Makes::WideListAt(at) if result == 0 => _ = invoke("FreeAddrInfoW", &[stored(at)]),
            _ => {}
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        watch::idle();
        // A process that was ended by a call is started again, for the world to be taken down.
        configuration::startup();
        self.world = World::default();
        end_runtime();
        // Routines that wait for the thread run before their memory goes.
        // SAFETY: no pointers.
        unsafe { winsock::SleepEx(0, TRUE) };
        self.kept.clear();
    }
}

/// Whether a result is the failure of a function that says why in the thread's last error.
fn fails_with(function: &Function, result: usize) -> bool {
    if SILENT.contains(&function.name) || !function.says_why() {
        return false;
    }
    match export(function.name).result_size() {
        _ if TRUTHS.contains(&function.name) => result == 0,
        4 => result == u32::MAX as usize,
        _ => result == usize::MAX,
    }
}

/// Whether the call may have begun an operation, whose end is told although it succeeded at once (U186).
fn begins(function: &Function, words: &[usize]) -> bool {
    let given =
        |(argument, word): (&Argument, &usize)| *argument == Argument::Overlapped && *word != 0;
    BEGINNERS.contains(&function.name) && function.arguments.iter().zip(words).any(given)
}

/// Functions that begin operations.
const BEGINNERS: [&str; 8] = [
    "WSAIoctl",
    "WSARecv",
    "WSARecvFrom",
    "WSASend",
    "WSASendMsg",
    "WSASendTo",
    "ReadFile",
    "WriteFile",
];

/// Functions that answer -1 or 0 and leave the last error alone.
const SILENT: [&str; 3] = [
    "__WSAFDIsSet",
    "ws2spi_socket_fd",
    "WPUCompleteOverlappedRequest",
];

/// Functions whose failure is 0.
const TRUTHS: [&str; 7] = [
    "WSAGetOverlappedResult",
    "WSAGetQOSByName",
    "ReadFile",
    "WriteFile",
    "GetOverlappedResult",
    "CancelIo",
    "CancelIoEx",
];

/// How many calls of each function are made: `WS2SPI_CALLS`, or what the time of a test run permits.
pub fn wanted() -> u64 {
    match env::var("WS2SPI_CALLS") {
        Ok(text) => text.parse().expect("WS2SPI_CALLS is a number"),
        Err(_) => DEFAULT,
    }
}

const DEFAULT: u64 = if cfg!(debug_assertions) {
    20_000
} else {
    100_000
};
