//! Linux: creating sockets, reports from the error queue, states of streams, control messages.
//!
//! See `sys/mod.rs` for what each item is; the options are in `linux_options.rs`.

use std::ffi::c_int;
use std::ffi::c_short;
use std::io;
use std::mem;
use std::mem::offset_of;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

use libc::in_pktinfo;
use libc::sock_extended_err;
use libc::sockaddr;
use libc::sockaddr_storage;
use libc::socklen_t;
use ws2spi_abi::Errno;

use crate::net::Control;
use crate::net::Family;
use crate::net::Interest;
use crate::net::Kind;
use crate::net::PacketInfo;
use crate::net::Readiness;
use crate::net::Report;
use crate::os::address::KernelAddress;
use crate::os::control;
use crate::os::control::ControlBuffer;
use crate::os::errno::SystemError;
use crate::os::errno::check;
use crate::os::errno::retry;
use crate::os::errno::syscall;
use crate::os::option;
use crate::os::wait;

pub(in crate::os) const SEND_FLAGS: c_int = libc::MSG_NOSIGNAL;

pub(in crate::os) const DONT_WAIT: c_int = libc::MSG_DONTWAIT;

/// accept(2), "Error handling": errors of the new connection, to be treated as no connection.
pub(in crate::os) const ACCEPT_AGAIN: &[c_int] = &[
    libc::ECONNABORTED,
    libc::ENETDOWN,
    libc::EPROTO,
    libc::ENOPROTOOPT,
    libc::EHOSTDOWN,
    libc::ENONET,
    libc::EHOSTUNREACH,
    libc::EOPNOTSUPP,
    libc::ENETUNREACH,
];

pub(in crate::os) const POLL_READ_CLOSED: c_short = libc::POLLRDHUP;

pub(in crate::os) const POLLER_PRIORITY: mio::Interest = mio::Interest::PRIORITY;

pub(in crate::os) const PRIORITY_IS_TOLD: bool = true;

pub(in crate::os) fn open(
    domain: c_int,
    kind: c_int,
    protocol: c_int,
) -> Result<OwnedFd, SystemError> {
    let kind = kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: takes no pointer.
    let fd = unsafe { syscall!(socket(domain, kind, protocol)) }?;
    // SAFETY: the call made it, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::os) fn open_changes() -> Result<OwnedFd, SystemError> {
    let fd = open(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE)?;
    // SAFETY: a C structure of numbers: all zeroes is a value.
    let mut name: libc::sockaddr_nl = unsafe { mem::zeroed() };
    name.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    name.nl_groups = (libc::RTMGRP_LINK
        | libc::RTMGRP_IPV4_IFADDR
        | libc::RTMGRP_IPV6_IFADDR
        | libc::RTMGRP_IPV4_ROUTE
        | libc::RTMGRP_IPV6_ROUTE) as u32;
    let length = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
    // SAFETY: a live local of that length.
    unsafe { syscall!(bind(fd.as_raw_fd(), (&raw const name).cast(), length)) }?;
    Ok(fd)
}

pub(in crate::os) fn replace(
    old: BorrowedFd<'_>,
    fresh: BorrowedFd<'_>,
) -> Result<(), SystemError> {
    let (from, to) = (fresh.as_raw_fd(), old.as_raw_fd());
    // SAFETY: takes no pointer; the number stays the caller's, and what it stands for is a socket.
    unsafe { syscall!(dup3(from, to, libc::O_CLOEXEC)) }.map(drop)
}

