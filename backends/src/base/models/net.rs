//! A network in memory with one socket: bytes arrive and room is made when the model says so.
//!
//! What the socket base needs of it works; the rest is not supported. Locks and waits are shuttle's.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::io::IoSliceMut;
use std::mem;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

use shuttle::sync::Condvar;
use shuttle::sync::Mutex;
use shuttle::sync::MutexGuard;
use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use crate::net::Connecting;
use crate::net::Control;
use crate::net::Direction;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::GroupInterface;
use crate::net::Interest;
use crate::net::Interface;
use crate::net::Kind;
use crate::net::Membership;
use crate::net::Net;
use crate::net::NetSocket;
use crate::net::Poller;
use crate::net::Readiness;
use crate::net::Ready;
use crate::net::Received;
use crate::net::RecvFlags;
use crate::net::Registrar;
use crate::net::Report;
use crate::net::SendFlags;
use crate::net::SocketOption;
use crate::net::Statistics;
use crate::net::Token;
use crate::net::Watch;
use crate::net::Woken;

/// What a poller tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edges {
    /// Whatever comes true, as epoll and kqueue do.
    Every,
    /// What comes true, once until the caller has drained it, as poll(2) is made to do.
    UntilDrained,
}

/// The network of one socket. It makes pollers, and nothing else.
pub(super) struct ModelNet {
    edges: Edges,
    socket: Arc<ModelSocket>,
}

impl ModelNet {
    pub(super) fn new(edges: Edges, socket: Arc<ModelSocket>) -> Self {
        Self { edges, socket }
    }
}

impl Net for ModelNet {
    fn socket(&self, _: Family, _: Kind, _: i32) -> Result<Arc<dyn NetSocket>, Errno> {
        Err(Errno::MFILE)
    }

    fn wait(&self, _: &mut [Watch<'_>], _: Option<Duration>) -> Result<Woken, Errno> {
        Err(Errno::NOBUFS)
    }

    fn waker(&self) -> Result<Arc<dyn Wake>, Errno> {
        Err(Errno::NOBUFS)
    }

    fn poller(&self) -> Result<Box<dyn Poller>, Errno> {
        let board = Arc::new(Board {
            edges: self.edges,
            state: Mutex::default(),
            bell: Condvar::new(),
        });
        *self.socket.board.lock().unwrap() = Arc::downgrade(&board);
        Ok(Box::new(ModelPoller(board)))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        Ok(Vec::new())
    }

    fn route(&self, _: &Endpoint) -> Result<Endpoint, Errno> {
        Err(Errno::NETUNREACH)
    }
}

struct ModelPoller(Arc<Board>);

impl Poller for ModelPoller {
    fn registrar(&self) -> Arc<dyn Registrar> {
        self.0.clone()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.0.clone()
    }

    fn wait(&mut self, ready: &mut Vec<Ready>, deadline: Option<Duration>) -> Result<Woken, Errno> {
        let mut state = self.0.state.lock().unwrap();
        loop {
            *ready = mem::take(&mut state.told);
            if !ready.is_empty() {
                return Ok(Woken::Ready(ready.len()));
            }
            if mem::take(&mut state.woken) {
                return Ok(Woken::Waker);
            }
            if deadline.is_some() {
                return Ok(Woken::TimedOut);
            }
            state = self.0.bell.wait(state).unwrap();
        }
    }
}

/// What a poller watches, and what it has to tell.
struct Board {
    edges: Edges,
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    /// The registration of the one socket.
    watched: Option<Watched>,
    told: Vec<Ready>,
    woken: bool,
}

struct Watched {
    token: Token,
    socket: Arc<dyn NetSocket>,
    interest: Interest,
    /// Told, and neither drained nor asked for again.
    is_silent: bool,
}

impl Board {
    /// Something has come true.
    fn edge(&self, ready: Readiness) {
        let mut state = self.state.lock().unwrap();
        let State { watched, told, .. } = &mut *state;
        let Some(watched) = watched.as_mut().filter(|watched| !watched.is_silent) else {
            return;
        };
        if is_wanted(watched.interest, ready) {
            watched.is_silent = self.edges == Edges::UntilDrained;
            told.push(Ready {
                token: watched.token,
                ready,
            });
            self.bell.notify_all();
        }
    }

    /// Tells what holds already.
    fn look(&self, state: &mut State) {
        let State { watched, told, .. } = state;
        let Some(watched) = watched else { return };
        let ready = watched.socket.readiness(watched.interest);
        watched.is_silent = self.edges == Edges::UntilDrained && !ready.is_none();
        if !ready.is_none() {
            told.push(Ready {
                token: watched.token,
                ready,
            });
            self.bell.notify_all();
        }
    }
}

impl Wake for Board {
    fn wake(&self) {
        self.state.lock().unwrap().woken = true;
        self.bell.notify_all();
    }
}

impl Registrar for Board {
    fn register(
        &self,
        token: Token,
        socket: Arc<dyn NetSocket>,
        interest: Interest,
    ) -> Result<(), Errno> {
        let mut state = self.state.lock().unwrap();
        assert!(state.watched.is_none(), "registered once at a time");
        state.watched = Some(Watched {
            token,
            socket,
            interest,
            is_silent: false,
        });
        self.look(&mut state);
        Ok(())
    }

    fn change(&self, token: Token, interest: Interest) -> Result<(), Errno> {
        let mut state = self.state.lock().unwrap();
        let watched = state.watched.as_mut();
        let watched = watched.filter(|watched| watched.token == token);
        watched.ok_or(Errno::NOTSOCK)?.interest = interest;
        self.look(&mut state);
        Ok(())
    }

