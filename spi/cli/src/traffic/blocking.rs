//! Blocking I/O: a thread for each end of a connection, two for a TCP client, which sends and
//! receives at once.

use super::end::{End, Outgoing};
use super::exchange::{Exchange, Stopped};
use super::{Transport, datagram, sockets, stream};
use crate::Socket;
use crate::place::Thread;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use ws2spi_abi::{Errno, SO_RCVTIMEO, SOL_SOCKET};

/// Carries the leg's traffic.
pub(super) fn carry(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    match exchange.leg.transport {
        Transport::Tcp => streams(exchange),
        Transport::Udp => datagrams(exchange),
    }
}

fn streams(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let thread = &Thread::enter(exchange.name("listener"));
    let connections = exchange.plan.connections;
    let (listener, name) = &sockets::listener(exchange, thread, connections)?;
    thread::scope(|scope| {
        for index in 0..connections {
            exchange.spawn(scope, format!("client {index}"), move |thread| {
                stream_client(exchange, thread, index, *name)
            });
        }
        for number in 0..connections {
            // It blocks until there is one.
            let Ok(Some(socket)) = sockets::accept(exchange, thread, listener) else {
                break;
            };
            exchange.spawn(scope, format!("server {number}"), move |thread| {
                let mut end = stream::Echo::new(exchange, number);
                drive(exchange, thread, &socket, &mut end, Duration::ZERO)?;
                exchange.close(thread, socket)
            });
        }
    });
    exchange.close(thread, Arc::clone(listener))
}

fn stream_client(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    server: SocketAddr,
) -> Result<(), Stopped> {
    let socket = sockets::stream(exchange, thread)?;
    exchange.call(thread, "connect", || socket.connect(server))?;
    sockets::check_peer(exchange, thread, &socket, server)?;
    thread::scope(|scope| {
        let sends = Arc::clone(&socket);
        exchange.spawn(scope, format!("client {index}, sender"), move |thread| {
            let mut end = stream::Sender::new(exchange, index);
            drive(exchange, thread, &sends, &mut end, Duration::ZERO)
        });
        let mut end = stream::Receiver::new(exchange, index);
        drive(exchange, thread, &socket, &mut end, Duration::ZERO)
    })?;
    exchange.close(thread, socket)
}

fn datagrams(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let thread = &Thread::enter(exchange.name("opener"));
    let patience = exchange.plan.patience;
    thread::scope(|scope| {
        for index in 0..exchange.plan.connections {
            let (socket, name) = sockets::datagram_server(exchange, thread)?;
            exchange.spawn(scope, format!("server {index}"), move |thread| {
                let mut end = datagram::Echo::new(exchange, index);
                // The client knows which datagram is missing, and is to say so first.
                drive(exchange, thread, &socket, &mut end, patience * 2)?;
                exchange.close(thread, socket)
            });
            exchange.spawn(scope, format!("client {index}"), move |thread| {
                let socket = sockets::datagram_client(exchange, thread, index, name)?;
                let mut end = datagram::Client::new(exchange, index, name);
                drive(exchange, thread, &socket, &mut end, patience)?;
                exchange.close(thread, socket)
            });
        }
        Ok(())
    })
}

/// Drives one end, or one direction of it, until it is done. A receive waits for `patience` at most;
/// zero is for ever.
fn drive(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: &Socket,
    end: &mut dyn End,
    patience: Duration,
) -> Result<(), Stopped> {
    if !patience.is_zero() {
        let ms = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        exchange.call(thread, "setsockopt", || {
            socket.set_option(SOL_SOCKET, SO_RCVTIMEO, ms.max(1))
        })?;
    }
    let (mut out, mut room) = (Vec::new(), Vec::new());
    while !end.is_done() {
        let outgoing = end.outgoing(&mut out);
        if outgoing != Outgoing::Nothing {
            send_all(exchange, thread, socket, outgoing, &out)?;
        } else if end.expects() {
            let not_now = Some(Errno::TIMEDOUT).filter(|_| !patience.is_zero());
            let received = exchange.receive(thread, socket, end, &mut room, not_now)?;
            if received.is_none() {
                return Err(exchange.out_of_patience(end, patience));
            }
        }
    }
    Ok(())
}

/// Sends all of `data`, in as many calls as the provider makes of it.
fn send_all(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: &Socket,
    outgoing: Outgoing,
    mut data: &[u8],
) -> Result<(), Stopped> {
    loop {
        let sent = exchange.send(thread, socket, outgoing, data, None)?;
        data = &data[sent.unwrap_or(0)..];
        if data.is_empty() || outgoing == Outgoing::ShutDown {
            return Ok(());
        }
    }
}