pub(in crate::os) fn accept(
    listener: BorrowedFd<'_>,
    peer: &mut KernelAddress,
) -> Result<OwnedFd, SystemError> {
    let name = peer.as_mut_ptr();
    let length = &raw mut *peer.length_mut();
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: `name` has room for `length` bytes, both of `peer`, which is ours.
    let fd = unsafe { syscall!(accept4(listener.as_raw_fd(), name, length, flags)) }?;
    // SAFETY: the call made it, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Fragments are allowed, ICMP errors are told, also of datagrams sent without a connection, and a
/// multicast group that somebody else joined is not heard.
pub(in crate::os) fn set_defaults(
    fd: BorrowedFd<'_>,
    family: Family,
    kind: Kind,
) -> Result<(), SystemError> {
    if kind == Kind::Stream {
        return Ok(());
    }
    let (ip, ip6) = (libc::IPPROTO_IP, libc::IPPROTO_IPV6);
    if family == Family::Inet6 {
        option::set(fd, ip6, libc::IPV6_MTU_DISCOVER, &libc::IPV6_PMTUDISC_DONT)?;
        // Kernels before 4.20 have it for IPv4 only.
        match option::set(fd, ip6, libc::IPV6_MULTICAST_ALL, &0) {
            Err(error) if error.number() != libc::ENOPROTOOPT => return Err(error),
            _ => {}
        }
    }
    // An IPv6 socket may carry IPv4 too, but a raw one has no such options.
    if family == Family::Inet || kind == Kind::Datagram {
        option::set(fd, ip, libc::IP_MTU_DISCOVER, &libc::IP_PMTUDISC_DONT)?;
        option::set(fd, ip, libc::IP_MULTICAST_ALL, &0)?;
    }
    if kind == Kind::Datagram {
        option::set(fd, ip, libc::IP_RECVERR, &1)?;
        if family == Family::Inet6 {
            option::set(fd, ip6, libc::IPV6_RECVERR, &1)?;
        }
    }
    Ok(())
}

/// Reads the error queue up to the next report that Windows tells. The kernel latches the error of
/// the report behind it by itself.
pub(in crate::os) fn take_report(fd: BorrowedFd<'_>, _noted: SystemError) -> Option<Report> {
    loop {
        let mut control = ControlBuffer::new();
        // SAFETY: numbers and pointers; zero and null are values of them.
        let mut message: libc::msghdr = unsafe { mem::zeroed() };
        control.attach_for_receive(&mut message);
        // SAFETY: the control room lives through the call and is ours alone.
        retry(|| unsafe {
            syscall!(recvmsg(
                fd.as_raw_fd(),
                &raw mut message,
                libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT
            ))
        })
        .ok()?;
        let mut report = None;
        control.for_each(&message, |level, kind, data| {
            if [
                (libc::IPPROTO_IP, libc::IP_RECVERR),
                (libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
            ]
            .contains(&(level, kind))
            {
                report = decode_report(data);
            }
        });
        if report.is_some() {
            return report;
        }
    }
}

pub(in crate::os) fn available(fd: BorrowedFd<'_>, kind: Kind) -> Result<usize, SystemError> {
    match ioctl_number(fd, libc::FIONREAD) {
        Ok(0) if kind == Kind::Stream && at_mark(fd) == Ok(true) => Ok(available_behind_mark(fd)),
        // A listener.
        Err(error) if error.number() == libc::EINVAL => Ok(0),
        other => other,
    }
}

/// FIONREAD does not look past the urgent mark, also when the urgent byte was taken and a receive
/// would go on behind it. Measures what a receive would get, without copying it.
fn available_behind_mark(fd: BorrowedFd<'_>) -> usize {
    // A look would consume a latched error.
    if wait::readiness(fd, Interest::READ).contains(Readiness::ERROR) {
        return 0;
    }
    let flags = libc::MSG_PEEK | libc::MSG_TRUNC | libc::MSG_DONTWAIT;
    // SAFETY: with MSG_TRUNC a stream is measured (tcp(7)) and nothing is written.
    let result = retry(|| unsafe {
        syscall!(recv(
            fd.as_raw_fd(),
            std::ptr::null_mut(),
            c_int::MAX as usize,
            flags
        ))
    });
    result.map_or(0, |bytes| bytes as usize)
}

pub(in crate::os) fn unsent(fd: BorrowedFd<'_>) -> Result<usize, SystemError> {
    ioctl_number(fd, libc::TIOCOUTQ)
}

pub(in crate::os) fn at_mark(fd: BorrowedFd<'_>) -> Result<bool, SystemError> {
    Ok(ioctl_number(fd, SIOCATMARK)? != 0)
}

/// poll(2) announces urgent data only as long as they can be taken.
pub(in crate::os) fn urgent_is_waiting(_fd: BorrowedFd<'_>) -> bool {
    true
}

pub(in crate::os) fn disconnect(fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    // SAFETY: numbers only; zero is AF_UNSPEC and a value of the rest.
    let nobody: sockaddr = unsafe { mem::zeroed() };
    let length = size_of::<sockaddr>() as socklen_t;
    // SAFETY: a whole sockaddr that lives through the call.
    unsafe { syscall!(connect(fd.as_raw_fd(), &raw const nobody, length)) }?;
    Ok(())
}

/// An abstract name: it ends with the listener and has no file.
pub(in crate::os) fn meeting_place(process: u32, token: u32) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("ws2spi/{process}/{token:08x}"))
}

