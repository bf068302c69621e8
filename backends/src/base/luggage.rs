//! What goes with a socket to another process: the state that the network does not keep.
//!
//! [`Socket::pack`] writes it as numbers, [`unpack`] makes a socket of them. Both processes may be built
//! from different versions; the first number tells the layout, and what is not understood is refused.
//! Used by [`super::duplicate`].

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::names::Name;
use super::options::Stored;
use super::sharing::Class;
use super::socket::Make;
use super::socket::Moment;
use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Kind;
use crate::net::NetSocket;
use crate::net::SocketOption;

/// The layout of what follows.
const LAYOUT: i32 = 1;

/// The bits that hold in the other process too, by their place here.
const BITS: [Bit; 16] = [
    Bit::Datagram,
    Bit::NonBlocking,
    Bit::Bound,
    Bit::Listening,
    Bit::Connecting,
    Bit::Connected,
    Bit::ConnectFailed,
    Bit::ReceiveShut,
    Bit::SendShut,
    Bit::Reset,
    Bit::Aborted,
    Bit::UrgentInline,
    Bit::Broadcast,
    Bit::WantsPortReports,
    Bit::WantsLifeReports,
    Bit::EndSeen,
];

const FAMILIES: [Family; 3] = [Family::Inet, Family::Inet6, Family::Unix];
const KINDS: [Kind; 3] = [Kind::Stream, Kind::Datagram, Kind::Raw];
const CLASSES: [Class; 3] = [Class::Plain, Class::Reuse, Class::Exclusive];

impl Socket {
    /// The state, for another process.
    ///
    /// # Errors
    /// What the network answers when it is asked for the name.
    pub(super) fn pack(&self) -> Result<Vec<u8>, Errno> {
        self.settle();
        let mut control = self.control.lock();
        let state = self.status.get();
        if state.has(Bit::Bound) {
            // Asked for now, it need not be asked for there.
            self.local_name(&mut control)?;
        }
        let held = BITS.iter().enumerate().filter(|(_, bit)| state.has(**bit));
        let connected_for = control
            .connected_at
            .map(|at| at.seconds_until(self.stack.net.now()));
        let mut note = Writer(Vec::new());
        note.numbers([
            LAYOUT,
            place(&FAMILIES, &self.make.family),
            place(&KINDS, &self.make.kind),
            self.make.protocol,
            self.make.flags as i32,
            held.fold(0, |word, (at, _)| word | 1 << at),
            self.receive_timeout.load(Ordering::Relaxed) as i32,
            self.send_timeout.load(Ordering::Relaxed) as i32,
            control.error,
            control.backlog,
            i32::from(control.connecting_async),
            connected_for.map_or(-1, |seconds| i32::try_from(seconds).unwrap_or(i32::MAX)),
        ]);
        for name in [&control.local, &control.bound, &control.peer] {
            note.name(name.as_ref());
        }
        control.options.write(&mut note);
        Ok(note.0)
    }
}

