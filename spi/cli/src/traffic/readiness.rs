//! Driving many sockets that do not block from one thread: what the styles of I/O share that wait
//! until sockets are ready.
//!
//! Connections come in groups of as many as one `select` or one wait for events holds; each group has
//! a thread for its servers, which begins with their listener, and one for its clients. A thread
//! moves what it can on all its sockets ([`Member`]) and then waits, in the manner of the style
//! ([`Watcher`]), until one of them is ready again.

use super::end::{End, Outgoing};
use super::exchange::{Exchange, Stopped};
use super::worker::Worker;
use super::{Transport, datagram, sockets, stream};
use crate::Socket;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_abi::{Errno, FD_ACCEPT, FD_CLOSE, FD_CONNECT, FD_READ, FD_WRITE};

/// How a style waits. Made and used by one thread.
pub(super) trait Watcher: Sized {
    /// For the calling thread.
    fn new(worker: &Worker<'_>) -> Result<Self, Stopped>;

    /// Begins to watch a socket, which does not block from then on. Only those that are told of
    /// network events have more to do.
    fn add(&mut self, worker: &Worker<'_>, socket: &Socket) -> Result<(), Stopped> {
        worker.call("ioctlsocket", || socket.set_nonblocking(true))
    }

    /// Ends watching a socket, before it is closed.
    fn remove(&mut self, _socket: &Socket) {}

    /// Waits until one of the sockets may be ready, at most for `timeout`.
    fn wait(
        &mut self,
        worker: &Worker<'_>,
        wants: &[Want],
        timeout: Duration,
    ) -> Result<Vec<Ready>, Stopped>;
}

/// What is awaited of a socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) socket: ws2spi_abi::SOCKET,
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) connect: bool,
}

/// What has become of a socket, known by its place in the list of wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) index: usize,
    pub(super) read: bool,
    pub(super) write: bool,
    /// The connection was refused or could not be made.
    pub(super) refused: Option<Errno>,
}

/// The network events that styles ask for which are told of them.
pub(super) const NETWORK_EVENTS: i32 = FD_READ | FD_WRITE | FD_ACCEPT | FD_CONNECT | FD_CLOSE;

/// What network events say about a socket.
pub(super) const fn ready_of(index: usize, events: i32, refused: Option<Errno>) -> Ready {
    Ready {
        index,
        read: events & (FD_READ | FD_ACCEPT | FD_CLOSE) != 0,
        write: events & (FD_WRITE | FD_CONNECT | FD_CLOSE) != 0,
        refused,
    }
}

/// Carries the leg's traffic.
pub(super) fn carry<W: Watcher>(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let worker = &Worker::enter(exchange, "opener");
    let connections = exchange.plan.connections;
    thread::scope(|scope| {
        for first in (0..connections).step_by(GROUP as usize) {
            let group = first..connections.min(first + GROUP);
            let (servers, clients) = match exchange.leg.transport {
                Transport::Tcp => stream_group(worker, &group)?,
                Transport::Udp => datagram_group(worker, &group)?,
            };
            let named = |who| format!("{who} {} to {}", group.start, group.end - 1);
            exchange.spawn(scope, named("servers"), move |worker| {
                // The clients know what is missing, and are to say so first.
                Group::<W>::new(worker, exchange.plan.patience * 2)?.run(servers)
            });
            exchange.spawn(scope, named("clients"), move |worker| {
                Group::<W>::new(worker, exchange.plan.patience)?.run(clients)
            });
        }
        Ok(())
    })
}

/// Servers, or clients.
type Members<'a> = Vec<Member<'a>>;

fn stream_group<'a>(
    worker: &Worker<'a>,
    group: &Range<u32>,
) -> Result<(Members<'a>, Members<'a>), Stopped> {
    let count = group.len() as u32;
    let (listener, name) = sockets::listener(worker, count)?;
    let mut clients = Vec::new();
    for index in group.clone() {
        let end = Box::new(stream::Client::new(worker.exchange, index));
        let connecting = Role::Connecting { to: name, end };
        clients.push(Member::new(sockets::stream(worker)?, connecting));
    }
    let listening = Role::Listening {
        numbers: group.clone(),
    };
    Ok((vec![Member::new(listener, listening)], clients))
}

fn datagram_group<'a>(
    worker: &Worker<'a>,
    group: &Range<u32>,
) -> Result<(Members<'a>, Members<'a>), Stopped> {
    let (mut servers, mut clients) = (Vec::new(), Vec::new());
    for index in group.clone() {
        let (socket, name) = sockets::datagram_server(worker)?;
        let end = Box::new(datagram::Echo::new(worker.exchange, index));
        servers.push(Member::new(socket, Role::Open(end)));
        let socket = sockets::datagram_client(worker, index, name)?;
        let end = Box::new(datagram::Client::new(worker.exchange, index, name));
        clients.push(Member::new(socket, Role::Open(end)));
    }
    Ok((servers, clients))
}