pub(in crate::os) fn leave_meeting_place(_process: u32, _token: u32) {}

pub(in crate::os) fn silence_pipe(_fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    Ok(())
}

pub(in crate::os) const RECEIVE_DESCRIPTORS: c_int = libc::MSG_CMSG_CLOEXEC;

/// pidfd_open(2). Kernels before 5.3 and some sandboxes have none of it.
pub(in crate::os) fn watch_process(process: i32) -> Result<Option<OwnedFd>, SystemError> {
    // SAFETY: takes no pointer.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    match check(fd as c_int) {
        // SAFETY: the call made it, and nobody else has it.
        Ok(fd) => Ok(Some(unsafe { OwnedFd::from_raw_fd(fd) })),
        // EINVAL is a thread that leads no process; newer kernels say ENOENT.
        Err(error) if matches!(error.number(), libc::ESRCH | libc::EINVAL | libc::ENOENT) => {
            Err(error)
        }
        Err(_) => Ok(None),
    }
}

pub(in crate::os) fn peer_user(fd: BorrowedFd<'_>) -> Result<u32, SystemError> {
    peer(fd).map(|peer| peer.uid)
}

pub(in crate::os) fn peer_process(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    match u32::try_from(peer(fd)?.pid) {
        Ok(process) if process != 0 => Ok(process),
        _ => Err(Errno::NOTCONN),
    }
}

/// Who was at the other end of an AF_UNIX connection when it was made.
fn peer(fd: BorrowedFd<'_>) -> Result<libc::ucred, SystemError> {
    let mut peer = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut length = size_of::<libc::ucred>() as socklen_t;
    let room = (&raw mut peer).cast();
    // SAFETY: room for a ucred, on this stack.
    unsafe {
        syscall!(getsockopt(
            fd.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            room,
            &raw mut length
        ))
    }?;
    Ok(peer)
}

pub(in crate::os) fn push_ipv4_packet(
    buffer: &mut ControlBuffer,
    address: Ipv4Addr,
    interface: u32,
) -> Result<(), Errno> {
    let mut data = [0; size_of::<in_pktinfo>()];
    data[offset_of!(in_pktinfo, ipi_ifindex)..][..4].copy_from_slice(&interface.to_ne_bytes());
    data[offset_of!(in_pktinfo, ipi_spec_dst)..][..4].copy_from_slice(&address.octets());
    buffer.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &data)
}

pub(in crate::os) fn push_ipv4_time_to_live(
    buffer: &mut ControlBuffer,
    value: i32,
) -> Result<(), Errno> {
    buffer.push(libc::IPPROTO_IP, libc::IP_TTL, &value.to_ne_bytes())
}

pub(in crate::os) fn push_ipv4_type_of_service(
    buffer: &mut ControlBuffer,
    value: i32,
) -> Result<(), Errno> {
    buffer.push(libc::IPPROTO_IP, libc::IP_TOS, &value.to_ne_bytes())
}

pub(in crate::os) fn read_ipv4_message(kind: c_int, data: &[u8], control: &mut Control) {
    match kind {
        libc::IP_PKTINFO => {
            let address = control::bytes::<4>(data, offset_of!(in_pktinfo, ipi_addr));
            let interface = control::bytes::<4>(data, offset_of!(in_pktinfo, ipi_ifindex));
            if let (Some(address), Some(interface)) = (address, interface) {
                control.packet = Some(PacketInfo {
                    address: Ipv4Addr::from(address).into(),
                    interface: u32::from_ne_bytes(interface),
                });
            }
        }
        libc::IP_TTL => control.time_to_live = control::number(data),
        libc::IP_TOS => control.traffic_class = control::number(data),
        _ => {}
    }
}

