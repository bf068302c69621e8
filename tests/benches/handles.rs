//! What do the handle namespace's operations cost, and do readers of different sockets disturb each other? Bounds: create + query +
//! close 100 ns, query alone 10 ns, two threads on different sockets 1.9 times one thread.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::{black_box, spin_loop};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_kernel::handles::{self, Handle, Owner};
// The names that providers bind to, which this program exports as every host of providers does.
use ws2_32 as _;

struct Nobody;

impl Owner for Nobody {}

fn queries(handle: Handle, rounds: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..rounds {
        black_box(handles::minted_context(black_box(handle.raw())));
    }
    begin.elapsed()
}

/// What two threads on handles of their own do, against one thread: the median over many short turns, each of which measures one
/// thread alone and then both, so that what else runs on the machine meets both alike. A turn that it interrupts says nothing.
fn two_threads() -> f64 {
    const TURNS: usize = 2000;
    const ROUNDS: u64 = 100_000;
    let owner: Arc<dyn Owner> = Arc::new(Nobody);
    let handles = [0, 1]
        .map(|context| handles::insert_minted(Arc::clone(&owner), context).expect("a handle"));
    let (ready, turn) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut ratios: Vec<f64> = thread::scope(|scope| {
        scope.spawn(|| {
            for at in 1..=TURNS {
                ready.store(at, Release);
                while turn.load(Acquire) < at {
                    spin_loop();
                }
                // Longer than the other one, so that it is never alone.
                queries(handles[1], 2 * ROUNDS);
            }
        });
        let measured = (1..=TURNS).map(|at| {
            while ready.load(Acquire) < at {
                thread::yield_now();
            }
            let alone = queries(handles[0], ROUNDS);
            turn.store(at, Release);
            let both = queries(handles[0], ROUNDS);
            2.0 * alone.as_secs_f64() / both.as_secs_f64()
        });
        measured.collect()
    });
    for handle in handles {
        handles::close(handle.raw()).expect("the handle is open");
    }
    ratios.sort_by(f64::total_cmp);
    ratios[TURNS / 2]
}

fn operations(criterion: &mut Criterion) {
    let owner: Arc<dyn Owner> = Arc::new(Nobody);
    let mut group = criterion.benchmark_group("minted handles");
    group.bench_function("create, query, close", |b| {
        b.iter(|| {
            let handle = handles::insert_minted(Arc::clone(&owner), 7).expect("a handle");
            black_box(handles::minted_context(handle.raw()));
            handles::close(handle.raw()).expect("the handle is open");
        });
    });
    let handle = handles::insert_minted(Arc::clone(&owner), 7).expect("a handle");
    group.bench_function("query", |b| b.iter_custom(|rounds| queries(handle, rounds)));
    group.finish();
    println!(
        "two threads do {:.2} times the queries of one (bound: 1.9)",
        two_threads()
    );
    handles::close(handle.raw()).expect("the handle is open");
}

criterion_group!(benches, operations);
criterion_main!(benches);
