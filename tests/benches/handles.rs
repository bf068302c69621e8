//! What do the handle namespace's operations cost, and do readers of different sockets disturb each other? Bounds: create + query +
//! close 100 ns, query alone 10 ns, two threads on different sockets 1.9 times one thread.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_kernel::handles::{self, Owner};
// The names that providers bind to, which this program exports as every host of providers does.
use ws2_32 as _;

struct Nobody;

impl Owner for Nobody {}

fn queries(handle: usize, rounds: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..rounds {
        black_box(handles::minted_context(black_box(handle)));
    }
    begin.elapsed()
}

/// The time that two threads take for `rounds` queries each, on handles of their own.
fn two_threads(rounds: u64) -> Duration {
    let owner: Arc<dyn Owner> = Arc::new(Nobody);
    let handles = [0, 1]
        .map(|context| handles::insert_minted(Arc::clone(&owner), context).expect("a handle"));
    let barrier = Barrier::new(2);
    let took = thread::scope(|scope| {
        let workers = handles.map(|handle| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                queries(handle.raw(), rounds)
            })
        });
        workers.map(|worker| worker.join().expect("a query does not panic"))
    });
    for handle in handles {
        handles::close(handle.raw()).expect("the handle is open");
    }
    took.into_iter().max().unwrap_or_default()
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
    group.bench_function("query", |b| {
        b.iter_custom(|rounds| queries(handle.raw(), rounds))
    });
    group.bench_function("query on two threads", |b| b.iter_custom(two_threads));
    group.finish();
    handles::close(handle.raw()).expect("the handle is open");
}

criterion_group!(benches, operations);
criterion_main!(benches);
