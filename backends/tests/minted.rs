//! A client DLL without IFS handles, as in the Windows CE profile: handles are minted.

mod world;

use std::sync::atomic::Ordering;

use world::world;
use ws2spi_abi::*;

#[test]
fn sockets_work_through_minted_handles() {
    // U87: WPUModifyIFSHandle answers WSAEOPNOTSUPP there.
    world::MINTING.store(true, Ordering::Relaxed);
    let before = ws2spi_kernel::handles::open_handles();
    let w = world();
    let (client, server) = w.pair();
    assert!(ws2spi_kernel::handles::minted_context(client).is_some());
    assert_eq!(w.send(client, b"minted"), Ok(6));
    w.await_readable(server);
    assert_eq!(w.recv(server, &mut [0; 16]), Ok(6));
    assert_eq!(w.close(client), Ok(()));
    assert_eq!(w.close(client), Err(Errno::NOTSOCK));
    assert_eq!(w.recv(server, &mut [0; 16]), Ok(0));
    w.close(server).unwrap();
    assert_eq!(ws2spi_kernel::handles::open_handles(), before);
}