/// A `sockaddr` has no length byte here.
pub(in crate::os) fn set_length(_name: &mut sockaddr_storage, _length: socklen_t) {}

/// A `sockaddr` that the kernel wrote is complete.
///
/// # Safety
/// None is needed here; other systems read `name`.
pub(in crate::os) unsafe fn length_of(_name: *const sockaddr, complete: usize) -> usize {
    complete
}

/// The broadcast address in an entry of getifaddrs(3).
pub(in crate::os) fn broadcast_of(entry: &libc::ifaddrs) -> *const sockaddr {
    entry.ifa_ifu
}

/// The zone stands in its own field.
pub(in crate::os) fn interface_address(name: std::net::SocketAddrV6) -> (std::net::Ipv6Addr, u32) {
    (*name.ip(), name.scope_id())
}

fn decode_report(data: &[u8]) -> Option<Report> {
    let origin = *data.get(offset_of!(sock_extended_err, ee_origin))?;
    let kind = *data.get(offset_of!(sock_extended_err, ee_type))?;
    let code = *data.get(offset_of!(sock_extended_err, ee_code))?;
    match (origin, kind, code) {
        // RFC 792: destination unreachable, port; time exceeded.
        (libc::SO_EE_ORIGIN_ICMP, 3, 3) => Some(Report::PortUnreachable),
        (libc::SO_EE_ORIGIN_ICMP, 11, _) => Some(Report::TimeToLiveExpired),
        // RFC 4443: destination unreachable, port; time exceeded.
        (libc::SO_EE_ORIGIN_ICMP6, 1, 4) => Some(Report::PortUnreachable),
        (libc::SO_EE_ORIGIN_ICMP6, 3, _) => Some(Report::TimeToLiveExpired),
        _ => None,
    }
}

fn ioctl_number(fd: BorrowedFd<'_>, request: libc::Ioctl) -> Result<usize, SystemError> {
    let mut number: c_int = 0;
    // SAFETY: these requests write one int.
    unsafe { syscall!(ioctl(fd.as_raw_fd(), request, &raw mut number)) }?;
    Ok(usize::try_from(number).unwrap_or(0))
}

/// asm-generic/sockios.h; the libc crate has no such constant.
const SIOCATMARK: libc::Ioctl = 0x8905;

#[cfg(test)]
mod tests {
    use std::io::IoSlice;
    use std::io::IoSliceMut;
    use std::net::IpAddr;
    use std::net::Ipv6Addr;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::net::Endpoint;
    use crate::net::Net;
    use crate::net::NetSocket;
    use crate::net::RecvFlags;
    use crate::net::SendFlags;
    use crate::net::Watch;
    use crate::net::Woken;
    use crate::os::System;

    fn extended(origin: u8, kind: u8, code: u8) -> [u8; size_of::<sock_extended_err>()] {
        let mut data = [0; size_of::<sock_extended_err>()];
        data[4..7].copy_from_slice(&[origin, kind, code]);
        data
    }

    // base-provider.md 2.6: WSAENETRESET for an expired TTL, of both families.
    #[test]
    fn time_exceeded_is_a_report() {
        let report = Some(Report::TimeToLiveExpired);
        assert_eq!(
            decode_report(&extended(libc::SO_EE_ORIGIN_ICMP, 11, 0)),
            report
        );
        assert_eq!(
            decode_report(&extended(libc::SO_EE_ORIGIN_ICMP6, 3, 0)),
            report
        );
    }

    // base-provider.md 2.6: host and net unreachable and local errors are dropped.
    #[test]
    fn unreachable_hosts_and_local_errors_are_not_reported() {
        assert_eq!(
            decode_report(&extended(libc::SO_EE_ORIGIN_ICMP, 3, 1)),
            None
        );
        assert_eq!(
            decode_report(&extended(libc::SO_EE_ORIGIN_ICMP6, 1, 3)),
            None
        );
        assert_eq!(
            decode_report(&extended(libc::SO_EE_ORIGIN_LOCAL, 3, 3)),
            None
        );
    }

