//! A program that uses a bit of everything, over whatever providers are installed, with the verifier in place.
//!
//! What a faulty provider answers may be anything, so results are looked at only where the next step needs them.

use std::net::SocketAddr;
use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::accepting::accept_if;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::overlapped::{Operation, Tell};
use ws2spi_tests::sets::{self, Set, Time};
use ws2spi_tests::{Socket, configuration, layers, overlapped, providers};
use ws2spi_verify::{Finding, Scope, Verifier};

/// What is found in a provider of `tests/c`, above the base.
pub fn findings_in(name: &str, handles: Handles) -> Vec<Finding> {
    let path = providers::path(name);
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    layers::install_c(name, handles);
    findings(Scope::Modules(vec![path]))
}

/// What is found while the program runs.
pub fn findings(scope: Scope) -> Vec<Finding> {
    let verifier = Verifier::install(scope);
    configuration::startup();
    let _left_open = run();
    cleanup();
    verifier.findings()
}

/// The program. What it leaves open for the clean-up is what it returns; `None` when it could not go on.
fn run() -> Option<Socket> {
    let _datagrams = Socket::new(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    let listener = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).ok()?;
    listener
        .bind("127.0.0.1:0".parse().expect("an address"))
        .ok()?;
    listener.listen(5).ok()?;
    let name = listener.name().ok()?;
    let (client, server) = connection(&listener, name)?;
    let _ = client.option_bytes(SOL_SOCKET, SO_KEEPALIVE, 4);
    let _ = client.set_option(SOL_SOCKET, SO_KEEPALIVE, 1);
    let _ = server.peer();
    client.send(b"hello", 0).ok()?;
    let (read, write) = (Set::of(&[&server]), Set::of(&[&client]));
    let _ = sets::select([Some(&read), Some(&write), None], Time::Patience);
    let _ = server.recv(&mut [0; 8], MSG_PEEK as i32);
    let _ = server.recv(&mut [0; 8], 0);
    overlapped_sends(&client, &server);
    let _ = decided(&listener, name, CF_REJECT);
    let _ = decided(&listener, name, CF_ACCEPT);
    let pending = Operation::receive(&server, &[4], 0, Tell::Handle);
    drop(server);
    // Its provider may never end it.
    std::mem::forget(pending);
    let _ = client.shutdown(SD_SEND);
    drop(client);
    let (first, second) = connection(&listener, name)?;
    drop(second);
    Some(first)
}

fn connection(listener: &Socket, name: SocketAddr) -> Option<(Socket, Socket)> {
    let client = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).ok()?;
    client.connect(name).ok()?;
    let (server, _) = listener.accept().ok()?;
    Some((client, server))
}

/// A connection that the condition function decides about.
fn decided(listener: &Socket, name: SocketAddr, decision: i32) -> Option<()> {
    let client = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).ok()?;
    client.connect(name).ok()?;
    let _ = accept_if(listener, |_| decision);
    Some(())
}

/// A send of each kind, and a receive that is pending before.
fn overlapped_sends(client: &Socket, server: &Socket) {
    let receive = Operation::receive(server, &[1], 0, Tell::Handle);
    for tell in [Tell::Handle, Tell::Routine(0)] {
        let send = Operation::send(client, b"x", tell);
        if send.returned.is_ok() || send.pends() {
            send.until_ended();
            let _ = send.result(client, false);
            if matches!(tell, Tell::Routine(_)) {
                let _ = overlapped::await_routine();
            }
        }
    }
    if receive.internal() != PENDING || receive.returned.is_ok() {
        let _ = receive.result(server, false);
    }
    // One that its provider never ends stays where it is.
    std::mem::forget(receive);
}

const PENDING: usize = 0x103;
