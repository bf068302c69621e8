//! Blocking I/O: a thread for each end of a connection, two for a TCP client, which sends and
//! receives at once.

use super::end::{End, Outgoing};
use super::exchange::{Exchange, Stopped};
use super::worker::Worker;
use super::{Transport, datagram, sockets, stream};
use crate::Socket;
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
    let worker = &Worker::enter(exchange, "listener");
    let connections = exchange.plan.connections;
    let (listener, name) = &sockets::listener(worker, connections)?;
    thread::scope(|scope| {
        for index in 0..connections {
            exchange.spawn(scope, format!("client {index}"), move |worker| {
                stream_client(worker, index, *name)
            });
        }
        for number in 0..connections {
            // It blocks until there is one.
            let Ok(Some(socket)) = sockets::accept(worker, listener) else {
                break;
            };
            exchange.spawn(scope, format!("server {number}"), move |worker| {
                let mut end = stream::Echo::new(exchange, number);
                drive(worker, &socket, &mut end, Duration::ZERO)?;
                worker.close(socket)
            });
        }
    });
    worker.close(Arc::clone(listener))
}

fn stream_client(worker: &Worker<'_>, index: u32, server: SocketAddr) -> Result<(), Stopped> {
    let socket = sockets::stream(worker)?;
    worker.call("connect", || socket.connect(server))?;
    sockets::check_peer(worker, &socket, server)?;
    thread::scope(|scope| {
        let sends = Arc::clone(&socket);
        worker
            .exchange
            .spawn(scope, format!("client {index}, sender"), move |worker| {
                let mut end = stream::Sender::new(worker.exchange, index);
                drive(worker, &sends, &mut end, Duration::ZERO)
            });
        let mut end = stream::Receiver::new(worker.exchange, index);
        drive(worker, &socket, &mut end, Duration::ZERO)
    })?;
    worker.close(socket)
}

fn datagrams(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let worker = &Worker::enter(exchange, "opener");
    let patience = exchange.plan.patience;
    thread::scope(|scope| {
        for index in 0..exchange.plan.connections {
            let (socket, name) = sockets::datagram_server(worker)?;
            exchange.spawn(scope, format!("server {index}"), move |worker| {
                let mut end = datagram::Echo::new(exchange, index);
                // The client knows which datagram is missing, and is to say so first.
                drive(worker, &socket, &mut end, patience * 2)?;
                worker.close(socket)
            });
            exchange.spawn(scope, format!("client {index}"), move |worker| {
                let socket = sockets::datagram_client(worker, index, name)?;
                let mut end = datagram::Client::new(exchange, index, name);
                drive(worker, &socket, &mut end, patience)?;
                worker.close(socket)
            });
        }
        Ok(())
    })
}

/// Drives one end, or one direction of it, until it is done. A receive waits for `patience` at most;
/// zero is for ever.
fn drive(
    worker: &Worker<'_>,
    socket: &Socket,
    end: &mut dyn End,
    patience: Duration,
) -> Result<(), Stopped> {
    if !patience.is_zero() {
        let ms = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        worker.call("setsockopt", || {
            socket.set_option(SOL_SOCKET, SO_RCVTIMEO, ms.max(1))
        })?;
    }
    let (mut out, mut room) = (Vec::new(), Vec::new());
    while !end.is_done() {
        let outgoing = end.outgoing(&mut out);
        if outgoing != Outgoing::Nothing {
            send_all(worker, socket, outgoing, &out)?;
        } else if end.expects() {
            let not_now = Some(Errno::TIMEDOUT).filter(|_| !patience.is_zero());
            let received = worker.receive(socket, end, &mut room, not_now)?;
            if received.is_none() {
                return Err(worker.exchange.out_of_patience(end, patience));
            }
        }
    }
    Ok(())
}

/// Sends all of `data`, in as many calls as the provider makes of it.
fn send_all(
    worker: &Worker<'_>,
    socket: &Socket,
    outgoing: Outgoing,
    mut data: &[u8],
) -> Result<(), Stopped> {
    loop {
        let sent = worker.send(socket, outgoing, data, None)?;
        data = &data[sent.unwrap_or(0)..];
        if data.is_empty() || outgoing == Outgoing::ShutDown {
            return Ok(());
        }
    }
}
