//! The echo servers that ours is measured against: bare mio, and threads in C.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::{ROOM, SIZE, Server};

unsafe extern "C" {
    /// Of `traffic.c`: receives messages of that size and sends each back, until a call fails.
    fn system_pong(s: usize, rounds: u64, data: *mut u8, size: i32) -> i32;
}

/// A server of the system's sockets; `serve` gets the accepted ones.
fn system(connections: usize, serve: impl FnOnce(Vec<TcpStream>) + Send + 'static) -> Server {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
    let address = listener.local_addr().expect("it is bound");
    let thread = thread::spawn(move || {
        let accepted = (0..connections).map(|_| {
            let (stream, _) = listener.accept().expect("a client comes");
            stream.set_nodelay(true).expect("it is TCP");
            stream
        });
        serve(accepted.collect());
    });
    Server { address, thread }
}

/// One thread with mio, as mio's documentation has it: after an event it reads until the socket would block.
pub fn mio(connections: usize) -> Server {
    system(connections, |mut streams| {
        let mut poll = Poll::new().expect("a poller");
        let mut events = Events::with_capacity(256);
        for (index, stream) in streams.iter().enumerate() {
            stream.set_nonblocking(true).expect("it is a socket");
            let fd = stream.as_raw_fd();
            poll.registry()
                .register(&mut SourceFd(&fd), Token(index), Interest::READABLE)
                .expect("the poller has room");
        }
        let mut open = streams.len();
        let mut data = [0; ROOM];
        while open > 0 {
            match poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled.expect("the poller works"),
            }
            for event in &events {
                let stream = &mut streams[event.token().0];
                if !echo(stream, &mut data) {
                    let fd = stream.as_raw_fd();
                    poll.registry()
                        .deregister(&mut SourceFd(&fd))
                        .expect("it was registered");
                    open -= 1;
                }
            }
        }
    })
}

/// Sends back what is there; `false` at the end of the stream.
fn echo(stream: &mut TcpStream, data: &mut [u8]) -> bool {
    loop {
        match stream.read(data) {
            Ok(0) => return false,
            Ok(bytes) => stream.write_all(&data[..bytes]).expect("the client reads"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A thread for each connection, in C.
pub fn threads(connections: usize) -> Server {
    system(connections, |streams| {
        let threads = streams.into_iter().map(|stream| {
            let work = move || {
                let mut data = [0; SIZE];
                let s = stream.as_raw_fd() as usize;
                // SAFETY: the data have that size. It ends when the client closes.
                unsafe { system_pong(s, u64::MAX, data.as_mut_ptr(), SIZE as i32) };
            };
            let small = thread::Builder::new().stack_size(64 << 10);
            small.spawn(work).expect("a thread")
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().expect("it ends");
        }
    })
}