/// The sockets of one thread.
struct Group<'a, W> {
    worker: &'a Worker<'a>,
    patience: Duration,
    watcher: W,
    /// Room for receives.
    room: Vec<u8>,
}

impl<'a, W: Watcher> Group<'a, W> {
    fn new(worker: &'a Worker<'a>, patience: Duration) -> Result<Self, Stopped> {
        let watcher = W::new(worker)?;
        Ok(Self {
            worker,
            patience,
            watcher,
            room: Vec::new(),
        })
    }

    /// Drives the members until all of them are done.
    fn run(mut self, mut members: Members<'a>) -> Result<(), Stopped> {
        for member in &mut members {
            self.begin(member)?;
        }
        let mut moved_last = Instant::now();
        loop {
            let moved = self.move_all(&mut members)?;
            if members.is_empty() {
                return Ok(());
            }
            if moved {
                moved_last = Instant::now();
            } else if moved_last.elapsed() > self.patience {
                return Err(self.lose_patience(&members));
            }
            if self.worker.exchange.is_stopped() {
                return Err(Stopped);
            }
            let timeout = if moved { Duration::ZERO } else { TICK };
            self.wait(&mut members, timeout)?;
        }
    }

    fn begin(&mut self, member: &mut Member<'a>) -> Result<(), Stopped> {
        let (worker, socket) = (self.worker, &member.socket);
        self.watcher.add(worker, socket)?;
        if let Role::Connecting { to, .. } = &member.role {
            let not_now = Some(Errno::WOULDBLOCK);
            let connected = worker.attempt("connect", not_now, || socket.connect(*to))?;
            member.writable = connected.is_some();
        }
        Ok(())
    }

    /// Moves what can be moved without waiting; whether that was anything.
    fn move_all(&mut self, members: &mut Members<'a>) -> Result<bool, Stopped> {
        let mut moved = false;
        let mut index = 0;
        while let Some(member) = members.get_mut(index) {
            match member.advance(self.worker, &mut self.room)? {
                Advance::Blocked => index += 1,
                Advance::Moved => {
                    moved = true;
                    index += 1;
                }
                Advance::Accepted(socket, number) => {
                    moved = true;
                    let end = Box::new(stream::Echo::new(self.worker.exchange, number));
                    let mut accepted = Member::new(socket, Role::Open(end));
                    self.begin(&mut accepted)?;
                    members.push(accepted);
                }
                Advance::Done => {
                    moved = true;
                    let done = members.swap_remove(index);
                    self.watcher.remove(&done.socket);
                    self.worker.close(done.socket)?;
                }
            }
        }
        Ok(moved)
    }

    fn wait(&mut self, members: &mut [Member<'a>], timeout: Duration) -> Result<(), Stopped> {
        let wants: Vec<Want> = members.iter().map(Member::want).collect();
        let ready = self.watcher.wait(self.worker, &wants, timeout)?;
        for ready in ready {
            let Some(member) = members.get_mut(ready.index) else {
                continue;
            };
            if let (Some(error), Role::Connecting { to, .. }) = (ready.refused, &member.role) {
                let what = format_args!("connect to {to} failed with {error}");
                return Err(self.worker.fail(what));
            }
            member.readable |= ready.read;
            member.writable |= ready.write;
        }
        Ok(())
    }

    fn lose_patience(&self, members: &[Member<'_>]) -> Stopped {
        let ends = members.iter().find_map(|member| match &member.role {
            Role::Open(end) => Some(end),
            Role::Listening { .. } | Role::Connecting { .. } => None,
        });
        if let Some(end) = ends {
            return self.worker.exchange.out_of_patience(&**end, self.patience);
        }
        let ms = self.patience.as_millis();
        self.worker
            .fail(format_args!("no connection was made within {ms} ms"))
    }
}

/// A socket and what it is there for.
struct Member<'a> {
    socket: Arc<Socket>,
    role: Role<'a>,
    /// Whether a receive or accept may find something: until one finds nothing.
    readable: bool,
    /// Whether a send may find room: until one finds none.
    writable: bool,
    out: Vec<u8>,
    /// What `out` is for, and how much of it is sent.
    outgoing: Outgoing,
    sent: usize,
}

enum Role<'a> {
    /// Accepts connections, until these numbers are given out.
    Listening { numbers: Range<u32> },
    /// Is being connected.
    Connecting {
        to: SocketAddr,
        end: Box<dyn End + 'a>,
    },
    /// Sends and receives.
    Open(Box<dyn End + 'a>),
}

enum Advance {
    Blocked,
    Moved,
    Accepted(Arc<Socket>, u32),
    Done,
}

impl<'a> Member<'a> {
    fn new(socket: Arc<Socket>, role: Role<'a>) -> Self {
        // Nobody has said yet that there is nothing to receive and no room to send.
        let open = matches!(role, Role::Open(_));
        Self {
            socket,
            role,
            readable: open,
            writable: open,
            out: Vec::new(),
            outgoing: Outgoing::Nothing,
            sent: 0,
        }
    }

