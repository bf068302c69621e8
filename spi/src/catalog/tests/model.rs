//! Random sequences of changes against a model that is simple enough to be right by reading.
//!
//! The seed is printed when a sequence fails and can be given back as WS2SPI_SEED.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use ws2spi_abi::Errno;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::super::LayerInstallation;
use super::super::Targets;
use super::*;

#[derive(Clone, Debug)]
enum Operation {
    Install {
        provider: u8,
        count: usize,
    },
    Deinstall {
        provider: u8,
    },
    Update {
        provider: u8,
        count: usize,
    },
    Layer {
        provider: u8,
    },
    /// Moves one entry to another place; `spoil` makes the order no permutation.
    Order {
        from: usize,
        to: usize,
        spoil: bool,
    },
    Reopen,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let provider = 1u8..6;
    let operation = prop_oneof![
        4 => (provider.clone(), 0usize..4)
            .prop_map(|(provider, count)| Operation::Install { provider, count }),
        3 => provider.clone().prop_map(|provider| Operation::Deinstall { provider }),
        2 => (provider.clone(), 0usize..4)
            .prop_map(|(provider, count)| Operation::Update { provider, count }),
        1 => provider.prop_map(|provider| Operation::Layer { provider }),
        2 => (any::<usize>(), any::<usize>(), prop::bool::weighted(0.2))
            .prop_map(|(from, to, spoil)| Operation::Order { from, to, spoil }),
        1 => Just(Operation::Reopen),
    ];
    vec(operation, 1..40)
}

/// What the model knows of an entry: id, provider (0: the base, 100: a chain of ours), version of
/// its data.
type Row = (u32, u8, i32);

/// The model: rows in order, and the next id. `version` makes the data of each change its own.
struct Model {
    rows: Vec<Row>,
    next: u32,
    version: i32,
}

impl Model {
    fn new() -> Self {
        Self {
            rows: (1001..1007).map(|id| (id, 0, 2)).collect(),
            next: 1007,
            version: 2,
        }
    }

    fn has(&self, provider: u8) -> bool {
        self.rows.iter().any(|row| row.1 == provider)
    }

    fn push(&mut self, at: usize, provider: u8) {
        self.rows.insert(at, (self.next, provider, self.version));
        self.next += 1;
    }

    fn apply(&mut self, operation: &Operation) -> Result<(), Errno> {
        self.version += 1;
        match *operation {
            Operation::Reopen => {}
            Operation::Install { count: 0, .. } => return Err(Errno::INVAL),
            Operation::Install { provider, .. } if self.has(provider) => {
                return Err(Errno::NO_RECOVERY);
            }
            Operation::Install { provider, count } => {
                (0..count).for_each(|_| self.push(self.rows.len(), provider));
            }
            Operation::Deinstall { provider } | Operation::Update { provider, .. }
                if !self.has(provider) =>
            {
                return Err(Errno::INVAL);
            }
            Operation::Deinstall { provider } => self.rows.retain(|row| row.1 != provider),
            Operation::Update { count: 0, .. } => return Err(Errno::INVAL),
            Operation::Update { provider, count } => {
                let mut left = count;
                let version = self.version;
                self.rows.retain_mut(|row| {
                    let keep = row.1 != provider || left > 0;
                    if row.1 == provider && left > 0 {
                        left -= 1;
                        row.2 = version;
                    }
                    keep
                });
                (0..left).for_each(|_| self.push(self.rows.len(), provider));
            }
            Operation::Layer { provider } if self.has(provider) => {
                return Err(Errno::NO_RECOVERY);
            }
            Operation::Layer { provider } => {
                // Base entries and installed ones are all TCP, UDP and RAW of two families.
                let before = self.rows.len();
                self.rows.push((self.next, provider, -1));
                self.next += 1;
                for chain in 0..6 {
                    self.rows.insert(chain, (self.next, 100, -1));
                    self.next += 1;
                }
                assert_eq!(self.rows.len(), before + 7);
            }
            Operation::Order { spoil: true, .. } => return Err(Errno::INVAL),
            Operation::Order { from, to, .. } => {
                let row = self.rows.remove(from % self.rows.len());
                self.rows.insert(to % (self.rows.len() + 1), row);
            }
        }
        Ok(())
    }
}

