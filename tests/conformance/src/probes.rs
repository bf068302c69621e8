//! Probes: each [need](Need) asked of the subject or of the machine, and never assumed.
//!
//! Only a plain refusal is a lack: a catalog without such an entry, or a call that is answered with the code for what is not supported.
//! Whatever else goes wrong while a probe asks is for the cases to find, which then say so. A probe blocks as long as the subject does:
//! who asks has a process for it that can be ended.

use crate::controls::control;
use crate::extensions::find;
use crate::need::Need;
use crate::notices::{Notices, Way};
use crate::overlapped::{Event, Operation, Tell};
use crate::partner::Partner;
use crate::port::Port;
use crate::socket::{Socket, checked, loopback};
use crate::{host, own_network, winsock};
use std::ptr::null;
use std::time::{Duration, Instant};
use std::{env, thread};
use ws2spi_abi::*;

/// Why a need is not met, if it is not.
pub(crate) fn ask(need: Need) -> Option<String> {
    match need {
        Need::Tcp => entry(|entry| is_ip(entry) && entry.iProtocol == IPPROTO_TCP),
        Need::Udp => entry(|entry| is_ip(entry) && entry.iProtocol == IPPROTO_UDP),
        Need::Ipv6 => entry(|entry| entry.iAddressFamily == AF_INET6),
        Need::LocalStreams => entry(|entry| entry.iAddressFamily == AF_UNIX),
        Need::Overlapped => on_each_line("WSARecv with an OVERLAPPED", |line| {
            line.overlapped_receive(|_| Ok(()))
        }),
        Need::CompletionPorts => on_each_line("a completion port with a socket", |line| {
            let port = Port::new();
            line.overlapped_receive(|s| port.associate(s, 0))
        }),
        Need::NetworkEvents => events(Way::Event, "WSAEventSelect"),
        Need::Windows => events(Way::Message, "WSAAsyncSelect"),
        Need::SystemHandles => system_handles(),
        Need::Extensions => extension(WSAID_ACCEPTEX, "AcceptEx"),
        Need::TransmitPackets => extension(WSAID_TRANSMITPACKETS, "TransmitPackets"),
        Need::TcpInfo => tcp_info(),
        Need::KeepAliveTimes => keep_alive_times(),
        Need::SecondProcess => second_process(),
        Need::RawSockets => (!host::may_make_raw_sockets())
            .then(|| String::from("this process may not make raw sockets")),
        Need::LinkLocalAddress => host::link_local()
            .is_none()
            .then(|| String::from("no interface of the machine has one")),
        Need::OwnNetwork => (!own_network::is_allowed())
            .then(|| String::from("this process may not make a network of its own")),
    }
}

/// What a provider answers to what it does not have.
const NOT_SUPPORTED: [Errno; 3] = [
    Errno::OPNOTSUPP,
    Errno::NOT_SUPPORTED,
    Errno::CALL_NOT_IMPLEMENTED,
];

/// How long an operation may take that the probe itself ends.
const SOON: Duration = Duration::from_secs(5);

/// An entry of the catalog for which that is true.
fn entry(is_it: impl Fn(&WSAPROTOCOL_INFOW) -> bool) -> Option<String> {
    let has = entries().iter().any(is_it);
    (!has).then(|| String::from("no entry of the catalog is one"))
}

fn is_ip(entry: &WSAPROTOCOL_INFOW) -> bool {
    [AF_INET, AF_INET6].contains(&entry.iAddressFamily)
}

fn is_tcp_or_udp(entry: &WSAPROTOCOL_INFOW) -> bool {
    is_ip(entry) && [IPPROTO_TCP, IPPROTO_UDP].contains(&entry.iProtocol)
}

/// The entries of the catalog that an application sees.
fn entries() -> Vec<WSAPROTOCOL_INFOW> {
    const MOST: usize = 256;
    let mut room = [WSAPROTOCOL_INFOW::EMPTY; MOST];
    let mut len = size_of_val(&room) as u32;
    // SAFETY: the room has so many bytes.
    let count = unsafe { winsock::WSAEnumProtocolsW(null(), room.as_mut_ptr(), &raw mut len) };
    let count = checked(count).expect("a subject that is started has a catalog");
    room[..count as usize].to_vec()
}

