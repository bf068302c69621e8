//! A socket of the system.
//!
//! [`Socket`] owns the descriptor and drives it; it keeps no state of its own but what reports need.
//! Names, data, options and errors are translated by the files named after them. `base` sees it as a
//! [`NetSocket`].

use std::ffi::c_int;
use std::io::IoSlice;
use std::io::IoSliceMut;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use libc::sockaddr;
use libc::socklen_t;
use ws2spi_abi::Errno;

use super::address;
use super::address::KernelAddress;
use super::control::ControlBuffer;
use super::errno::SystemError;
use super::errno::retry;
use super::errno::syscall;
use super::handover;
use super::membership;
use super::option;
use super::patience::Patience;
use super::report::Reports;
use super::sys;
use super::transfer;
use super::wait;
use crate::net::Connecting;
use crate::net::Control;
use crate::net::Direction;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::GroupInterface;
use crate::net::Interest;
use crate::net::Kind;
use crate::net::Membership;
use crate::net::NetSocket;
use crate::net::Offer;
use crate::net::Pace;
use crate::net::Readiness;
use crate::net::Received;
use crate::net::RecvFlags;
use crate::net::Report;
use crate::net::SendFlags;
use crate::net::SocketOption;
use crate::net::Statistics;

/// A socket of the system. Dropping it closes the descriptor.
#[derive(Debug)]
pub(super) struct Socket {
    descriptor: OwnedFd,
    family: Family,
    kind: Kind,
    reports: Reports,
    patience: Patience,
}

impl Socket {
    /// Makes a socket; see [`Net::socket`](crate::net::Net::socket).
    pub(super) fn new(family: Family, kind: Kind, protocol: i32) -> Result<Self, Errno> {
        let system_kind = match kind {
            Kind::Stream => libc::SOCK_STREAM,
            Kind::Datagram => libc::SOCK_DGRAM,
            Kind::Raw => libc::SOCK_RAW,
        };
        let descriptor = sys::open(address::domain(family), system_kind, protocol).map_err(
            // base-provider.md 2.2: EINVAL at socket().
            |error| match error.number() {
                libc::EINVAL => Errno::SOCKTNOSUPPORT,
                _ => error.into(),
            },
        )?;
        let socket = Self::of(descriptor, family, kind);
        socket.set_defaults()?;
        Ok(socket)
    }

    /// The socket that a descriptor stands for, as it is.
    pub(super) fn of(descriptor: OwnedFd, family: Family, kind: Kind) -> Self {
        Self {
            descriptor,
            family,
            kind,
            reports: Reports::default(),
            patience: Patience::default(),
        }
    }

    fn set_defaults(&self) -> Result<(), SystemError> {
        let fd = self.descriptor.as_fd();
        // A raw socket has one family anyway, and no such option.
        if self.family == Family::Inet6 && self.kind != Kind::Raw {
            option::set(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, &1)?;
        }
        match (self.family, self.kind) {
            (Family::Unix, _) => {}
            // A name in TIME_WAIT is free, as long as all sockets on it say so.
            (_, Kind::Stream) => option::set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, &1)?,
            // Windows asks at sendto only, and so does `base`.
            _ => option::set(fd, libc::SOL_SOCKET, libc::SO_BROADCAST, &1)?,
        }
        sys::set_defaults(fd, self.family, self.kind)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    fn name_by(
        &self,
        ask: unsafe extern "C" fn(c_int, *mut sockaddr, *mut socklen_t) -> c_int,
    ) -> Result<Option<Endpoint>, SystemError> {
        let mut name = KernelAddress::room();
        let room = name.as_mut_ptr();
        let length = &raw mut *name.length_mut();
        // SAFETY: getsockname or getpeername; `room` has `length` bytes, both of `name`.
        let result = unsafe { ask(self.descriptor.as_raw_fd(), room, length) };
        super::errno::check(result)?;
        Ok(name.endpoint())
    }

    fn take_a_report(&self) -> Option<Report> {
        if self.kind == Kind::Datagram {
            self.reports.take(self.fd())
        } else {
            None
        }
    }

    /// Whether `error` can be a report's that a datagram socket has to tell to its next receive.
    fn may_be_report(&self, error: SystemError) -> bool {
        self.kind == Kind::Datagram && self.reports.note(error)
    }

