//! Options of SOL_SOCKET whose value or effect is the socket's own.
//!
//! Each function answers `None` for an option that is a plain number (`rows`). The structures that
//! some options return are written here too.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::super::names;
use super::super::names::Name;
use super::super::sharing::Class;
use super::super::socket::Control;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::length::Rule;
use super::stored::for_network;
use crate::net::Kind;
use crate::net::SocketOption;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::OptionOut;

thread_local! {
    /// SO_OPENTYPE: of the thread, not of a socket (P21).
    static OPEN_TYPE: Cell<i32> = const { Cell::new(0) };
}

impl Socket {
    /// Sets an option that is more than a kept number.
    pub(super) fn set_socket_level(
        &self,
        name: i32,
        value: OptionIn<'_>,
    ) -> Option<Result<(), Errno>> {
        Some(match name {
            SO_REUSEADDR => self.set_class(Class::Reuse, value),
            SO_EXCLUSIVEADDRUSE => self.set_class(Class::Exclusive, value),
            SO_KEEPALIVE => self.set_keep_alive(value),
            SO_BROADCAST => Rule::A
                .read(value)
                .map(|on| self.status.put(Bit::Broadcast, on != 0)),
            SO_LINGER => self.set_linger(value),
            SO_DONTLINGER => self.set_dont_linger(value),
            SO_OOBINLINE => self.set_urgent_inline(value),
            SO_SNDBUF => self.set_buffer(SocketOption::SendBuffer, value),
            SO_RCVBUF => self.set_buffer(SocketOption::ReceiveBuffer, value),
            SO_SNDTIMEO => Rule::C
                .read(value)
                .map(|time| self.send_timeout.store(time as u32, Ordering::Relaxed)),
            SO_RCVTIMEO => Rule::C
                .read(value)
                .map(|time| self.receive_timeout.store(time as u32, Ordering::Relaxed)),
            SO_ERROR => Rule::C
                .read(value)
                .map(|error| self.control.lock().error = error),
            SO_OPENTYPE => Rule::C.read(value).map(|kind| OPEN_TYPE.set(kind)),
            // V test_set_getsockopt.
            SO_TYPE if !self.is_stream() => Err(Errno::INVAL),
            SO_SNDLOWAT | SO_RCVLOWAT => Err(Errno::INVAL),
            SO_CONDITIONAL_ACCEPT => self.set_conditional_accept(value),
            SO_PAUSE_ACCEPT => self.set_pause_accept(value),
            SO_RANDOMIZE_PORT | SO_REUSE_UNICASTPORT => self.set_port_choice(name, value),
            SO_UPDATE_ACCEPT_CONTEXT => self.update_accept_context(value),
            SO_UPDATE_CONNECT_CONTEXT => self.update_connect_context(),
            SO_ACCEPTCONN | SO_TYPE | SO_USELOOPBACK | SO_BSP_STATE | SO_GROUP_ID
            | SO_GROUP_PRIORITY | SO_MAX_MSG_SIZE | SO_PROTOCOL_INFOA | SO_PROTOCOL_INFOW
            | SO_MAXDG | SO_MAXPATHDG | SO_CONNECT_TIME | PVD_CONFIG => Err(Errno::NOPROTOOPT),
            _ => return None,
        })
    }

