//! How much memory do a minted handle and an idle base socket take in user space? Counts what is allocated, over many of them. Bounds:
//! 64 bytes per minted handle, 512 bytes per idle base socket.

use std::process::Command;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::handles::{self, Owner};
use ws2spi_tests::allocated::{self, Counting};
use ws2spi_tests::{Socket, configuration};

#[global_allocator]
static COUNTING: Counting = Counting;

struct Nobody;

impl Owner for Nobody {}

/// How many are made before counting begins.
const WARM: usize = 16;

/// Bytes per item that making `count` of them allocates and keeps.
fn per_item<T>(count: usize, mut make: impl FnMut() -> T) -> f64 {
    let mut kept = Vec::with_capacity(count);
    // The first ones pay for what all share.
    let warm: Vec<T> = (0..WARM).map(|_| make()).collect();
    let before = allocated::bytes();
    kept.extend((0..count).map(|_| make()));
    let after = allocated::bytes();
    drop((warm, kept));
    (after - before) as f64 / count as f64
}

/// Makes handles as a layer does; their list is this bench's own and was there before.
fn minted() -> f64 {
    const COUNT: usize = 10_240;
    let owner: Arc<dyn Owner> = Arc::new(Nobody);
    let mut minted = Vec::with_capacity(COUNT + WARM);
    let bytes = per_item(COUNT, || {
        minted.push(handles::insert_minted(Arc::clone(&owner), 0).expect("a handle"))
    });
    for handle in minted {
        handles::close(handle.raw()).expect("the handle is open");
    }
    bytes
}

fn sockets(kind: i32, protocol: i32) -> f64 {
    per_item(512, || {
        Socket::new(AF_INET, kind, protocol).expect("a socket")
    })
}

/// What is measured, its bound in bytes, and how.
type Row = (&'static str, i32, fn() -> f64);

fn main() {
    let rows: [Row; 3] = [
        ("minted handle", 64, minted),
        ("idle TCP socket of the base", 512, || {
            sockets(SOCK_STREAM, IPPROTO_TCP)
        }),
        ("idle UDP socket of the base", 512, || {
            sockets(SOCK_DGRAM, IPPROTO_UDP)
        }),
    ];
    let asked = std::env::args().find_map(|argument| {
        let row = argument.strip_prefix("row=")?;
        rows.iter().find(|(what, ..)| *what == row)
    });
    if let Some((what, bound, measure)) = asked {
        configuration::startup();
        println!("{what}: {:.1} bytes (bound: {bound})", measure());
        return;
    }
    // A process for each: what has grown for one kind would be there already for the next.
    for (what, ..) in rows {
        let this = std::env::current_exe().expect("a program has a path");
        let ended = Command::new(this).arg(format!("row={what}")).status();
        assert!(ended.is_ok_and(|status| status.success()), "{what}");
    }
}