    fn send_once(
        &self,
        pace: Pace,
        data: &[IoSlice<'_>],
        flags: SendFlags,
        to: Option<&KernelAddress>,
        control: &Control,
    ) -> Result<usize, Errno> {
        let mut messages = match *control {
            Control::NONE => None,
            _ => Some(ControlBuffer::of(control)?),
        };
        let mut tries = 1;
        loop {
            match transfer::send(
                self.fd(),
                self.kind,
                pace,
                data,
                flags,
                to,
                messages.as_mut(),
            ) {
                // The kernel may have told a report and sent nothing. If it was no report, it fails
                // again.
                Err(error) if self.may_be_report(error) && tries < MOST_TRIES => tries += 1,
                result => return Ok(result?),
            }
        }
    }

    fn recv_at(
        &self,
        pace: Pace,
        data: &mut [IoSliceMut<'_>],
        flags: RecvFlags,
    ) -> Result<Received, Errno> {
        let mut tries = 1;
        loop {
            if self.reports.noted()
                && let Some(report) = self.take_a_report()
            {
                return Err(report.errno());
            }
            match transfer::recv(self.fd(), self.kind, pace, data, flags) {
                Ok(received) => return Ok(received),
                Err(error) if self.may_be_report(error) && tries < MOST_TRIES => tries += 1,
                Err(error) => return Err(receive_error(error, flags)),
            }
        }
    }
}

/// What a receive failed with.
#[cold]
fn receive_error(error: SystemError, flags: RecvFlags) -> Errno {
    // base-provider.md 2.7: no urgent byte.
    if error.number() == libc::EINVAL && flags.contains(RecvFlags::OUT_OF_BAND) {
        return Errno::WOULDBLOCK;
    }
    error.into()
}

impl NetSocket for Socket {
    fn bind(&self, name: &Endpoint) -> Result<(), Errno> {
        let name = KernelAddress::new(name)?;
        // SAFETY: a whole name that lives through the call.
        unsafe {
            syscall!(bind(
                self.descriptor.as_raw_fd(),
                name.as_ptr(),
                name.length()
            ))
        }?;
        Ok(())
    }

    fn local_name(&self) -> Result<Endpoint, Errno> {
        let name = self.name_by(libc::getsockname)?;
        Ok(name.unwrap_or_else(|| Endpoint::unspecified(self.family)))
    }

    fn peer_name(&self) -> Result<Endpoint, Errno> {
        let name = self.name_by(libc::getpeername)?;
        Ok(name.unwrap_or_else(|| Endpoint::unspecified(self.family)))
    }

    fn listen(&self, backlog: i32) -> Result<(), Errno> {
        // SAFETY: takes no pointer.
        unsafe { syscall!(listen(self.descriptor.as_raw_fd(), backlog)) }?;
        Ok(())
    }

    fn connect(&self, to: &Endpoint) -> Result<Connecting, Errno> {
        let name = KernelAddress::new(to)?;
        // SAFETY: a whole name that lives through the call.
        let result = unsafe {
            syscall!(connect(
                self.descriptor.as_raw_fd(),
                name.as_ptr(),
                name.length()
            ))
        };
        match result.map_err(|error| error.number()) {
            Ok(_) => Ok(Connecting::Done),
            // An attempt that a signal interrupts goes on.
            Err(libc::EINPROGRESS | libc::EINTR) => Ok(Connecting::InProgress),
            // base-provider.md 8.4, 24: nobody is there, whether or not there is a file.
            Err(libc::ENOENT | libc::ENOTSOCK) if self.family == Family::Unix => {
                Err(Errno::CONNREFUSED)
            }
            Err(number) => Err(SystemError::new(number).into()),
        }
    }

    fn renew(&self) -> Result<(), Errno> {
        if self.kind != Kind::Stream || self.family == Family::Unix {
            return Err(Errno::OPNOTSUPP);
        }
        let fresh = Self::new(self.family, self.kind, libc::IPPROTO_TCP)?;
        sys::replace(self.fd(), fresh.fd())?;
        self.patience.start_over();
        Ok(())
    }

    fn adopt(&self, other: &dyn NetSocket) -> Result<(), Errno> {
        let number = other.descriptor().ok_or(Errno::NOTSOCK)?;
        // SAFETY: the other socket is borrowed for the call and keeps its descriptor open.
        let theirs = unsafe { BorrowedFd::borrow_raw(number) };
        sys::replace(self.fd(), theirs)?;
        self.patience.start_over();
        Ok(())
    }

    fn disconnect(&self) -> Result<(), Errno> {
        if self.kind == Kind::Stream {
            return Err(Errno::OPNOTSUPP);
        }
        let before = self.local_name()?;
        sys::disconnect(self.fd())?;
        // base-provider.md 2.6: Linux drops a port that it chose itself, Windows keeps it.
        let after = self.local_name()?;
        if after.port() != before.port() {
            self.bind(&after.with_port(before.port()))?;
        }
        Ok(())
    }

    fn take_error(&self) -> Option<Errno> {
        let number = option::number(self.fd(), libc::SOL_SOCKET, libc::SO_ERROR);
        match number.map_or_else(|error| error, SystemError::new) {
            error if error.number() == 0 => None,
            error if self.may_be_report(error) => None,
            error => Some(error.into()),
        }
    }

    fn take_report(&self) -> Option<Report> {
        self.take_a_report()
    }

    fn accept(&self) -> Result<(Arc<dyn NetSocket>, Endpoint), Errno> {
        if self.kind != Kind::Stream {
            return Err(Errno::OPNOTSUPP);
        }
        for _ in 0..MOST_DEAD_CONNECTIONS {
            let mut peer = KernelAddress::room();
            match sys::accept(self.fd(), &mut peer) {
                Ok(descriptor) => {
                    let Self { family, kind, .. } = *self;
                    let peer = match peer.endpoint() {
                        Some(peer) => peer,
                        None if family == Family::Unix => Endpoint::unspecified(family),
                        // The BSDs hand out a connection that was reset as one without a name.
                        None => continue,
                    };
                    let accepted = Self {
                        descriptor,
                        family,
                        kind,
                        reports: Reports::default(),
                        patience: Patience::default(),
                    };
                    return Ok((Arc::new(accepted), peer));
                }
                Err(error) if error.number() == libc::EINTR => {}
                Err(error) if sys::ACCEPT_AGAIN.contains(&error.number()) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Errno::WOULDBLOCK)
    }

    fn send(
        &self,
        data: &[IoSlice<'_>],
        flags: SendFlags,
        to: Option<&Endpoint>,
        control: &Control,
    ) -> Result<usize, Errno> {
        if self.kind == Kind::Stream {
            // Neither an address, nor reports, nor control messages.
            let sent = transfer::send(self.fd(), self.kind, Pace::AtOnce, data, flags, None, None);
            return Ok(sent?);
        }
        let Some(to) = to else {
            return self.send_once(Pace::AtOnce, data, flags, None, control);
        };
        if to.port() == 0 && self.kind == Kind::Datagram {
            // base-provider.md 8.4, 19: Windows sends it to nobody; the socket gets its name.
            if self.local_name()?.port() == 0 {
                self.bind(&Endpoint::unspecified(self.family))?;
            }
            return Ok(data.iter().map(|slice| slice.len()).sum());
        }
        let to = KernelAddress::new(to)?;
        self.send_once(Pace::AtOnce, data, flags, Some(&to), control)
    }

    fn recv(&self, data: &mut [IoSliceMut<'_>], flags: RecvFlags) -> Result<Received, Errno> {
        self.recv_at(Pace::AtOnce, data, flags)
    }

    fn recv_soon(&self, data: &mut [IoSliceMut<'_>], flags: RecvFlags) -> Result<Received, Errno> {
        self.recv_at(self.patience.pace(self.fd()), data, flags)
    }

    fn recv_stream(
        &self,
        data: &mut [IoSliceMut<'_>],
        flags: RecvFlags,
        pace: Pace,
    ) -> Result<usize, Errno> {
        debug_assert_eq!(self.kind, Kind::Stream);
        let pace = match pace {
            Pace::AtOnce => Pace::AtOnce,
            Pace::Soon => self.patience.pace(self.fd()),
        };
        // A stream has no reports.
        transfer::recv_stream(self.fd(), pace, data, flags)
            .map_err(|error| receive_error(error, flags))
    }

    fn send_soon(&self, data: &[IoSlice<'_>], flags: SendFlags) -> Result<usize, Errno> {
        let pace = self.patience.pace(self.fd());
        self.send_once(pace, data, flags, None, &Control::NONE)
    }

    fn send_file(&self, file: BorrowedFd<'_>, from: u64, count: usize) -> Result<usize, Errno> {
        self.patience.suspend(self.fd());
        let sent = retry(|| sys::send_file(self.fd(), file, from, count));
        sent.map_err(|error| match error.number() {
            // A file that cannot be sent from: one without pages, a socket of another kind.
            libc::EINVAL | libc::ENOSYS | libc::EOVERFLOW => Errno::OPNOTSUPP,
            _ => error.into(),
        })
    }

    fn interrupt(&self) {
        if self.patience.is_blocking() {
            // Also a socket without a peer, which fails, has its receives woken by it.
            let _ = self.shutdown(Direction::Receive);
        }
    }

    fn take_urgent(&self) -> Result<Option<u8>, Errno> {
        Ok(transfer::take_urgent(self.fd())?)
    }

    fn at_mark(&self) -> Result<bool, Errno> {
        Ok(sys::at_mark(self.fd())?)
    }

    fn shutdown(&self, direction: Direction) -> Result<(), Errno> {
        let how = match direction {
            Direction::Receive => libc::SHUT_RD,
            Direction::Send => libc::SHUT_WR,
            Direction::Both => libc::SHUT_RDWR,
        };
        // SAFETY: takes no pointer.
        unsafe { syscall!(shutdown(self.descriptor.as_raw_fd(), how)) }?;
        Ok(())
    }

    fn readiness(&self, interest: Interest) -> Readiness {
        wait::readiness(self.fd(), interest)
    }

    fn available(&self) -> Result<usize, Errno> {
        Ok(sys::available(self.fd(), self.kind)?)
    }

    fn unsent(&self) -> Result<usize, Errno> {
        Ok(sys::unsent(self.fd())?)
    }

    fn statistics(&self) -> Result<Statistics, Errno> {
        sys::statistics(self.fd())
    }

    fn set_option(&self, option: SocketOption, value: i32) -> Result<(), Errno> {
        option::set_option(self.fd(), self.kind, option, value)
    }

    fn option(&self, option: SocketOption) -> Result<i32, Errno> {
        option::option(self.fd(), self.kind, option)
    }

    fn set_multicast_interface(&self, interface: GroupInterface) -> Result<(), Errno> {
        membership::set_interface(self.fd(), interface)
    }

    fn set_membership(&self, membership: &Membership) -> Result<(), Errno> {
        membership::set(self.fd(), membership)
    }

    fn set_header_options(&self, options: &[u8]) -> Result<(), Errno> {
        Ok(option::set_bytes(
            self.fd(),
            libc::IPPROTO_IP,
            sys::IP_OPTIONS,
            options,
        )?)
    }

    fn header_options(&self, options: &mut [u8]) -> Result<usize, Errno> {
        Ok(option::read_bytes(
            self.fd(),
            libc::IPPROTO_IP,
            sys::IP_OPTIONS,
            options,
        )?)
    }

    fn peer_process(&self) -> Result<u32, Errno> {
        if self.family == Family::Unix {
            sys::peer_process(self.fd())
        } else {
            Err(Errno::OPNOTSUPP)
        }
    }

    fn abort_on_close(&self) -> Result<(), Errno> {
        let at_once = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        Ok(option::set(
            self.fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            &at_once,
        )?)
    }

    fn descriptor(&self) -> Option<i32> {
        Some(self.descriptor.as_raw_fd())
    }

    fn offer(&self, process: u32, note: &[u8]) -> Result<Box<dyn Offer>, Errno> {
        handover::offer(self.fd(), (self.family, self.kind), process, note)
    }
}

/// So many connections that died in the queue are passed over in one accept.
const MOST_DEAD_CONNECTIONS: usize = 1024;

/// How often a call is made that reports may be the failure of.
const MOST_TRIES: usize = 4;