    fn drained(&self, token: Token) -> Result<(), Errno> {
        let mut state = self.state.lock().unwrap();
        let watched = state.watched.as_ref();
        watched
            .filter(|watched| watched.token == token)
            .ok_or(Errno::NOTSOCK)?;
        if self.edges == Edges::UntilDrained {
            self.look(&mut state);
        }
        Ok(())
    }

    fn tells_every_edge(&self) -> bool {
        self.edges == Edges::Every
    }

    fn remove(&self, token: Token) {
        let mut state = self.state.lock().unwrap();
        state.told.retain(|ready| ready.token != token);
        let gone = state.watched.take_if(|watched| watched.token == token);
        drop(state);
        drop(gone);
    }
}

fn is_wanted(interest: Interest, ready: Readiness) -> bool {
    let reads = interest.contains(Interest::READ) && ready.contains(Readiness::READABLE);
    let writes = interest.contains(Interest::WRITE) && ready.contains(Readiness::WRITABLE);
    reads || writes
}

/// The network's side of the socket.
#[derive(Default)]
pub(super) struct ModelSocket {
    wire: Mutex<Wire>,
    board: Mutex<Weak<Board>>,
}

/// What was sent and what has come.
#[derive(Default)]
pub(super) struct Wire {
    arrived: VecDeque<u8>,
    room: usize,
    /// The bytes that were sent.
    pub(super) sent: Vec<u8>,
    /// How often the end of the stream was sent, and behind how many bytes.
    pub(super) ends: Vec<usize>,
    pub(super) is_reset: bool,
}

impl ModelSocket {
    /// These bytes come from the peer.
    pub(super) fn arrive(&self, bytes: &[u8]) {
        self.wire.lock().unwrap().arrived.extend(bytes);
        self.tell(Readiness::READABLE);
    }

    /// The peer takes so many bytes more.
    pub(super) fn make_room(&self, bytes: usize) {
        self.wire.lock().unwrap().room += bytes;
        self.tell(Readiness::WRITABLE);
    }

    /// What happened on the wire.
    pub(super) fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap()
    }

    fn tell(&self, ready: Readiness) {
        let board = self.board.lock().unwrap().upgrade();
        if let Some(board) = board {
            board.edge(ready);
        }
    }
}

impl NetSocket for ModelSocket {
    fn send(
        &self,
        data: &[IoSlice<'_>],
        _: SendFlags,
        _: Option<&Endpoint>,
        _: &Control,
    ) -> Result<usize, Errno> {
        let mut wire = self.wire();
        if wire.room == 0 {
            return Err(Errno::WOULDBLOCK);
        }
        let bytes = data.iter().flat_map(|part| part.iter());
        let bytes: Vec<u8> = bytes.take(wire.room).copied().collect();
        wire.room -= bytes.len();
        wire.sent.extend(&bytes);
        Ok(bytes.len())
    }

    fn recv(&self, data: &mut [IoSliceMut<'_>], _: RecvFlags) -> Result<Received, Errno> {
        let mut wire = self.wire();
        if wire.arrived.is_empty() {
            return Err(Errno::WOULDBLOCK);
        }
        let mut bytes = 0;
        for place in data.iter_mut().flat_map(|part| part.iter_mut()) {
            let Some(byte) = wire.arrived.pop_front() else {
                break;
            };
            *place = byte;
            bytes += 1;
        }
        Ok(Received {
            bytes,
            ..Received::default()
        })
    }

    fn readiness(&self, interest: Interest) -> Readiness {
        let wire = self.wire();
        let mut ready = Readiness::NONE;
        if interest.contains(Interest::READ) && !wire.arrived.is_empty() {
            ready |= Readiness::READABLE;
        }
        if interest.contains(Interest::WRITE) && wire.room > 0 {
            ready |= Readiness::WRITABLE;
        }
        ready
    }

    fn shutdown(&self, direction: Direction) -> Result<(), Errno> {
        assert_eq!(direction, Direction::Send);
        let mut wire = self.wire();
        let behind = wire.sent.len();
        wire.ends.push(behind);
        Ok(())
    }

    fn abort_on_close(&self) -> Result<(), Errno> {
        self.wire().is_reset = true;
        Ok(())
    }

    fn available(&self) -> Result<usize, Errno> {
        Ok(self.wire().arrived.len())
    }

    fn unsent(&self) -> Result<usize, Errno> {
        Ok(0)
    }

    fn take_error(&self) -> Option<Errno> {
        None
    }

    fn take_report(&self) -> Option<Report> {
        None
    }

    fn take_urgent(&self) -> Result<Option<u8>, Errno> {
        Ok(None)
    }

    fn at_mark(&self) -> Result<bool, Errno> {
        Ok(false)
    }

    fn bind(&self, _: &Endpoint) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn local_name(&self) -> Result<Endpoint, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn peer_name(&self) -> Result<Endpoint, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn listen(&self, _: i32) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn connect(&self, _: &Endpoint) -> Result<Connecting, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn renew(&self) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn adopt(&self, _: &dyn NetSocket) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn disconnect(&self) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn accept(&self) -> Result<(Arc<dyn NetSocket>, Endpoint), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn statistics(&self) -> Result<Statistics, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn set_option(&self, _: SocketOption, _: i32) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn option(&self, _: SocketOption) -> Result<i32, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn set_multicast_interface(&self, _: GroupInterface) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn set_membership(&self, _: &Membership) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn set_header_options(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn header_options(&self, _: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn peer_process(&self) -> Result<u32, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    fn descriptor(&self) -> Option<i32> {
        None
    }
}
