//! Receives that wait cost nothing: no processor, no changes of threads; and the worker is there only as long as it is needed.

use ws2spi_abi::*;
use ws2spi_tests::overlapped::{Operation, Tell};
use ws2spi_tests::port::Port;
use ws2spi_tests::{Configuration, Socket, isolated, processor, wait, winsock};

/// Receives that wait.
const MANY: usize = 1_000;

/// How long nothing happens, in milliseconds.
const IDLE: u32 = 1_000;

fn has_worker() -> bool {
    processor::threads()
        .iter()
        .any(|name| name == "ws2spi-base")
}

/// What the process does while nothing happens, said as processor's time and how often a thread gave a processor up.
fn expect_rest(port: &Port) {
    // What went on before comes to its end.
    assert_eq!(port.take_within(100), None);
    let (time, switches) = (processor::time(), processor::switches());
    assert_eq!(port.take_within(IDLE), None);
    let time = processor::time() - time;
    let switches = processor::switches() - switches;
    assert!(time.as_millis() <= 5, "{time:?} while idle");
    assert!(switches <= 10, "{switches} changes of threads while idle");
}

// base-provider.md 8.2: no busy waiting, with a thread at the port or without; nothing is missed after it.
#[test]
fn a_thousand_receives_that_wait_take_no_processor() {
    isolated!();
    Configuration::Bare.start();
    let port = Port::new();
    let sockets: Vec<Socket> = (0..MANY).map(|_| Socket::bound_udp(AF_INET)).collect();
    assert!(!has_worker(), "nothing waits yet");
    let mut receives: Vec<Operation> = sockets
        .iter()
        .enumerate()
        .map(|(key, s)| {
            port.associate(s, key).expect("it has no port yet");
            Operation::receive(s, &[16], 0, Tell::Handle)
        })
        .collect();
    assert!(receives.iter().all(Operation::pends));
    expect_rest(&port);
    let sender = Socket::udp(AF_INET);
    for at in [0, MANY / 2, MANY - 1] {
        let name = sockets[at].name().expect("it is bound");
        assert_eq!(sender.send_to(b"word", name), Ok(4));
        let packet = port.take();
        assert_eq!((packet.key, packet.bytes), (at, 4));
        receives[at] = Operation::receive(&sockets[at], &[16], 0, Tell::Handle);
    }
    // Whoever worked on those has nothing to do either.
    expect_rest(&port);
    drop(sockets);
    for _ in 0..MANY {
        assert_eq!(port.take().error, Some(Errno::OPERATION_ABORTED));
    }
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    wait::until("the worker to end", || !has_worker());
}
