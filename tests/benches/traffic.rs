//! Does the base provider carry data as fast as the system's own calls? Blocking TCP over loopback, the same C code compiled against
//! our functions and against the C library's, side by side in one run. Bounds: 0.97 of the round trips and of the throughput.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use ws2spi_tests::configuration;

unsafe extern "C" {
    fn system_ping_pong(rounds: u64, size: i32) -> u64;
    fn ws2spi_ping_pong(rounds: u64, size: i32) -> u64;
    fn system_stream(rounds: u64, size: i32) -> u64;
    fn ws2spi_stream(rounds: u64, size: i32) -> u64;
}

type Traffic = unsafe extern "C" fn(u64, i32) -> u64;

fn measured(traffic: Traffic, rounds: u64, size: i32) -> Duration {
    // SAFETY: the functions take numbers only.
    let nanoseconds = unsafe { traffic(rounds, size) };
    assert!(nanoseconds > 0, "a call of the traffic failed");
    Duration::from_nanos(nanoseconds)
}

fn traffic(criterion: &mut Criterion) {
    configuration::startup();
    let pairs: [(&str, i32, Traffic, Traffic); 2] = [
        (
            "ping-pong of 64 bytes",
            64,
            system_ping_pong,
            ws2spi_ping_pong,
        ),
        (
            "stream of 64 KiB pieces",
            65536,
            system_stream,
            ws2spi_stream,
        ),
    ];
    for (what, size, system, ours) in pairs {
        let mut group = criterion.benchmark_group(what);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function("system", |b| {
            b.iter_custom(|rounds| measured(system, rounds, size))
        });
        group.bench_function("ws2spi", |b| {
            b.iter_custom(|rounds| measured(ours, rounds, size))
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(8));
    targets = traffic
}
criterion_main!(benches);
