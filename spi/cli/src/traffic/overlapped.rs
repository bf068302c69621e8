//! Overlapped operations on many connections: what the styles of I/O share that begin operations and
//! are told when they have ended.
//!
//! Each connection has at most one send and one receive under way ([`Operation`]); while one is, it
//! belongs to the provider, which may write to it on any thread. When it has ended, in the manner of
//! the style ([`Completions`]), whoever is told takes it back, hands the bytes to the connection's
//! end and begins what comes next. Several threads may do so at once: a connection's lock guards its
//! state only and is not held over any call.

use super::end::End;
use super::exchange::{Exchange, Stopped};
use super::operation::{Direction, Operation, Pending};
use super::readiness::TICK;
use super::worker::Worker;
use super::{Transport, datagram, sockets, stream};
use crate::Socket;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_abi::{Errno, RawCallback, SD_SEND};

/// How a style is told that operations have ended. One for each group; its threads share it.
pub(super) trait Completions: Sized + Sync {
    /// How many connections a group has.
    const GROUP: u32;
    /// How many threads drive a group.
    const WORKERS: u32;

    /// For a group.
    fn new(worker: &Worker<'_>) -> Result<Self, Stopped>;

    /// Prepares a socket, which is that of this connection of the group.
    fn attach(
        &self,
        _worker: &Worker<'_>,
        _socket: &Socket,
        _connection: usize,
    ) -> Result<(), Stopped> {
        Ok(())
    }

    /// Prepares an operation, once.
    fn prepare(&self, _worker: &Worker<'_>, _operation: &mut Operation) -> Result<(), Stopped> {
        Ok(())
    }

    /// What operations are begun with.
    fn routine(&self) -> RawCallback {
        RawCallback::NULL
    }

    /// An operation was begun on this socket and belongs to the provider now. It may have ended
    /// already.
    fn began(&self, _pending: Pending, _socket: &Arc<Socket>) {}

    /// Waits until operations have ended, at most for `timeout`.
    fn wait(&self, worker: &Worker<'_>, timeout: Duration) -> Result<Vec<Ended>, Stopped>;

    /// Lets all threads of the group return from their waits.
    fn wake(&self) {}
}

/// An operation that has ended, and how: the bytes that it moved, or its error.
pub(super) struct Ended {
    pub(super) operation: Box<Operation>,
    pub(super) result: Result<usize, Errno>,
}

/// A socket and its end.
type Opened<'a> = (Arc<Socket>, Box<dyn End + 'a>);

/// Carries the leg's traffic.
pub(super) fn carry<C: Completions>(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let worker = &Worker::enter(exchange, "opener");
    let connections = exchange.plan.connections;
    thread::scope(|scope| {
        for first in (0..connections).step_by(C::GROUP as usize) {
            let group = first..connections.min(first + C::GROUP);
            let named = |who| format!("{who} {} to {}", group.start, group.end - 1);
            let (servers, clients) = (named("servers"), named("clients"));
            // The clients know what is missing, and are to say so first.
            let patience = exchange.plan.patience;
            match exchange.leg.transport {
                Transport::Tcp => {
                    let count = group.len() as u32;
                    let (listener, name) = sockets::listener(worker, count)?;
                    let numbers = group.clone();
                    exchange.spawn(scope, servers, move |worker| {
                        let opened = accept_all(worker, listener, numbers)?;
                        run::<C>(worker, patience * 2, opened)
                    });
                    exchange.spawn(scope, clients, move |worker| {
                        let opened = connect_all(worker, name, group)?;
                        run::<C>(worker, patience, opened)
                    });
                }
                Transport::Udp => {
                    let (opened, there) = open_pairs(worker, group)?;
                    exchange.spawn(scope, servers, move |worker| {
                        run::<C>(worker, patience * 2, opened)
                    });
                    exchange.spawn(scope, clients, move |worker| {
                        run::<C>(worker, patience, there)
                    });
                }
            }
        }
        Ok(())
    })
}

fn accept_all<'a>(
    worker: &Worker<'a>,
    listener: Arc<Socket>,
    numbers: Range<u32>,
) -> Result<Vec<Opened<'a>>, Stopped> {
    let mut opened: Vec<Opened<'a>> = Vec::new();
    for number in numbers {
        // It blocks until there is one.
        let Some(socket) = sockets::accept(worker, &listener)? else {
            return Err(worker.fail("accept does not block"));
        };
        opened.push((socket, Box::new(stream::Echo::new(worker.exchange, number))));
    }
    worker.close(listener)?;
    Ok(opened)
}

