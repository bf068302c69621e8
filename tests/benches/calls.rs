//! What does a call cost from the API to the base provider and back, without a system call, and what does a layer add? `send` of no
//! bytes on a connected stream, which the base answers from its own state, on sockets of the base, of an IFS chain and of a non-IFS
//! chain, in one run. Bounds: 40 ns; 10 ns more for an IFS layer, 60 ns more for a non-IFS layer.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use ws2spi_abi::*;
use ws2spi_cli::installer::{self, Handles};
use ws2spi_tests::socket::checked_socket;
use ws2spi_tests::{Socket, configuration, layers, winsock};

/// A TCP socket through the given catalog entry.
fn through(entry: &WSAPROTOCOL_INFOW) -> Socket {
    let any = FROM_PROTOCOL_INFO;
    // SAFETY: the entry lives for the call.
    let s = unsafe { winsock::WSASocketW(any, any, any, entry, 0, WSA_FLAG_OVERLAPPED) };
    checked_socket(s).expect("a TCP socket")
}

fn calls(criterion: &mut Criterion) {
    layers::install_c("layer_ifs", Handles::System);
    let entries = installer::entries().expect("the catalog can be read");
    let tcp = |entry: &&WSAPROTOCOL_INFOW| {
        (entry.iAddressFamily, entry.iProtocol, entry.iSocketType)
            == (AF_INET, IPPROTO_TCP, SOCK_STREAM)
    };
    let base = *entries
        .iter()
        .filter(tcp)
        .find(|entry| entry.ProtocolChain.ChainLen == 1)
        .expect("the base has TCP");
    let ifs = *entries
        .iter()
        .filter(tcp)
        .find(|entry| entry.ProtocolChain.ChainLen == 2)
        .expect("the chain was installed");
    // The second layer goes directly over the base as well: its chain is put where the IFS chain is not the top.
    let over_base = ws2spi_tests::providers::path("layer_nonifs");
    let layer = installer::Layer {
        path: over_base.to_str().expect("UTF-8").into(),
        name: "non-IFS".into(),
        handles: Handles::Minted,
        id: GUID::from_u128(0x5a1d_77aa_9b3e_4c55_a0f1_0000_0000_7700),
    };
    let installed = installer::install(&layer, |entry| {
        entry.dwCatalogEntryId == base.dwCatalogEntryId
    })
    .expect("the layer installs");
    let nonifs = *installed.chains.first().expect("one chain");
    configuration::startup();

    let mut group = criterion.benchmark_group("call without a system call");
    for (name, entry) in [
        ("base", base),
        ("IFS layer", ifs),
        ("non-IFS layer", nonifs),
    ] {
        let socket = through(&entry);
        let listener = Socket::listener(AF_INET);
        socket
            .connect(listener.name().expect("a listener has a name"))
            .expect("loopback connects");
        group.bench_function(name, |b| {
            b.iter(|| {
                // SAFETY: no bytes are read.
                let sent = unsafe { winsock::send(black_box(socket.raw()), [].as_ptr(), 0, 0) };
                assert_eq!(sent, 0);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
