//! How much memory do a minted handle and an idle base socket take in user space? Counts what is allocated, over many of them. Bounds:
//! 64 bytes per minted handle, 512 bytes per idle base socket.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};
use ws2spi_abi::*;
use ws2spi_kernel::handles::{self, Owner};
use ws2spi_tests::{Socket, configuration};

struct Counting;

static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

// SAFETY: passes every call on to the system's allocator and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Nobody;

impl Owner for Nobody {}

/// Bytes per item that making `count` of them allocates and keeps.
fn per_item<T>(count: usize, mut make: impl FnMut() -> T) -> f64 {
    let mut kept = Vec::with_capacity(count);
    // The first ones pay for what all share.
    let warm: Vec<T> = (0..16).map(|_| make()).collect();
    let before = ALLOCATED.load(Ordering::Relaxed);
    kept.extend((0..count).map(|_| make()));
    let after = ALLOCATED.load(Ordering::Relaxed);
    drop((warm, kept));
    (after - before) as f64 / count as f64
}

fn main() {
    configuration::startup();
    let owner: Arc<dyn Owner> = Arc::new(Nobody);
    let mut minted = Vec::new();
    let bytes = per_item(10_240, || {
        minted.push(handles::insert_minted(Arc::clone(&owner), 0).expect("a handle"))
    });
    // The list of handles grew as well; it is this bench's own.
    let list = (minted.capacity() * size_of::<handles::Handle>()) as f64 / 10_240.0;
    println!("minted handle: {:.1} bytes (bound: 64)", bytes - list);
    for handle in minted {
        handles::close(handle.raw()).expect("the handle is open");
    }
    for (name, kind, protocol) in [
        ("TCP", SOCK_STREAM, IPPROTO_TCP),
        ("UDP", SOCK_DGRAM, IPPROTO_UDP),
    ] {
        let bytes = per_item(512, || {
            Socket::new(AF_INET, kind, protocol).expect("a socket")
        });
        println!("idle {name} socket of the base: {bytes:.1} bytes (bound: 512)");
    }
}