fn connect_all<'a>(
    worker: &Worker<'a>,
    server: SocketAddr,
    numbers: Range<u32>,
) -> Result<Vec<Opened<'a>>, Stopped> {
    let mut opened: Vec<Opened<'a>> = Vec::new();
    for index in numbers {
        let socket = sockets::stream(worker)?;
        worker.call("connect", || socket.connect(server))?;
        sockets::check_peer(worker, &socket, server)?;
        opened.push((
            socket,
            Box::new(stream::Client::new(worker.exchange, index)),
        ));
    }
    Ok(opened)
}

fn open_pairs<'a>(
    worker: &Worker<'a>,
    numbers: Range<u32>,
) -> Result<(Vec<Opened<'a>>, Vec<Opened<'a>>), Stopped> {
    let (mut servers, mut clients): (Vec<Opened<'a>>, Vec<Opened<'a>>) = (Vec::new(), Vec::new());
    for index in numbers {
        let (socket, name) = sockets::datagram_server(worker)?;
        servers.push((
            socket,
            Box::new(datagram::Echo::new(worker.exchange, index)),
        ));
        let socket = sockets::datagram_client(worker, index, name)?;
        clients.push((
            socket,
            Box::new(datagram::Client::new(worker.exchange, index, name)),
        ));
    }
    Ok((servers, clients))
}

/// Drives connections until all of them are done.
fn run<C: Completions>(
    worker: &Worker<'_>,
    patience: Duration,
    opened: Vec<Opened<'_>>,
) -> Result<(), Stopped> {
    let completions = C::new(worker)?;
    let mut connections = Vec::new();
    for (index, (socket, end)) in opened.into_iter().enumerate() {
        completions.attach(worker, &socket, index)?;
        let mut operations = [
            Operation::new(Direction::Receive, index),
            Operation::new(Direction::Send, index),
        ];
        for operation in &mut operations {
            completions.prepare(worker, operation)?;
        }
        connections.push(Connection::new(socket, end, operations));
    }
    let group = &Group {
        exchange: worker.exchange,
        completions,
        patience,
        open: AtomicUsize::new(connections.len()),
        connections,
        pending: AtomicUsize::new(0),
    };
    thread::scope(|scope| {
        for number in 1..C::WORKERS {
            let part = format!("{}, worker {number}", worker.part());
            let exchange = worker.exchange;
            exchange.spawn(scope, part, move |worker| group.work(worker));
        }
        for connection in &group.connections {
            group.advance(worker, connection)?;
        }
        group.work(worker)
    })
}

/// The connections that the same threads drive.
struct Group<'a, C> {
    exchange: &'a Exchange<'a>,
    completions: C,
    patience: Duration,
    connections: Vec<Connection<'a>>,
    /// How many connections are not closed yet.
    open: AtomicUsize,
    /// How many operations belong to the provider.
    pending: AtomicUsize,
}

impl<C: Completions> Group<'_, C> {
    /// Takes back what has ended and begins what comes next, until all connections are closed. After
    /// a failure it waits only for what is still pending.
    fn work(&self, worker: &Worker<'_>) -> Result<(), Stopped> {
        let mut moved_last = Instant::now();
        let mut ending = None;
        loop {
            let stopped = self.exchange.is_stopped();
            let pending = self.pending.load(Ordering::Acquire);
            if self.open.load(Ordering::Acquire) == 0 || (stopped && pending == 0) {
                self.completions.wake();
                return Ok(());
            }
            if stopped {
                let since = ending.get_or_insert_with(Instant::now);
                if since.elapsed() > GRACE {
                    // What never ends keeps its memory: the provider may still write to it.
                    return Err(Stopped);
                }
            } else if moved_last.elapsed() > self.patience {
                self.lose_patience(worker);
            }
            for ended in self.completions.wait(worker, TICK)? {
                moved_last = Instant::now();
                // The failure is on record; what is pending is still taken back.
                let _ = self.take_back(worker, ended);
            }
        }
    }

    /// Begins all that a connection can begin, and closes it when it is done.
    fn advance(&self, worker: &Worker<'_>, connection: &Connection<'_>) -> Result<(), Stopped> {
        loop {
            match connection.next() {
                Next::Begin(operation) => self.begin(worker, connection, operation)?,
                Next::ShutDown => {
                    let socket = connection.socket()?;
                    worker.call("shutdown", || socket.shutdown(SD_SEND))?;
                    connection.has_shut_down();
                }
                Next::Close(socket) => {
                    let closed = worker.close(socket);
                    if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                        self.completions.wake();
                    }
                    return closed;
                }
                Next::Nothing => return Ok(()),
            }
        }
    }

    fn begin(
        &self,
        worker: &Worker<'_>,
        connection: &Connection<'_>,
        operation: Box<Operation>,
    ) -> Result<(), Stopped> {
        let socket = connection.socket()?;
        let (function, routine) = (operation.function(), self.completions.routine());
        // Before it begins, since it may end before the call returns.
        self.pending.fetch_add(1, Ordering::AcqRel);
        let begun = worker.own_call(function, || operation.begin(socket.raw(), routine));
        match begun {
            Ok(pending) => self.completions.began(pending, &socket),
            Err(stopped) => {
                self.pending.fetch_sub(1, Ordering::AcqRel);
                return Err(stopped);
            }
        }
        Ok(())
    }

    fn take_back(&self, worker: &Worker<'_>, ended: Ended) -> Result<(), Stopped> {
        self.pending.fetch_sub(1, Ordering::AcqRel);
        if self.exchange.is_stopped() {
            return Err(Stopped);
        }
        let Ended { operation, result } = ended;
        let connection = self.connections.get(operation.connection());
        let Some(connection) = connection else {
            return Err(worker.fail("the operation of no connection has ended"));
        };
        connection.take_back(self.exchange, operation, result)?;
        self.advance(worker, connection)
    }

    fn lose_patience(&self, worker: &Worker<'_>) {
        for connection in &self.connections {
            let state = connection.state();
            if state.socket.is_some() {
                let _ = self.exchange.out_of_patience(&*state.end, self.patience);
                return;
            }
        }
        let _ = worker.fail("nothing was left to do");
    }
}