fn infos(count: usize, version: i32) -> Vec<WSAPROTOCOL_INFOW> {
    let info = WSAPROTOCOL_INFOW {
        iVersion: version,
        ..base_entries()[0]
    };
    vec![info; count]
}

fn provider(number: u8) -> GUID {
    guid(u128::from(number))
}

/// Applies an operation to the catalog; `version` is the model's.
fn apply(catalog: &Catalog, operation: &Operation, version: i32) -> Result<(), Errno> {
    let lists = [Bits::SixtyFour];
    let result = match *operation {
        Operation::Reopen => Ok(()),
        Operation::Install {
            provider: number,
            count,
        } => catalog.install(&lists, provider(number), "p.so", &infos(count, version)),
        Operation::Deinstall { provider: number } => {
            catalog.deinstall(Bits::SixtyFour, provider(number))
        }
        Operation::Update {
            provider: number,
            count,
        } => catalog.update(
            Bits::SixtyFour,
            provider(number),
            "p.so",
            &infos(count, version),
        ),
        Operation::Layer { provider: number } => {
            let name: Vec<u16> = format!("layer {version}").encode_utf16().collect();
            let layer = LayerInstallation {
                provider: provider(number),
                path: "layer.so",
                name: &name,
                service_flags: 0,
                targets: Targets::EveryBase,
            };
            catalog
                .install_layer(&[(Bits::SixtyFour, layer)], &|_, _| true)
                .map(|_| ())
        }
        Operation::Order { from, to, spoil } => {
            let mut ids: Vec<EntryId> = native(catalog)
                .entries()
                .iter()
                .map(|entry| entry.id())
                .collect();
            let moved = ids.remove(from % ids.len());
            ids.insert(to % (ids.len() + 1), moved);
            if spoil {
                let last = ids.len() - 1;
                ids[last] = ids[0];
            }
            catalog.reorder(Bits::SixtyFour, &ids)
        }
    };
    result.map_err(|error| error.errno())
}

fn rows(catalog: &Catalog) -> Vec<Row> {
    let numbers = (1u8..6).map(|number| (provider(number), number));
    let known: Vec<(GUID, u8)> = numbers.collect();
    let row = |entry: &Arc<Entry>| {
        let own = known.iter().find(|(guid, _)| *guid == entry.provider());
        let is_layers = entry.path() == "layer.so";
        let number = match own {
            Some((_, number)) => *number,
            None if is_layers => 100,
            None => 0,
        };
        let version = if is_layers { -1 } else { entry.info().iVersion };
        (entry.id().get(), number, version)
    };
    native(catalog).entries().iter().map(row).collect()
}

fn check(
    operations: &[Operation],
    open: &dyn Fn() -> Catalog,
    reopens: bool,
) -> Result<(), TestCaseError> {
    let mut catalog = open();
    let mut model = Model::new();
    for operation in operations {
        if reopens && matches!(operation, Operation::Reopen) {
            catalog = open();
        }
        let expected = model.apply(operation);
        prop_assert_eq!(
            apply(&catalog, operation, model.version),
            expected,
            "{:?}",
            operation
        );
        prop_assert_eq!(rows(&catalog), &*model.rows, "after {:?}", operation);
        prop_assert_eq!(native(&catalog).next_id().get(), model.next);
    }
    Ok(())
}

fn run(cases: u32, test: impl Fn(Vec<Operation>) -> Result<(), TestCaseError>) {
    let seed = match std::env::var("WS2SPI_SEED") {
        Ok(seed) => seed.parse().expect("WS2SPI_SEED is a number"),
        Err(_) => rand_seed(),
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new_with_rng(config, rng).run(&operations(), test);
    assert!(
        outcome.is_ok(),
        "WS2SPI_SEED={seed}: {}",
        outcome.unwrap_err()
    );
}

/// A seed of this run's own, from the standard library's random hash keys.
fn rand_seed() -> u64 {
    use std::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(0)
}

#[test]
fn random_changes_in_memory_agree_with_the_model() {
    // U127-U130, U132, U135, U136: order, ids, GUIDs over any sequence.
    run(256, |operations| check(&operations, &fresh, false));
}

#[test]
fn random_changes_in_a_file_agree_with_the_model() {
    // The same through the file, reopened as another process would.
    run(24, |operations| {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("catalog.json");
        let open = || Catalog::open(&file, BASE, &base_entries()).unwrap();
        check(&operations, &open, true)
    });
}
