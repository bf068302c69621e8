//! macOS: the counters of a connection, from `TCP_CONNECTION_INFO`.
//!
//! It does not tell the shortest round trip, timeouts, or what held up sending: those are 0.

use std::mem::offset_of;
use std::os::fd::BorrowedFd;

use libc::IPPROTO_TCP;
use libc::SOL_SOCKET;
use libc::tcp_connection_info;
use ws2spi_abi::Errno;

use crate::net::Statistics;
use crate::net::TcpState;
use crate::os::control;
use crate::os::option;

/// A field of the structure in `$bytes`.
macro_rules! field {
    ($bytes:expr, $name:ident: $type:ty) => {
        control::bytes(&$bytes, offset_of!(tcp_connection_info, $name))
            .map_or(0, <$type>::from_ne_bytes)
    };
}

pub(in crate::os) fn statistics(fd: BorrowedFd<'_>) -> Result<Statistics, Errno> {
    let mut info = [0; size_of::<tcp_connection_info>()];
    option::read_bytes(fd, IPPROTO_TCP, libc::TCP_CONNECTION_INFO, &mut info)?;
    let congestion_window = field!(info, tcpi_snd_cwnd: u32);
    let send_window = field!(info, tcpi_snd_wnd: u32);
    Ok(Statistics {
        state: state(field!(info, tcpi_state: u8)),
        segment: field!(info, tcpi_maxseg: u32),
        timestamps: field!(info, tcpi_options: u32) & TIMESTAMPS != 0,
        // It is in milliseconds.
        round_trip: field!(info, tcpi_srtt: u32).saturating_mul(1000),
        // The buffer holds what was sent and what was not: no more is in flight than may be.
        in_flight: field!(info, tcpi_snd_sbbytes: u32)
            .min(send_window)
            .min(congestion_window),
        congestion_window,
        send_window,
        receive_window: field!(info, tcpi_rcv_wnd: u32),
        receive_buffer: option::number(fd, SOL_SOCKET, libc::SO_RCVBUF)
            .map_or(0, |bytes| bytes.unsigned_abs()),
        sent: field!(info, tcpi_txbytes: u64),
        received: field!(info, tcpi_rxbytes: u64),
        reordered: field!(info, tcpi_rxoutoforderbytes: u64) as u32,
        resent: field!(info, tcpi_txretransmitbytes: u64) as u32,
        ..Statistics::default()
    })
}

/// netinet/tcp_fsm.h.
fn state(number: u8) -> TcpState {
    match number {
        1 => TcpState::Listen,
        2 => TcpState::SynSent,
        3 => TcpState::SynReceived,
        4 => TcpState::Established,
        5 => TcpState::CloseWait,
        6 => TcpState::FinWait1,
        7 => TcpState::Closing,
        8 => TcpState::LastAck,
        9 => TcpState::FinWait2,
        10 => TcpState::TimeWait,
        _ => TcpState::Closed,
    }
}

/// TCPCI_OPT_TIMESTAMPS of netinet/tcp.h.
const TIMESTAMPS: u32 = 1;