/// A connection: its socket, its end, and those of its two operations that are not under way.
struct Connection<'a>(Mutex<State<'a>>);

struct State<'a> {
    /// `None` once it is given out to be closed.
    socket: Option<Arc<Socket>>,
    end: Box<dyn End + 'a>,
    receive: Option<Box<Operation>>,
    send: Option<Box<Operation>>,
    /// The last send was not of all its bytes.
    unsent: bool,
    /// Somebody ends the stream now.
    shutting_down: bool,
}

/// What is to be done on a connection.
enum Next {
    Begin(Box<Operation>),
    ShutDown,
    Close(Arc<Socket>),
    Nothing,
}

impl<'a> Connection<'a> {
    fn new(socket: Arc<Socket>, end: Box<dyn End + 'a>, operations: [Box<Operation>; 2]) -> Self {
        let [receive, send] = operations;
        Self(Mutex::new(State {
            socket: Some(socket),
            end,
            receive: Some(receive),
            send: Some(send),
            unsent: false,
            shutting_down: false,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The socket, while the connection is not closed.
    fn socket(&self) -> Result<Arc<Socket>, Stopped> {
        self.state().socket.clone().ok_or(Stopped)
    }

    /// What is to be done next; the receive first, so that what comes back finds it.
    fn next(&self) -> Next {
        let state = &mut *self.state();
        if state.end.expects()
            && let Some(mut receive) = state.receive.take()
        {
            receive.make_room(state.end.room(), state.end.wants_sender());
            return Next::Begin(receive);
        }
        if !state.shutting_down
            && let Some(mut send) = state.send.take()
        {
            if state.unsent || send.fill(&mut *state.end) {
                state.unsent = false;
                return Next::Begin(send);
            }
            let shut_down = send.is_shut_down();
            state.send = Some(send);
            if shut_down {
                state.shutting_down = true;
                return Next::ShutDown;
            }
        }
        let idle = state.receive.is_some() && state.send.is_some() && !state.shutting_down;
        if idle && state.end.is_done() {
            return state.socket.take().map_or(Next::Nothing, Next::Close);
        }
        Next::Nothing
    }

    fn has_shut_down(&self) {
        self.state().shutting_down = false;
    }

    /// Hands over what an operation moved.
    fn take_back(
        &self,
        exchange: &Exchange<'_>,
        mut operation: Box<Operation>,
        result: Result<usize, Errno>,
    ) -> Result<(), Stopped> {
        let state = &mut *self.state();
        let moved = result.map_err(|error| {
            let (who, function) = (exchange.name(state.end.name()), operation.function());
            exchange.fail(format!("{who}: {function} ended with {error}"))
        })?;
        exchange.count_operation();
        match operation.direction() {
            Direction::Receive => {
                let (data, from) = operation.received(moved);
                exchange.judge(&mut *state.end, |end| end.received(data, from))?;
                state.receive = Some(operation);
            }
            Direction::Send => {
                let who = exchange.name(state.end.name());
                exchange.check_sent(&who, moved, operation.unsent())?;
                state.unsent = operation.sent(moved) > 0;
                state.send = Some(operation);
            }
        }
        Ok(())
    }
}

/// How long operations on sockets that were closed after a failure may take to end.
const GRACE: Duration = Duration::from_secs(2);