    /// Reads an option that is more than a kept number.
    pub(super) fn get_socket_level(
        &self,
        name: i32,
        out: OptionOut<'_>,
    ) -> Option<Result<(), Errno>> {
        let state = || {
            self.settle();
            self.status.get()
        };
        let number = |rule: Rule, value: i32| rule.write(value, out);
        let truth = |rule: Rule, value: bool| rule.write(i32::from(value), out);
        Some(match name {
            SO_ACCEPTCONN => truth(Rule::A, state().has(Bit::Listening)),
            SO_REUSEADDR => truth(Rule::A, self.class() == Class::Reuse),
            SO_EXCLUSIVEADDRUSE => truth(Rule::A, self.class() == Class::Exclusive),
            SO_KEEPALIVE => {
                let on = self.control.lock().options.network(SocketOption::KeepAlive);
                number(Rule::D, on.unwrap_or(0))
            }
            SO_BROADCAST => truth(Rule::A, state().has(Bit::Broadcast)),
            SO_LINGER => self.get_linger(out),
            SO_DONTLINGER if !self.is_stream() => Err(Errno::NOPROTOOPT),
            SO_DONTLINGER => truth(Rule::A, self.control.lock().options.linger.l_onoff == 0),
            SO_OOBINLINE => truth(Rule::A, state().has(Bit::UrgentInline)),
            SO_SNDBUF => self.get_buffer(SocketOption::SendBuffer, out),
            SO_RCVBUF => self.get_buffer(SocketOption::ReceiveBuffer, out),
            SO_SNDTIMEO => number(Rule::C, self.send_timeout.load(Ordering::Relaxed) as i32),
            SO_RCVTIMEO => number(Rule::C, self.receive_timeout.load(Ordering::Relaxed) as i32),
            SO_ERROR => {
                self.settle();
                let error = self.control.lock().error;
                number(Rule::C, error)
            }
            SO_OPENTYPE => number(Rule::C, OPEN_TYPE.get()),
            SO_TYPE => number(Rule::C, self.type_number()),
            SO_SNDLOWAT | SO_RCVLOWAT => Err(Errno::INVAL),
            SO_BSP_STATE => self.get_addresses(out),
            SO_MAX_MSG_SIZE | SO_MAXDG | SO_MAXPATHDG if self.is_stream() => Err(Errno::NOPROTOOPT),
            SO_MAX_MSG_SIZE | SO_MAXDG | SO_MAXPATHDG => {
                number(Rule::C, self.largest_datagram() as i32)
            }
            SO_CONDITIONAL_ACCEPT | SO_RANDOMIZE_PORT | SO_REUSE_UNICASTPORT => {
                let kept = self.control.lock().options.kept(SOL_SOCKET, name);
                number(Rule::A, kept.unwrap_or(0))
            }
            SO_PAUSE_ACCEPT => truth(Rule::A, state().has(Bit::Paused)),
            SO_CONNECT_TIME => number(Rule::C, self.connect_time()),
            _ => return None,
        })
    }

    fn class(&self) -> Class {
        self.control.lock().options.class
    }

    /// The two classes exclude each other until cleared (P57); exclusive use precedes the bind.
    fn set_class(&self, class: Class, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = Rule::A.read(value)? != 0;
        let mut control = self.control.lock();
        let now = control.options.class;
        if !on {
            if now == class {
                control.options.class = Class::Plain;
            }
            return Ok(());
        }
        let too_late = class == Class::Exclusive && self.status.get().has(Bit::Bound);
        if too_late || (now != class && now != Class::Plain) {
            return Err(Errno::INVAL);
        }
        control.options.class = class;
        Ok(())
    }

    fn set_keep_alive(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = i32::from(Rule::D.read(value)? != 0);
        let mut control = self.control.lock();
        let _ = self.net.set_option(SocketOption::KeepAlive, on);
        control.options.keep_network(SocketOption::KeepAlive, on);
        if on != 0 && self.is_stream() {
            // Windows probes every second and gives up after ten (base-provider.md 8.4.29).
            for (option, usual) in [
                (SocketOption::KeepInterval, 1),
                (SocketOption::KeepCount, 10),
            ] {
                let value = control.options.network(option).unwrap_or(usual);
                let _ = self.net.set_option(option, value);
            }
        }
        Ok(())
    }

    fn set_linger(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        if !self.is_stream() {
            return Err(Errno::NOPROTOOPT);
        }
        self.control.lock().options.linger = LINGER::decode(value.bytes()).ok_or(Errno::FAULT)?;
        Ok(())
    }

