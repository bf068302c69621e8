//! What a case needs of the machine and of the subject. Without it the case does not apply.
//!
//! Nothing is assumed: [`probes`] asks for each need, and what it does not find is a [`Lack`] with the reason.

use crate::probes;
use std::fmt;
use std::sync::OnceLock;

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
    /// Overlapped operations, of the subject.
    Overlapped,
    /// Completion ports for sockets, of the subject.
    CompletionPorts,
    /// Network events, of the subject.
    NetworkEvents,
    /// Network events by messages to windows, of the subject.
    Windows,
    /// Handles of the system (`XP1_IFS_HANDLES`), of the subject. On a handle that a provider minted the client DLL stands in for the
    /// system: `CancelIo` finds nothing, `Internal` holds the error that the provider told, and whether the socket is for overlapped
    /// use is not known.
    SystemHandles,
    /// AcceptEx and its kin, of the subject.
    Extensions,
    /// TransmitPackets, of the subject. Windows has it, Wine has not.
    TransmitPackets,
    /// `SIO_TCP_INFO`, of the subject. Windows has it since 10 1703, Wine 8 has not.
    TcpInfo,
    /// The keep-alive options of TCP. Windows has them since 10 1709, Wine 8 has not.
    KeepAliveTimes,
    /// Another process that runs the same program, of the machine.
    SecondProcess,
    /// The right to make raw sockets, of the process.
    RawSockets,
    /// A link-local IPv6 address, of the machine.
    LinkLocalAddress,
    /// The right to make a network whose addresses may be changed, of the process.
    OwnNetwork,
}

/// A need that is not met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lack {
    /// Which.
    pub need: Need,
    /// How that is known.
    pub reason: String,
}

impl fmt::Display for Lack {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "it needs {}: {}", self.need.name(), self.reason)
    }
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Tcp,
        Self::Udp,
        Self::Ipv6,
        Self::LocalStreams,
        Self::Overlapped,
        Self::CompletionPorts,
        Self::NetworkEvents,
        Self::Windows,
        Self::SystemHandles,
        Self::Extensions,
        Self::TransmitPackets,
        Self::TcpInfo,
        Self::KeepAliveTimes,
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
            Self::SystemHandles => "system handles",
            Self::Extensions => "extension functions",
            Self::TransmitPackets => "TransmitPackets",
            Self::TcpInfo => "SIO_TCP_INFO",
            Self::KeepAliveTimes => "TCP_KEEPALIVE",
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

    /// Why the machine, the process or the subject does not have it; nothing when it has. Asked once in a process, which may block as
    /// long as the subject does. The subject must be started, unless the need is [of the machine](Self::is_of_the_machine).
    #[must_use]
    pub fn lack(self) -> Option<Lack> {
        static ANSWERS: [OnceLock<Option<String>>; Need::ALL.len()] =
            [const { OnceLock::new() }; Need::ALL.len()];
        let answer = ANSWERS[self as usize].get_or_init(|| probes::ask(self));
        let reason = answer.clone()?;
        Some(Lack { need: self, reason })
    }
}
