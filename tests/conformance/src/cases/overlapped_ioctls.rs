//! WSAIoctl with an OVERLAPPED.

use crate::overlapped::{Operation, Tell};
use crate::port::{Packet, Port};
use crate::{Socket, cases, wait};
use ws2spi_abi::*;

cases! {
    what_is_answered_within_the_call_queues_a_packet_of_no_bytes: [P326, P329],
        [Tcp, Overlapped, CompletionPorts];
    what_nobody_knows_pends_and_is_not_supported: [P327, P331], [Tcp, Overlapped, CompletionPorts, SystemHandles];
    what_is_refused_within_the_call_tells_nobody: [P328, P329], [Tcp, Overlapped, CompletionPorts];
    the_handle_for_polls_is_not_told_of: [P337], [Tcp, Overlapped, CompletionPorts];
    the_interface_list_is_told_of_later: [P336], [Tcp, Overlapped, CompletionPorts, SystemHandles];
}

fn packet(operation: &Operation, bytes: u32, error: Option<Errno>) -> Packet {
    Packet {
        key: 8,
        block: operation.block(),
        bytes,
        error,
    }
}

fn what_is_answered_within_the_call_queues_a_packet_of_no_bytes() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 8);
    assert_eq!(client.send(b"hello", 0), Ok(5));
    wait::until("the data", || server.available() == Ok(5));
    let read = Operation::ioctl(&server, FIONREAD, &[], 4, Tell::Handle);
    assert_eq!((read.returned, read.data(1)), (Ok(4), &[5, 0, 0, 0][..]));
    assert_eq!(port.look(), Some(packet(&read, 0, None)));
    let alive = Operation::ioctl(&server, SIO_KEEPALIVE_VALS, &[0; 12], 0, Tell::Handle);
    assert_eq!(
        (alive.returned, port.look()),
        (Ok(0), Some(packet(&alive, 0, None)))
    );
    assert_eq!(port.look(), None);
}

fn what_nobody_knows_pends_and_is_not_supported() {
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 8);
    for code in [SIO_FLUSH, 0x1234_5678, SIO_BASE_HANDLE] {
        let call = Operation::ioctl(&s, code, &[], 8, Tell::Handle);
        assert!(call.pends(), "{code:#x}");
        assert_eq!(port.take(), packet(&call, 0, Some(Errno::NOT_SUPPORTED)));
        assert_eq!(call.result(&s, false), Err(Errno::OPNOTSUPP));
    }
}

// It is refused within the call.
fn the_handle_for_polls_is_not_told_of() {
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 8);
    let call = Operation::ioctl(&s, SIO_BSP_HANDLE_POLL, &[], 8, Tell::Handle);
    assert_eq!((call.returned, port.look()), (Err(Errno::FAULT), None));
}

fn what_is_refused_within_the_call_tells_nobody() {
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 8);
    for (code, input, error) in [
        (
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            &[0x55; 16][..],
            Errno::INVAL,
        ),
        (SIO_KEEPALIVE_VALS, &[0; 11], Errno::FAULT),
    ] {
        let call = Operation::ioctl(&s, code, input, 8, Tell::Handle);
        assert_eq!(
            (call.returned, port.look()),
            (Err(error), None),
            "{code:#x}"
        );
    }
}

fn the_interface_list_is_told_of_later() {
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 8);
    let list = Operation::ioctl(&s, SIO_GET_INTERFACE_LIST, &[], 1 << 16, Tell::Handle);
    assert!(list.pends());
    let told = port.take();
    assert_eq!(
        (told.block, told.error, told.bytes % 76),
        (list.block(), None, 0)
    );
    assert!(told.bytes > 0);
    let short = Operation::ioctl(&s, SIO_GET_INTERFACE_LIST, &[], 4, Tell::Handle);
    assert!(short.pends());
    assert_eq!(
        port.take(),
        packet(&short, 0, Some(Errno::INSUFFICIENT_BUFFER))
    );
}