    fn get_linger(&self, out: OptionOut<'_>) -> Result<(), Errno> {
        if !self.is_stream() {
            return Err(Errno::NOPROTOOPT);
        }
        let linger = self.control.lock().options.linger;
        let [a, b] = linger.l_onoff.to_ne_bytes();
        let [c, d] = linger.l_linger.to_ne_bytes();
        Rule::B.write(i32::from_ne_bytes([a, b, c, d]), out)
    }

    fn set_dont_linger(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        if !self.is_stream() {
            return Err(Errno::NOPROTOOPT);
        }
        let on = Rule::A.read(value)? != 0;
        self.control.lock().options.linger.l_onoff = u16::from(!on);
        Ok(())
    }

    fn set_urgent_inline(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = Rule::A.read(value)? != 0;
        let mut control = self.control.lock();
        if self.is_stream() {
            // What has come by now goes to the queue, from where it is read in-line; the system may
            // show the last byte in the stream again.
            let mut input = self.input.lock();
            self.collect_urgent(&mut input);
            let before = self.net.available().unwrap_or(0);
            let _ = self
                .net
                .set_option(SocketOption::OutOfBandInline, i32::from(on));
            if on && self.net.available().unwrap_or(0) > before {
                input.urgent.expose_last();
            }
            drop(input);
            control
                .options
                .keep_network(SocketOption::OutOfBandInline, i32::from(on));
        }
        self.status.put(Bit::UrgentInline, on);
        drop(control);
        if self.status.get().has(Bit::UrgentQueued) {
            // None will come beside the stream any more.
            self.stack.worker.look_again(self);
        }
        self.look_for_events();
        Ok(())
    }

    /// The size that is read back is the one that was set (P304), whatever the network made of it.
    fn set_buffer(&self, option: SocketOption, value: OptionIn<'_>) -> Result<(), Errno> {
        let size = Rule::B.read(value)?;
        let mut control = self.control.lock();
        self.net.set_option(option, for_network(option, size))?;
        control.options.keep_network(option, size);
        if option == SocketOption::SendBuffer {
            self.status.put(Bit::Unbuffered, size == 0);
        }
        Ok(())
    }

    fn get_buffer(&self, option: SocketOption, out: OptionOut<'_>) -> Result<(), Errno> {
        let size = {
            let control = self.control.lock();
            match control.options.network(option) {
                Some(set) => set,
                None => self.net.option(option)?,
            }
        };
        Rule::B.write(size, out)
    }

    /// DIFFERS: the handshake is complete before the condition function decides; systems have no way
    /// to hold it.
    fn set_conditional_accept(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = i32::from(Rule::A.read(value)? != 0);
        if self.status.get().has(Bit::Listening) {
            return Err(Errno::INVAL);
        }
        self.control
            .lock()
            .options
            .keep(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, on);
        Ok(())
    }

    fn set_pause_accept(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = Rule::A.read(value)? != 0;
        if !self.is_stream() {
            return Err(Errno::NOPROTOOPT);
        }
        let control = self.control.lock();
        self.status.put(Bit::Paused, on);
        drop(control);
        self.refuse_arrivals()
    }

    fn set_port_choice(&self, name: i32, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = i32::from(Rule::A.read(value)? != 0);
        let mut control = self.control.lock();
        let other = control.options.kept(SOL_SOCKET, SO_REUSE_UNICASTPORT) == Some(1);
        if self.status.get().has(Bit::Bound) || (name == SO_RANDOMIZE_PORT && on != 0 && other) {
            return Err(Errno::INVAL);
        }
        control.options.keep(SOL_SOCKET, name, on);
        Ok(())
    }

    /// After AcceptEx a socket takes the listener's properties over; one from accept has them.
    fn update_accept_context(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let listener = SOCKET::decode(value.bytes()).ok_or(Errno::FAULT)?;
        let listener = self.stack.find(listener)?;
        self.demand_connection()?;
        if self.status.get().has(Bit::ContextDue) {
            self.take_properties_of(&listener);
            self.status.clear(Bit::ContextDue);
        }
        Ok(())
    }