/// Whether the entries that sockets are made through say that they have handles of the system.
fn system_handles() -> Option<String> {
    let entries = entries();
    let kind =
        |entry: &WSAPROTOCOL_INFOW| (entry.iAddressFamily, entry.iSocketType, entry.iProtocol);
    let is_first = |(place, entry): &(usize, &WSAPROTOCOL_INFOW)| {
        !entries[..*place]
            .iter()
            .any(|other| kind(other) == kind(entry))
    };
    let used = entries
        .iter()
        .enumerate()
        .filter(is_first)
        .map(|(_, entry)| entry);
    let mut without =
        used.filter(|entry| is_tcp_or_udp(entry) && entry.dwServiceFlags1 & XP1_IFS_HANDLES == 0);
    let entry = without.next()?;
    let units = entry.szProtocol.split(|unit| *unit == 0).next();
    let name = String::from_utf16_lossy(units.unwrap_or_default());
    Some(format!(
        "the catalog entry {name} is without XP1_IFS_HANDLES"
    ))
}

/// Two sockets, of which the first sends to the second.
struct Line {
    from: Socket,
    to: Socket,
}

impl Line {
    fn tcp() -> Result<Self, Errno> {
        let listener = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        listener.bind(loopback(AF_INET))?;
        listener.listen(1)?;
        let from = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        from.connect(listener.name()?)?;
        let (to, _) = listener.accept()?;
        Ok(Self { from, to })
    }

    fn udp() -> Result<Self, Errno> {
        let [from, to] = [(); 2].map(|()| Socket::new(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
        let (from, to) = (from?, to?);
        to.bind(loopback(AF_INET))?;
        from.connect(to.name()?)?;
        Ok(Self { from, to })
    }

    /// Begins a receive after `prepare`, and has it end.
    fn overlapped_receive(
        &self,
        prepare: impl FnOnce(&Socket) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        prepare(&self.to)?;
        let event = Event::new();
        let receive = Operation::receive(&self.to, &[1], 0, Tell::Event(event.raw()));
        match receive.returned {
            Err(Errno::IO_PENDING) => {
                let began = Instant::now();
                let _ = self.from.send(b"x", 0);
                // One that never ends keeps its memory, and is for the cases to find.
                while !event.is_set() && began.elapsed() < SOON {
                    thread::park_timeout(Duration::from_millis(1));
                }
                Ok(())
            }
            returned => returned.map(drop),
        }
    }
}

/// Whether what is asked of it is refused on each line there is. No line at all that works is for the cases to find.
fn on_each_line(what: &str, question: impl Fn(&Line) -> Result<(), Errno>) -> Option<String> {
    if !entries().iter().any(is_tcp_or_udp) {
        return Some(String::from("there is no TCP and no UDP to ask it of"));
    }
    let lines = [Line::tcp(), Line::udp()].into_iter().flatten();
    let answers: Vec<_> = lines.map(|line| question(&line)).collect();
    let refused =
        |answer: &Result<(), Errno>| matches!(answer, Err(error) if NOT_SUPPORTED.contains(error));
    match answers.first() {
        Some(Err(error)) if answers.iter().all(refused) => {
            Some(format!("{what} is answered with {error}"))
        }
        _ => None,
    }
}

/// Whether events are told this way.
fn events(way: Way, function: &str) -> Option<String> {
    on_each_line(function, |line| {
        let notices = Notices::alone(way);
        notices.try_select(line.to.raw(), FD_READ)
    })
}

/// A stream socket, when the subject has one.
fn stream() -> Option<Socket> {
    Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).ok()
}

fn extension(id: GUID, name: &str) -> Option<String> {
    let Some(s) = stream() else {
        return Some(String::from("there is no stream socket to ask for it"));
    };
    let error = find(&s, id).err()?;
    // WSAEINVAL is for a function that nobody knows.
    let is_refusal = error == Errno::INVAL || NOT_SUPPORTED.contains(&error);
    is_refusal
        .then(|| format!("SIO_GET_EXTENSION_FUNCTION_POINTER for {name} is answered with {error}"))
}

fn tcp_info() -> Option<String> {
    let Some(s) = stream() else {
        return Some(String::from("there is no stream socket to ask for it"));
    };
    let version = 0u32.to_ne_bytes();
    let mut info = [0; size_of::<TCP_INFO_v0>()];
    let answer = control(&s, SIO_TCP_INFO, Some(&version), Some(&mut info));
    let error = answer.result.err()?;
    NOT_SUPPORTED
        .contains(&error)
        .then(|| format!("it is answered with {error}"))
}

fn keep_alive_times() -> Option<String> {
    let Some(s) = stream() else {
        return Some(String::from("there is no stream socket to ask for it"));
    };
    let error = s.option(IPPROTO_TCP, TCP_KEEPALIVE).err()?;
    (error == Errno::NOPROTOOPT).then(|| format!("it is answered with {error}"))
}

fn second_process() -> Option<String> {
    let error = Partner::try_start(env::args_os().skip(1)).err()?;
    Some(format!("this program does not start once more: {error}"))
}
