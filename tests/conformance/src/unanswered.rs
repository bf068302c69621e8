//! A name that does not answer: attempts to connect to it go on and on.

use crate::Socket;
use crate::socket::loopback;
use std::net::SocketAddr;
use ws2spi_abi::Errno;

/// A listener whose queue is full. Systems drop what comes then, where Windows refuses it (base-provider.md 1.19).
#[derive(Debug)]
pub struct Unanswered {
    listener: Socket,
    _queued: Vec<Socket>,
}

impl Unanswered {
    /// On loopback.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new(family: i32) -> Self {
        let listener = Socket::tcp(family);
        listener.bind(loopback(family)).expect("loopback is free");
        listener.listen(1).expect("a bound socket listens");
        let name = listener.name().expect("it is bound");
        let mut queued = Vec::new();
        // A queue of one takes two. The others are for the moment in which the second one is counted.
        for blocking in [true, true, false, false] {
            let client = Socket::tcp(family);
            client.set_nonblocking(!blocking).expect("FIONBIO");
            match client.connect(name) {
                Ok(()) | Err(Errno::WOULDBLOCK) => queued.push(client),
                Err(error) => panic!("a listener answers or does not: {error}"),
            }
        }
        Self {
            listener,
            _queued: queued,
        }
    }

    /// Where nobody answers.
    ///
    /// # Panics
    /// Never: a listener has a name.
    #[must_use]
    pub fn name(&self) -> SocketAddr {
        self.listener.name().expect("a listener has a name")
    }
}