    fn update_connect_context(&self) -> Result<(), Errno> {
        self.demand_connection()?;
        self.status.clear(Bit::ContextDue);
        Ok(())
    }

    fn demand_connection(&self) -> Result<(), Errno> {
        self.settle();
        let connected = self.is_stream() && self.status.get().has(Bit::Connected);
        if connected {
            Ok(())
        } else {
            Err(Errno::NOTCONN)
        }
    }

    /// The number of the socket's type.
    fn type_number(&self) -> i32 {
        match self.make.kind {
            Kind::Stream => SOCK_STREAM,
            Kind::Datagram => SOCK_DGRAM,
            Kind::Raw => SOCK_RAW,
        }
    }

    /// Whole seconds since the connection came about; -1 without one (P83).
    fn connect_time(&self) -> i32 {
        self.settle();
        let since = self.control.lock().connected_at;
        let since = since.filter(|_| self.is_stream());
        since.map_or(-1, |since| since.seconds_until(self.stack.net.now()) as i32)
    }

    /// SO_PROTOCOL_INFO of both kinds, whose checks come in an order of their own: a short buffer
    /// is told the length (P314).
    pub(super) fn get_protocol_info(
        &self,
        name: i32,
        out: OptionOut<'_>,
    ) -> Option<Result<(), Errno>> {
        let wide = self.protocol_info();
        let (mut bytes, needed) = (
            [0; size_of::<WSAPROTOCOL_INFOW>()],
            match name {
                SO_PROTOCOL_INFOA => size_of::<WSAPROTOCOL_INFOA>(),
                SO_PROTOCOL_INFOW => size_of::<WSAPROTOCOL_INFOW>(),
                _ => return None,
            },
        );
        // Both begin alike; only the name at the end is in other characters.
        wide.encode(&mut bytes)?;
        if name == SO_PROTOCOL_INFOA {
            let start = needed - 256;
            for (to, unit) in bytes[start..needed].iter_mut().zip(wide.szProtocol) {
                *to = u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?');
            }
        }
        if out.is_null() || out.capacity() < needed as i32 {
            out.set_len(needed as i32);
            return Some(Err(Errno::FAULT));
        }
        Some(out.write_bytes(&bytes[..needed]))
    }

    /// SO_BSP_STATE: a CSADDR_INFO whose addresses follow it in the caller's buffer (P315).
    fn get_addresses(&self, out: OptionOut<'_>) -> Result<(), Errno> {
        self.settle();
        let address = names::size(self.make.family);
        let head = size_of::<CSADDR_INFO>();
        let needed = head + 2 * address;
        if (out.capacity() as usize) < needed {
            return Err(Errno::FAULT);
        }
        let (local, peer) = {
            let mut control = self.control.lock();
            let state = self.status.get();
            let local = state
                .has(Bit::Bound)
                .then(|| self.local_name(&mut control))
                .transpose()?;
            let peer = state
                .has(Bit::Connected)
                .then(|| peer_of(&control))
                .flatten();
            (local, peer)
        };
        let mut bytes = vec![0; needed];
        let mut info = CSADDR_INFO {
            iSocketType: self.type_number(),
            iProtocol: self.make.protocol,
            ..CSADDR_INFO::EMPTY
        };
        let start = out.raw().0;
        for (name, at, place) in [
            (local, head, &mut info.LocalAddr),
            (peer, head + address, &mut info.RemoteAddr),
        ] {
            if let Some(name) = name {
                let name = names::address(&name);
                bytes[at..at + address].copy_from_slice(name.as_bytes());
                place.lpSockaddr = start.wrapping_add(at).cast();
                place.iSockaddrLength = address as i32;
            }
        }
        info.encode(&mut bytes).ok_or(Errno::FAULT)?;
        out.write(&bytes)
    }
}

fn peer_of(control: &Control) -> Option<crate::net::Endpoint> {
    control.peer.as_ref().map(Name::endpoint)
}