    fn datagram(family: Family) -> Arc<dyn NetSocket> {
        let socket = System.socket(family, Kind::Datagram, 0).unwrap();
        let ip: IpAddr = match family {
            Family::Inet => Ipv4Addr::LOCALHOST.into(),
            _ => Ipv6Addr::LOCALHOST.into(),
        };
        socket
            .bind(&Endpoint::from(SocketAddr::new(ip, 0)))
            .unwrap();
        socket
    }

    fn send_to(socket: &Arc<dyn NetSocket>, to: &Endpoint) {
        let data = [IoSlice::new(b"x")];
        socket
            .send(&data, SendFlags::NONE, Some(to), &Control::NONE)
            .unwrap();
    }

    fn recv(socket: &Arc<dyn NetSocket>) -> Option<Errno> {
        socket
            .recv(&mut [IoSliceMut::new(&mut [0; 4])], RecvFlags::NONE)
            .err()
    }

    /// Waits for a report without taking anything.
    fn await_report(socket: &Arc<dyn NetSocket>) {
        let end = System.now() + Duration::from_secs(10);
        let mut watch = [Watch::new(&**socket, Interest::NONE)];
        assert_eq!(System.wait(&mut watch, Some(end)), Ok(Woken::Ready(1)));
        assert!(watch[0].ready.contains(Readiness::ERROR));
    }

    // 2.6: sendto on a socket without a peer; IP_RECVERR and IPV6_RECVERR make Linux tell it.
    #[test]
    fn a_socket_without_a_peer_hears_of_unreachable_ports() {
        for family in [Family::Inet, Family::Inet6] {
            let nobody = datagram(family);
            let name = nobody.local_name().unwrap();
            // Now it hears nobody but itself.
            nobody.connect(&name).unwrap();
            let socket = datagram(family);
            send_to(&socket, &name);
            await_report(&socket);
            assert_eq!(recv(&socket), Some(Errno::CONNRESET));
            assert_eq!(recv(&socket), Some(Errno::WOULDBLOCK));
        }
    }

    // 2.6: one receive call per report, also when sends in between met the latched error.
    #[test]
    fn every_report_fails_one_receive() {
        let nobody = datagram(Family::Inet);
        let name = nobody.local_name().unwrap();
        nobody.connect(&name).unwrap();
        let socket = datagram(Family::Inet);
        for _ in 0..3 {
            send_to(&socket, &name);
        }
        await_report(&socket);
        for _ in 0..3 {
            assert_eq!(recv(&socket), Some(Errno::CONNRESET));
        }
        assert_eq!(recv(&socket), Some(Errno::WOULDBLOCK));
        assert_eq!(socket.readiness(Interest::NONE), Readiness::NONE);
    }

    // 2.7, FIONREAD: looking behind the urgent mark does not take a reset away.
    #[test]
    fn a_look_behind_the_mark_leaves_the_reset() {
        let listener = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
        let any = Endpoint::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        listener.bind(&any).unwrap();
        listener.listen(1).unwrap();
        let client = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
        client.connect(&listener.local_name().unwrap()).unwrap();
        let wait = |socket: &Arc<dyn NetSocket>, interest| {
            let mut watch = [Watch::new(&**socket, interest)];
            let end = System.now() + Duration::from_secs(10);
            assert_eq!(System.wait(&mut watch, Some(end)), Ok(Woken::Ready(1)));
        };
        wait(&listener, Interest::READ);
        let (server, _) = listener.accept().unwrap();
        let data = [IoSlice::new(b"!")];
        client
            .send(&data, SendFlags::OUT_OF_BAND, None, &Control::NONE)
            .unwrap();
        wait(&server, Interest::PRIORITY);
        server.take_urgent().unwrap();
        client.abort_on_close().unwrap();
        drop(client);
        wait(&server, Interest::NONE);
        assert_eq!(server.available(), Ok(0));
        assert_eq!(recv(&server), Some(Errno::CONNRESET));
    }
}
