//! Another process of the same program, with the same subject, that does to sockets what it is told: for what two processes share.
//!
//! The partner is this program once more, with the same arguments and [`MARK`] in its environment: a program that runs cases calls
//! [`serve_if_one`] as soon as it knows its subject. Orders go through the partner's standard input, answers come through its standard
//! output behind [`GREETING`].

use crate::{Socket, processes, socket, subject, winsock};
use std::env;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

/// Set in a partner.
const MARK: &str = "WS2SPI_TEST_PARTNER";
/// What the program has printed before is not meant for anybody.
const GREETING: &[u8] = b"\x01partner\x02";

/// What a partner can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Order {
    Make,
    Send,
    Receive,
    Accept,
    Option,
    Close,
}

const ORDERS: [Order; 6] = [
    Order::Make,
    Order::Send,
    Order::Receive,
    Order::Accept,
    Order::Option,
    Order::Close,
];

/// The partner, as long as this lives. Its sockets are numbered from 0.
#[derive(Debug)]
pub struct Partner {
    process: Child,
    orders: Option<ChildStdin>,
    answers: ChildStdout,
}

impl Partner {
    /// Starts a partner, and the subject in this process too.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn beside_this() -> Self {
        let partner = Self::start(env::args_os().skip(1));
        subject::start_once();
        partner
    }

    /// Starts this program as a partner, with these arguments.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn start(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Self::try_start(arguments).expect("the partner starts")
    }

    /// As [`start`](Self::start).
    ///
    /// # Errors
    /// Why the program does not start, or ends before it says that it is there.
    pub fn try_start(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> io::Result<Self> {
        let program = env::current_exe()?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env(MARK, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = processes::start(&mut command)?;
        let orders = process.stdin.take();
        let mut answers = process.stdout.take().expect("it is piped");
        let mut seen = Vec::new();
        while !seen.ends_with(GREETING) {
            let mut byte = [0];
            answers.read_exact(&mut byte)?;
            seen.push(byte[0]);
        }
        Ok(Self {
            process,
            orders,
            answers,
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// `WSASocket` with an info; the number of the new socket.
    ///
    /// # Errors
    /// The partner's last error, as in all that follow.
    pub fn make(&mut self, info: &WSAPROTOCOL_INFOW) -> Result<u32, Errno> {
        let mut bytes = [0; size_of::<WSAPROTOCOL_INFOW>()];
        info.encode(&mut bytes).expect("it has that size");
        self.order(Order::Make, 0, &bytes).map(|made| number(&made))
    }

    /// Sends all of `data`.
    ///
    /// # Errors
    /// See [`make`](Self::make).
    pub fn send(&mut self, s: u32, data: &[u8]) -> Result<u32, Errno> {
        self.order(Order::Send, s, data).map(|sent| number(&sent))
    }

    /// One receive of at most `room` bytes.
    ///
    /// # Errors
    /// See [`make`](Self::make).
    pub fn receive(&mut self, s: u32, room: u32) -> Result<Vec<u8>, Errno> {
        self.order(Order::Receive, s, &room.to_ne_bytes())
    }

    /// Accepts a connection; the number of the new socket.
    ///
    /// # Errors
    /// See [`make`](Self::make).
    pub fn accept(&mut self, s: u32) -> Result<u32, Errno> {
        self.order(Order::Accept, s, &[]).map(|made| number(&made))
    }

    /// Reads an option.
    ///
    /// # Errors
    /// See [`make`](Self::make).
    pub fn option(&mut self, s: u32, level: i32, option: i32) -> Result<u32, Errno> {
        let which = [level.to_ne_bytes(), option.to_ne_bytes()].concat();
        let value = self.order(Order::Option, s, &which);
        value.map(|value| number(&value))
    }

    /// Closes a socket.
    ///
    /// # Errors
    /// See [`make`](Self::make).
    pub fn close(&mut self, s: u32) -> Result<(), Errno> {
        self.order(Order::Close, s, &[]).map(drop)
    }

    fn order(&mut self, order: Order, s: u32, data: &[u8]) -> Result<Vec<u8>, Errno> {
        let orders = self.orders.as_mut().expect("it is open until the end");
        let mut message = vec![order as u8];
        message.extend(s.to_ne_bytes());
        write_block(orders, &message).expect("the partner takes orders");
        write_block(orders, data).expect("the partner takes orders");
        let code = read_block(&mut self.answers).expect("the partner answers");
        let value = read_block(&mut self.answers).expect("the partner answers");
        match Errno::new(number(&code) as i32) {
            None => Ok(value),
            Some(error) => Err(error),
        }
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        // The end of the orders is its end.
        self.orders = None;
        let ended = self.process.wait().expect("the partner can be waited for");
        if !std::thread::panicking() {
            assert!(ended.success(), "the partner: {ended}");
        }
    }
}

/// Whether this process is a partner.
#[must_use]
pub fn is_one() -> bool {
    env::var_os(MARK).is_some()
}

/// In a partner, starts the subject, [serves](serve), and returns true; in any other process does nothing.
///
/// # Panics
/// As [`serve`].
pub fn serve_if_one() -> bool {
    if is_one() {
        subject::start();
        serve();
    }
    is_one()
}

/// Does what the other process says until it says no more. The implementation is started.
///
/// # Panics
/// When the other process says what is no order.
pub fn serve() {
    let (mut orders, mut answers) = (io::stdin().lock(), io::stdout().lock());
    answers.write_all(GREETING).expect("somebody listens");
    answers.flush().expect("somebody listens");
    let mut sockets: Vec<Option<Socket>> = Vec::new();
    while let Ok(message) = read_block(&mut orders) {
        let data = read_block(&mut orders).expect("every order has data");
        let order = ORDERS[usize::from(message[0])];
        let answer = obey(order, number(&message[1..]) as usize, &data, &mut sockets);
        let code = answer.as_ref().err().map_or(0, |error| error.code());
        write_block(&mut answers, &code.to_ne_bytes()).expect("somebody listens");
        write_block(&mut answers, &answer.unwrap_or_default()).expect("somebody listens");
    }
}

fn obey(
    order: Order,
    s: usize,
    data: &[u8],
    sockets: &mut Vec<Option<Socket>>,
) -> Result<Vec<u8>, Errno> {
    let open = || sockets[s].as_ref().expect("a socket that is open");
    match order {
        Order::Make => {
            let info = WSAPROTOCOL_INFOW::decode(data).expect("an info");
            let made = make(&info)?;
            Ok(keep(sockets, made))
        }
        Order::Send => {
            let sent = open().send(data, 0)?;
            Ok((sent as u32).to_ne_bytes().to_vec())
        }
        Order::Receive => {
            let mut room = vec![0; number(data) as usize];
            let count = open().recv(&mut room, 0)?;
            room.truncate(count);
            Ok(room)
        }
        Order::Accept => {
            let (made, _) = open().accept()?;
            Ok(keep(sockets, made))
        }
        Order::Option => {
            let (level, option) = (number(data) as i32, number(&data[4..]) as i32);
            Ok(open().option(level, option)?.to_ne_bytes().to_vec())
        }
        Order::Close => {
            let closed = sockets[s].take().map(Socket::close);
            closed.expect("it is there").map_err(|(_, error)| error)?;
            Ok(Vec::new())
        }
    }
}

/// `WSASocket` with an info that says everything.
///
/// # Errors
/// The last error.
pub fn make(info: &WSAPROTOCOL_INFOW) -> Result<Socket, Errno> {
    let any = FROM_PROTOCOL_INFO;
    // SAFETY: the info lives for the call.
    let made = unsafe { winsock::WSASocketW(any, any, any, info, 0, WSA_FLAG_OVERLAPPED) };
    socket::checked_socket(made)
}

/// The number that a new socket gets.
fn keep(sockets: &mut Vec<Option<Socket>>, made: Socket) -> Vec<u8> {
    sockets.push(Some(made));
    (sockets.len() as u32 - 1).to_ne_bytes().to_vec()
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(*bytes.first_chunk().expect("four bytes"))
}

fn write_block(to: &mut impl Write, data: &[u8]) -> io::Result<()> {
    to.write_all(&(data.len() as u32).to_ne_bytes())?;
    to.write_all(data)?;
    to.flush()
}

fn read_block(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut data = vec![0; u32::from_ne_bytes(length) as usize];
    from.read_exact(&mut data)?;
    Ok(data)
}