    fn want(&self) -> Want {
        let (read, write) = match &self.role {
            Role::Listening { .. } => (true, false),
            Role::Connecting { .. } => (false, true),
            Role::Open(end) => (end.expects(), self.outgoing != Outgoing::Nothing),
        };
        Want {
            socket: self.socket.raw(),
            read,
            write,
            connect: matches!(self.role, Role::Connecting { .. }),
        }
    }

    /// Moves what can be moved, but not without end, so that the others get their turn.
    fn advance(&mut self, worker: &Worker<'_>, room: &mut Vec<u8>) -> Result<Advance, Stopped> {
        match &mut self.role {
            Role::Listening { numbers } => {
                let Some(number) = numbers.clone().next() else {
                    return Ok(Advance::Done);
                };
                if !self.readable {
                    return Ok(Advance::Blocked);
                }
                let Some(socket) = sockets::accept(worker, &self.socket)? else {
                    self.readable = false;
                    return Ok(Advance::Blocked);
                };
                numbers.start += 1;
                return Ok(Advance::Accepted(socket, number));
            }
            Role::Connecting { .. } if !self.writable => return Ok(Advance::Blocked),
            Role::Connecting { to, .. } => {
                sockets::check_peer(worker, &self.socket, *to)?;
                let listening = Role::Listening { numbers: 0..0 };
                if let Role::Connecting { end, .. } = std::mem::replace(&mut self.role, listening) {
                    self.role = Role::Open(end);
                }
                self.readable = true;
            }
            Role::Open(_) => {}
        }
        let mut advance = Advance::Blocked;
        for _ in 0..TURN {
            let moved = self.send(worker)? | self.receive(worker, room)?;
            if self.is_done() {
                return Ok(Advance::Done);
            }
            if !moved {
                return Ok(advance);
            }
            advance = Advance::Moved;
        }
        // What is to be sent next decides what is waited for.
        self.fetch();
        Ok(advance)
    }

    /// Asks the end for what to send next, unless something is left.
    fn fetch(&mut self) {
        if let (Outgoing::Nothing, Role::Open(end)) = (self.outgoing, &mut self.role) {
            self.outgoing = end.outgoing(&mut self.out);
            self.sent = 0;
        }
    }

    /// Sends once, when there is something and room for it.
    fn send(&mut self, worker: &Worker<'_>) -> Result<bool, Stopped> {
        self.fetch();
        if self.outgoing == Outgoing::Nothing || !self.writable {
            return Ok(false);
        }
        let data = &self.out[self.sent..];
        let not_now = Some(Errno::WOULDBLOCK);
        let sent = worker.send(&self.socket, self.outgoing, data, not_now)?;
        let Some(sent) = sent else {
            self.writable = false;
            return Ok(false);
        };
        self.sent += sent;
        if self.sent >= self.out.len() || self.outgoing == Outgoing::ShutDown {
            self.outgoing = Outgoing::Nothing;
        }
        Ok(true)
    }

    /// Receives once, when something is expected and may be there.
    fn receive(&mut self, worker: &Worker<'_>, room: &mut Vec<u8>) -> Result<bool, Stopped> {
        let Role::Open(end) = &mut self.role else {
            return Ok(false);
        };
        if !self.readable || !end.expects() {
            return Ok(false);
        }
        let not_now = Some(Errno::WOULDBLOCK);
        let received = worker.receive(&self.socket, &mut **end, room, not_now)?;
        self.readable = received.is_some();
        Ok(self.readable)
    }

    fn is_done(&self) -> bool {
        let done = matches!(&self.role, Role::Open(end) if end.is_done());
        done && self.outgoing == Outgoing::Nothing
    }
}

/// How many connections share a pair of threads: a wait takes 64 sockets or events at most, and one
/// of them is the listener.
const GROUP: u32 = 60;
/// How often one member sends and receives before it is another's turn.
const TURN: usize = 16;
/// How long a wait lasts before the thread looks whether the leg has failed elsewhere.
pub(super) const TICK: Duration = Duration::from_millis(200);
