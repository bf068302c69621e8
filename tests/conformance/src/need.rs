//! What a case needs of the machine and of the subject. Without it the case does not apply.

use crate::controls::control;
use crate::extensions::find;
use crate::socket::{Socket, checked};
use crate::{host, own_network, winsock};
use std::ptr::null;
use ws2spi_abi::*;

/// What a machine or a subject may lack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Need {
    /// TCP, of the subject.
    Tcp,
    /// UDP, of the subject.
    Udp,
    /// IPv6, of the subject.
    Ipv6,
    /// AF_UNIX streams, of the subject.
    LocalStreams,
    /// Overlapped operations. Every subject has them.
    Overlapped,
    /// Completion ports for sockets. Every subject has them.
    CompletionPorts,
    /// Network events. Every subject has them.
    NetworkEvents,
    /// Network events by messages to windows. Every subject has them.
    Windows,
    /// AcceptEx and its kin, of the subject.
    Extensions,
    /// TransmitPackets, of the subject. Windows has it, Wine has not.
    TransmitPackets,
    /// `SIO_TCP_INFO`, of the subject. Windows has it since 10 1703, Wine 8 has not.
    TcpInfo,
    /// Another process that runs the same program. Every machine has them.
    SecondProcess,
    /// The right to make raw sockets, of the process.
    RawSockets,
    /// A link-local IPv6 address, of the machine.
    LinkLocalAddress,
    /// The right to make a network whose addresses may be changed, of the process.
    OwnNetwork,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Tcp,
        Self::Udp,
        Self::Ipv6,
        Self::LocalStreams,
        Self::Overlapped,
        Self::CompletionPorts,
        Self::NetworkEvents,
        Self::Windows,
        Self::Extensions,
        Self::TransmitPackets,
        Self::TcpInfo,
        Self::SecondProcess,
        Self::RawSockets,
        Self::LinkLocalAddress,
        Self::OwnNetwork,
    ];

    /// What is needed, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Ipv6 => "IPv6",
            Self::LocalStreams => "AF_UNIX",
            Self::Overlapped => "overlapped operations",
            Self::CompletionPorts => "completion ports",
            Self::NetworkEvents => "network events",
            Self::Windows => "windows",
            Self::Extensions => "extension functions",
            Self::TransmitPackets => "TransmitPackets",
            Self::TcpInfo => "SIO_TCP_INFO",
            Self::SecondProcess => "a second process",
            Self::RawSockets => "raw sockets",
            Self::LinkLocalAddress => "a link-local address",
            Self::OwnNetwork => "a network of one's own",
        }
    }

    /// Whether it is the machine or the process that may lack it, and not the subject.
    #[must_use]
    pub const fn is_of_the_machine(self) -> bool {
        matches!(
            self,
            Self::SecondProcess | Self::RawSockets | Self::LinkLocalAddress | Self::OwnNetwork
        )
    }

    /// Whether the machine, the process or the subject has it. The subject must be started, unless the need is
    /// [of the machine](Self::is_of_the_machine).
    #[must_use]
    pub fn is_met(self) -> bool {
        let has = |what: &dyn Fn(&WSAPROTOCOL_INFOW) -> bool| entries().iter().any(what);
        let is_ip = |entry: &WSAPROTOCOL_INFOW| [AF_INET, AF_INET6].contains(&entry.iAddressFamily);
        match self {
            Self::Tcp => has(&|entry| is_ip(entry) && entry.iProtocol == IPPROTO_TCP),
            Self::Udp => has(&|entry| is_ip(entry) && entry.iProtocol == IPPROTO_UDP),
            Self::Ipv6 => has(&|entry| entry.iAddressFamily == AF_INET6),
            Self::LocalStreams => has(&|entry| entry.iAddressFamily == AF_UNIX),
            Self::Extensions => stream().is_some_and(|s| find(&s, WSAID_ACCEPTEX).is_ok()),
            Self::TransmitPackets => {
                stream().is_some_and(|s| find(&s, WSAID_TRANSMITPACKETS).is_ok())
            }
            Self::TcpInfo => stream().is_some_and(|s| {
                let version = 0u32.to_ne_bytes();
                let mut info = [0; size_of::<TCP_INFO_v0>()];
                let answer = control(&s, SIO_TCP_INFO, Some(&version), Some(&mut info));
                answer.result != Err(Errno::OPNOTSUPP)
            }),
            Self::RawSockets => host::may_make_raw_sockets(),
            Self::LinkLocalAddress => host::link_local().is_some(),
            Self::OwnNetwork => own_network::is_allowed(),
            Self::Overlapped
            | Self::CompletionPorts
            | Self::NetworkEvents
            | Self::Windows
            | Self::SecondProcess => true,
        }
    }
}

/// A stream socket, when the subject has one.
fn stream() -> Option<Socket> {
    Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).ok()
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
