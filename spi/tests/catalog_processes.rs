//! Processes that share a catalog: a file, on Windows a key of the registry.
//!
//! Writers at once take turns. A writer that is killed (SIGKILL) at random points loses nothing it
//! had finished, what it had not finished is there whole or not at all, and the next writer can go
//! on.
//!
//! The writers are this test program itself, started again with `CHILD` in its environment. The seed
//! of the points is printed and can be given back as WS2SPI_SEED.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ws2spi::catalog::Bits;
use ws2spi::catalog::Catalog;
use ws2spi_abi::GUID;
use ws2spi_abi::WSAPROTOCOL_INFOW;

/// Names the catalog to the child.
const CHILD: &str = "WS2SPI_TEST_CATALOG_CRASH";

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        fn open(key: &Path) -> Catalog {
            let key = key.to_str().unwrap();
            Catalog::in_registry(key, "linked:base", &[info()]).unwrap()
        }

        /// A key below HKEY_LOCAL_MACHINE, gone when this is.
        struct Scratch(PathBuf);

        impl Scratch {
            fn new() -> Self {
                let random = std::hash::RandomState::new().hash_one(0);
                Self(PathBuf::from(format!("Software\\ws2spi-test\\{random:016x}")))
            }

            fn catalog(&self) -> PathBuf {
                self.0.clone()
            }
        }

        impl Drop for Scratch {
            fn drop(&mut self) {
                let key = format!("HKLM\\{}", self.0.display());
                let mut reg = Command::new("reg");
                reg.args(["delete", &key, "/f"]).stdout(Stdio::null());
                assert!(reg.status().unwrap().success());
            }
        }
    } else {
        fn open(file: &Path) -> Catalog {
            Catalog::open(file, "linked:base", &[info()]).unwrap()
        }

        /// A folder, gone when this is.
        struct Scratch(tempfile::TempDir);

        impl Scratch {
            fn new() -> Self {
                Self(tempfile::TempDir::new().unwrap())
            }

            fn catalog(&self) -> PathBuf {
                self.0.path().join("catalog.json")
            }
        }
    }
}

fn info() -> WSAPROTOCOL_INFOW {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    info.ProtocolChain.ChainLen = 1;
    info
}

fn guid(number: u64) -> GUID {
    GUID::from_u128(u128::from(number))
}

fn number(guid: GUID) -> u64 {
    guid.to_u128() as u64
}

/// Installs provider after provider, removing each after two more, and says so when it has.
#[test]
fn child_writes_until_it_is_killed() {
    // No assertion of its own: the writer of the test below, a no-op when run directly.
    let Some(file) = std::env::var_os(CHILD) else {
        return;
    };
    let catalog = open(Path::new(&file));
    let state = catalog.state().unwrap();
    // The base entry's GUID is zero, ours count from one.
    let numbers = state
        .list(Bits::SixtyFour)
        .entries()
        .iter()
        .map(|entry| number(entry.provider()));
    let mut installed: BTreeSet<u64> = numbers.collect();
    let first = installed.last().map_or(1, |last| last + 1);
    installed.remove(&0);
    for number in first.. {
        catalog
            .install(&[Bits::SixtyFour], guid(number), "p.so", &[info()])
            .unwrap();
        let mut out = std::io::stderr().lock();
        writeln!(out, "{number}").unwrap();
        drop(out);
        installed.insert(number);
        while installed.len() > 2 {
            let oldest = installed.pop_first().unwrap();
            catalog.deinstall(Bits::SixtyFour, guid(oldest)).unwrap();
        }
    }
}

#[test]
fn killing_a_writer_loses_nothing() {
    // Issue 2, "Bad input": kill -9 during a catalog write loses nothing.
    let seed: u64 = match std::env::var("WS2SPI_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => std::hash::RandomState::new().hash_one(0),
    };
    println!("WS2SPI_SEED={seed}");
    let mut random = Random(seed | 1);
    let scratch = Scratch::new();
    let file = scratch.catalog();
    let mut acknowledged = 0;
    for round in 0..30 {
        let lines = 1 + random.below(4);
        let delay = Duration::from_micros(random.below(4000));
        let finished = write_and_kill(&file, lines, delay);
        assert!(
            finished > acknowledged,
            "round {round}: {finished} after {acknowledged}"
        );

        let state = open(&file).state().unwrap();
        let list = state.list(Bits::SixtyFour);
        let installed = |number| list.provider(guid(number)).is_some();
        assert!(installed(finished), "round {round}: {finished} is lost");
        assert!(
            finished == 1 || installed(finished - 1),
            "round {round}: {finished} - 1 is lost"
        );
        assert!(!installed(finished + 2), "round {round}");
        // The lock went with its holder, and whatever was half written is in nobody's way.
        let next = finished + u64::from(installed(finished + 1));
        open(&file)
            .categorize(Bits::SixtyFour, guid(next), 1)
            .unwrap();
        acknowledged = next;
    }
}

/// Names the writer's number to a child.
const WRITER: &str = "WS2SPI_TEST_CATALOG_WRITER";

/// How many providers each of the writers installs.
const EACH: u64 = 20;

#[test]
fn child_installs_its_share() {
    // No assertion of its own: a writer of the test below, a no-op when run directly.
    let (Some(file), Ok(writer)) = (std::env::var_os(CHILD), std::env::var(WRITER)) else {
        return;
    };
    let catalog = open(Path::new(&file));
    let first = writer.parse::<u64>().unwrap() * EACH;
    for number in first..first + EACH {
        catalog
            .install(&[Bits::SixtyFour], guid(1 + number), "p.so", &[info()])
            .unwrap();
    }
}

#[test]
fn processes_that_write_at_once_lose_no_change() {
    // Issue 2, "Bad input": two processes at once serialize.
    let scratch = Scratch::new();
    let file = scratch.catalog();
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child_installs_its_share"])
                .env(CHILD, &file)
                .env(WRITER, writer.to_string())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let state = open(&file).state().unwrap();
    assert_eq!(state.serial(), 3 * EACH);
    for number in 1..=3 * EACH {
        assert!(
            state.list(Bits::SixtyFour).provider(guid(number)).is_some(),
            "{number}"
        );
    }
}

/// Runs the child until it said `lines` numbers and `delay` more has passed; the last number said.
fn write_and_kill(file: &Path, lines: u64, delay: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_it_is_killed", "--nocapture"])
        .env(CHILD, file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = BufReader::new(child.stderr.take().unwrap());
    let (sender, receiver) = mpsc::channel::<u64>();
    let reader = thread::spawn(move || {
        for line in pipe.lines() {
            // A number cut off by the kill has no newline behind it, but lines() gives it too.
            let Ok(line) = line else { break };
            let Ok(number) = line.parse() else {
                panic!("the child says {line:?}")
            };
            if sender.send(number).is_err() {
                break;
            }
        }
    });
    let mut last = 0;
    for _ in 0..lines {
        last = receiver
            .recv_timeout(Duration::from_secs(60))
            .expect("the child writes");
    }
    let until = std::time::Instant::now() + delay;
    while let Some(left) = until.checked_duration_since(std::time::Instant::now()) {
        match receiver.recv_timeout(left) {
            Ok(number) => last = number,
            Err(_) => break,
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    while let Ok(number) = receiver.recv() {
        last = last.max(number);
    }
    reader.join().unwrap();
    last
}

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