/// The socket that `note` tells of, without a handle yet. `info` is the catalog entry that it was
/// fetched through.
///
/// # Errors
/// `INVAL` for a note that is not understood.
pub(super) fn unpack(
    stack: &Arc<Stack>,
    net: Arc<dyn NetSocket>,
    note: &[u8],
    info: &WSAPROTOCOL_INFOW,
) -> Result<Arc<Socket>, Errno> {
    let mut note = Reader(note);
    if note.number()? != LAYOUT {
        return Err(Errno::INVAL);
    }
    let family = note.one_of(&FAMILIES)?;
    let kind = note.one_of(&KINDS)?;
    let [protocol, flags, bits, receive_timeout, send_timeout] = note.numbers()?;
    let [error, backlog, connecting_async, connected_for] = note.numbers()?;
    let [local, bound, peer] = [note.name()?, note.name()?, note.name()?];
    let options = Stored::read(&mut note)?;
    let held: Vec<Bit> = BITS
        .into_iter()
        .enumerate()
        .filter(|(at, _)| bits & 1 << at != 0)
        .map(|(_, bit)| bit)
        .chain([Bit::Shared])
        .collect();
    let make = Make {
        family,
        kind,
        protocol,
        flags: flags as u32,
        info: stack.intern(&WSAPROTOCOL_INFOW {
            dwProviderReserved: 0,
            ..*info
        }),
    };
    let socket = Socket::new(stack, make, net, &held, options);
    socket
        .receive_timeout
        .store(receive_timeout as u32, Ordering::Relaxed);
    socket
        .send_timeout
        .store(send_timeout as u32, Ordering::Relaxed);
    {
        let mut control = socket.control.lock();
        control.local = local;
        control.bound = bound;
        control.peer = peer;
        control.error = error;
        control.backlog = backlog;
        control.connecting_async = connecting_async != 0;
        control.connected_at = u64::try_from(connected_for).ok().map(|seconds| {
            let now = stack.net.now();
            Moment::at(now.saturating_sub(Duration::from_secs(seconds)))
        });
    }
    Ok(socket)
}

impl Stored {
    fn write(&self, note: &mut Writer) {
        note.numbers([
            place(&CLASSES, &self.class),
            i32::from(self.linger.l_onoff),
            i32::from(self.linger.l_linger),
        ]);
        let network = self.all_network();
        note.numbers([network.len() as i32]);
        for (option, value) in network {
            note.numbers([place(SocketOption::ALL, option), *value]);
        }
        let kept = self.all_kept();
        note.numbers([kept.len() as i32]);
        for ((level, name), value) in kept {
            note.numbers([*level, *name, *value]);
        }
    }

    fn read(note: &mut Reader<'_>) -> Result<Self, Errno> {
        let mut options = Self::default();
        options.class = note.one_of(&CLASSES)?;
        let [on, time] = note.numbers()?;
        options.linger.l_onoff = on as u16;
        options.linger.l_linger = time as u16;
        for _ in 0..note.number()? {
            let option = note.one_of(SocketOption::ALL)?;
            options.keep_network(option, note.number()?);
        }
        for _ in 0..note.number()? {
            let [level, name, value] = note.numbers()?;
            options.keep(level, name, value);
        }
        Ok(options)
    }
}

fn place<T: PartialEq>(list: &[T], value: &T) -> i32 {
    list.iter()
        .position(|known| known == value)
        .map_or(-1, |at| at as i32)
}

struct Writer(Vec<u8>);

impl Writer {
    fn numbers<const N: usize>(&mut self, numbers: [i32; N]) {
        for number in numbers {
            self.0.extend(number.to_le_bytes());
        }
    }

