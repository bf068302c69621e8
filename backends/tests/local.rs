//! AF_UNIX streams, and blocking hooks.

mod world;

use std::cell::Cell;
use std::fs;

use world::HOOK;
use world::World;
use world::world;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

/// A folder of this test alone, gone with the value.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ws2spi-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn address(&self) -> Address {
        Address::from_path(self.0.join("socket").as_os_str().as_encoded_bytes()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn unix(w: World) -> SOCKET {
    w.socket(AF_UNIX, SOCK_STREAM, 0).unwrap()
}

#[test]
fn paths_carry_streams_and_outlive_their_sockets() {
    // P349, P350
    let w = world();
    let folder = Folder::new("path");
    let name = folder.address();
    let listener = unix(w);
    assert_eq!(w.bind_raw(listener, &name), Ok(()));
    w.listen(listener, 5).unwrap();
    let client = unix(w);
    assert_eq!(w.connect_raw(client, &name), Ok(()));
    let server = w.accept(listener).unwrap();
    assert_eq!(w.send(client, b"local"), Ok(5));
    let mut data = [0; 8];
    assert_eq!(w.recv(server, &mut data), Ok(5));
    let mut process = [0; 4];
    assert_eq!(
        w.ioctl(server, SIO_AF_UNIX_GETPEERPID, &[], &mut process),
        Ok(4)
    );
    assert_eq!(u32::from_ne_bytes(process), std::process::id());
    for s in [client, server, listener] {
        w.close(s).unwrap();
    }
    let again = unix(w);
    assert_eq!(w.bind_raw(again, &name), Err(Errno::ADDRINUSE));
    assert_eq!(w.connect_raw(again, &name), Err(Errno::CONNREFUSED));
    w.close(again).unwrap();
}

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

extern "system" fn hook(context: usize) -> BOOL {
    assert_eq!(context, 7);
    CALLS.set(CALLS.get() + 1);
    if CALLS.get() < 3 {
        return TRUE;
    }
    // WSACancelBlockingCall arrives as this.
    // SAFETY: no pointers.
    assert!(unsafe { world().procs().cancel_blocking_call() }.is_ok());
    TRUE
}

#[test]
fn a_blocking_hook_runs_while_a_call_waits_and_may_cancel_it() {
    // U71; base-provider.md 1.5
    let w = world();
    // SAFETY: no pointers.
    let idle = unsafe { w.procs().cancel_blocking_call() };
    assert_eq!(idle.unwrap_err().errno, WSAEINVAL);
    let (client, server) = w.pair();
    HOOK.set(RawCallback::from_raw(hook as *const () as usize));
    let answer = w.recv(server, &mut [0; 4]);
    HOOK.set(RawCallback::NULL);
    assert_eq!((answer, CALLS.get()), (Err(Errno::INTR), 3));
    assert_eq!(w.send(client, b"x"), Ok(1));
    assert_eq!(w.recv(server, &mut [0; 4]), Ok(1));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn user_apcs_run_while_a_receive_waits() {
    // P95, P163
    let w = world();
    let (client, server) = w.pair();
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = ran.clone();
    let apc = ws2spi_kernel::thread::Apc::new(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        world().send(client, b"from the apc").unwrap();
    });
    ws2spi_kernel::thread::current().queue_apc(apc).unwrap();
    assert_eq!(w.recv(server, &mut [0; 16]), Ok(12));
    assert_eq!(ran.load(std::sync::atomic::Ordering::Relaxed), 1);
    w.close(client).unwrap();
    w.close(server).unwrap();
}