    /// The Windows form behind its length; 0 for none.
    fn name(&mut self, name: Option<&Name>) {
        let mut bytes = [0; 128];
        let length = name.map_or(0, |name| name.endpoint().to_windows(&mut bytes));
        self.numbers([length as i32]);
        self.0.extend(&bytes[..length]);
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Result<i32, Errno> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Errno::INVAL)?;
        self.0 = rest;
        Ok(i32::from_le_bytes(*number))
    }

    fn numbers<const N: usize>(&mut self) -> Result<[i32; N], Errno> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = self.number()?;
        }
        Ok(numbers)
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> Result<T, Errno> {
        let at = usize::try_from(self.number()?).map_err(|_| Errno::INVAL)?;
        list.get(at).copied().ok_or(Errno::INVAL)
    }

    fn name(&mut self) -> Result<Option<Name>, Errno> {
        let length = usize::try_from(self.number()?).map_err(|_| Errno::INVAL)?;
        let (name, rest) = self.0.split_at_checked(length).ok_or(Errno::INVAL)?;
        self.0 = rest;
        if name.is_empty() {
            return Ok(None);
        }
        let name = Endpoint::from_windows(name).map_err(|_| Errno::INVAL)?;
        Ok(Some(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::System;
    use std::net::Ipv4Addr;
    use std::net::SocketAddrV4;

    fn stack() -> Arc<Stack> {
        Arc::new(Stack::new(Arc::new(System)))
    }

    fn udp(stack: &Arc<Stack>) -> Arc<Socket> {
        let (family, kind) = (Family::Inet, Kind::Datagram);
        let make = Make {
            family,
            kind,
            protocol: 17,
            flags: 1,
            info: stack.intern(&WSAPROTOCOL_INFOW::EMPTY),
        };
        let net = stack.net.socket(family, kind, 17).unwrap();
        let bits = [Bit::Datagram, Bit::NonBlocking, Bit::Paused];
        Socket::new(stack, make, net, &bits, Stored::default())
    }

    #[test]
    fn a_socket_comes_out_as_it_went_in() {
        // base-provider.md 7: family, state, names, timeouts, options.
        let stack = stack();
        let socket = udp(&stack);
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7));
        {
            let mut control = socket.control.lock();
            control.peer = Some(name.into());
            control.error = 10061;
            control.options.class = Class::Exclusive;
            control.options.linger.l_linger = 9;
            control.options.keep_network(SocketOption::IpTimeToLive, 44);
            control.options.keep(1, 2, 3);
        }
        socket.receive_timeout.store(1234, Ordering::Relaxed);
        let info = WSAPROTOCOL_INFOW {
            dwProviderReserved: 5,
            dwCatalogEntryId: 77,
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        let note = socket.pack().unwrap();
        let twin = unpack(&stack, socket.net.clone(), &note, &info).unwrap();
        let state = twin.status.get();
        assert!(state.has(Bit::Datagram) && state.has(Bit::NonBlocking) && state.has(Bit::Shared));
        assert!(!state.has(Bit::Bound) && !state.has(Bit::Paused));
        assert_eq!(
            (twin.make.family, twin.make.kind),
            (Family::Inet, Kind::Datagram)
        );
        assert_eq!((twin.make.protocol, twin.make.flags), (17, 1));
        assert_eq!(twin.make.info.dwCatalogEntryId, 77);
        assert_eq!(twin.make.info.dwProviderReserved, 0);
        assert_eq!(twin.receive_timeout.load(Ordering::Relaxed), 1234);
        let control = twin.control.lock();
        assert_eq!(control.peer, Some(name.into()));
        assert_eq!((control.local.as_ref(), control.error), (None, 10061));
        assert_eq!(control.options.class, Class::Exclusive);
        assert_eq!(control.options.linger.l_linger, 9);
        let network = [(SocketOption::IpTimeToLive, 44)];
        assert_eq!(control.options.all_network(), network);
        assert_eq!(control.options.all_kept(), [((1, 2), 3)]);
    }

    #[test]
    fn a_note_that_is_cut_or_garbled_is_refused() {
        // A note of another version, or of nobody: INVAL, and no panic.
        let stack = stack();
        let socket = udp(&stack);
        socket.control.lock().options.keep(1, 2, 3);
        let note = socket.pack().unwrap();
        let unpacked = |note: &[u8]| {
            let info = WSAPROTOCOL_INFOW::EMPTY;
            unpack(&stack, socket.net.clone(), note, &info).map(drop)
        };
        assert_eq!(unpacked(&note), Ok(()));
        for length in 0..note.len() {
            assert_eq!(unpacked(&note[..length]), Err(Errno::INVAL), "{length}");
        }
        for at in 0..note.len() {
            let mut garbled = note.clone();
            garbled[at] = 0xff;
            // Some bytes may have any value.
            let _ = unpacked(&garbled);
        }
        let mut other = note;
        other[0] ^= 2;
        assert_eq!(unpacked(&other), Err(Errno::INVAL));
    }
}
