//! Linux: the counters of a connection, from `TCP_INFO`.
//!
//! The structure grows with the kernels; what one does not fill in is 0. The libc crate's ends where
//! the C library's does, so the kernel's is declared here (linux/tcp.h).

use std::mem::offset_of;
use std::os::fd::BorrowedFd;

use libc::IPPROTO_TCP;
use libc::SOL_SOCKET;
use ws2spi_abi::Errno;

use super::unsent;
use crate::net::Statistics;
use crate::net::TcpState;
use crate::os::control;
use crate::os::option;

/// `struct tcp_info` of linux/tcp.h, with the fields that newer kernels have at its end.
#[repr(C)]
struct TcpInfo {
    state: u8,
    ca_state: u8,
    retransmits: u8,
    probes: u8,
    backoff: u8,
    options: u8,
    window_scales: u8,
    flags: u8,
    rto: u32,
    ato: u32,
    snd_mss: u32,
    rcv_mss: u32,
    unacked: u32,
    sacked: u32,
    lost: u32,
    retrans: u32,
    fackets: u32,
    last_data_sent: u32,
    last_ack_sent: u32,
    last_data_recv: u32,
    last_ack_recv: u32,
    pmtu: u32,
    rcv_ssthresh: u32,
    rtt: u32,
    rttvar: u32,
    snd_ssthresh: u32,
    snd_cwnd: u32,
    advmss: u32,
    reordering: u32,
    rcv_rtt: u32,
    rcv_space: u32,
    total_retrans: u32,
    pacing_rate: u64,
    max_pacing_rate: u64,
    bytes_acked: u64,
    bytes_received: u64,
    segs_out: u32,
    segs_in: u32,
    notsent_bytes: u32,
    min_rtt: u32,
    data_segs_in: u32,
    data_segs_out: u32,
    delivery_rate: u64,
    busy_time: u64,
    rwnd_limited: u64,
    sndbuf_limited: u64,
    delivered: u32,
    delivered_ce: u32,
    bytes_sent: u64,
    bytes_retrans: u64,
    dsack_dups: u32,
    reord_seen: u32,
    rcv_ooopack: u32,
    snd_wnd: u32,
    rcv_wnd: u32,
    rehash: u32,
    total_rto: u16,
    total_rto_recoveries: u16,
    total_rto_time: u32,
}

/// A field of the structure in `$bytes`; 0 when the kernel does not have it.
macro_rules! field {
    ($bytes:expr, $name:ident: $type:ty) => {
        control::bytes(&$bytes, offset_of!(TcpInfo, $name)).map_or(0, <$type>::from_ne_bytes)
    };
}

pub(in crate::os) fn statistics(fd: BorrowedFd<'_>) -> Result<Statistics, Errno> {
    let mut info = [0; size_of::<TcpInfo>()];
    option::read_bytes(fd, IPPROTO_TCP, libc::TCP_INFO, &mut info)?;
    let state = state(field!(info, state: u8));
    if state == TcpState::Listen {
        // The other fields mean something else then.
        return Ok(Statistics {
            state,
            ..Statistics::default()
        });
    }
    let segment = field!(info, snd_mss: u32);
    let unsent = unsent(fd).unwrap_or(0) as u32;
    let connecting = matches!(state, TcpState::SynSent | TcpState::SynReceived);
    // The end of the stream counts as a byte.
    let ended = matches!(
        state,
        TcpState::CloseWait | TcpState::Closing | TcpState::LastAck | TcpState::TimeWait
    );
    Ok(Statistics {
        state,
        segment,
        timestamps: field!(info, options: u8) & TIMESTAMPS != 0,
        round_trip: field!(info, rtt: u32),
        least_round_trip: match field!(info, min_rtt: u32) {
            u32::MAX => 0,
            known => known,
        },
        // What was not sent at all is not in flight.
        in_flight: unsent.saturating_sub(field!(info, notsent_bytes: u32)),
        congestion_window: field!(info, snd_cwnd: u32).saturating_mul(segment),
        send_window: field!(info, snd_wnd: u32),
        receive_window: match field!(info, rcv_wnd: u32) {
            // Older kernels tell the largest window that they offer.
            0 => field!(info, rcv_ssthresh: u32),
            window => window,
        },
        receive_buffer: option::number(fd, SOL_SOCKET, libc::SO_RCVBUF)
            .map_or(0, |bytes| bytes.unsigned_abs()),
        sent: field!(info, bytes_sent: u64),
        received: field!(info, bytes_received: u64).saturating_sub(u64::from(ended)),
        // It counts segments.
        reordered: field!(info, rcv_ooopack: u32).saturating_mul(field!(info, rcv_mss: u32)),
        resent: field!(info, bytes_retrans: u64) as u32,
        timeouts: u32::from(field!(info, total_rto_recoveries: u16)),
        requests_resent: if connecting {
            field!(info, retransmits: u8)
        } else {
            0
        },
        busy: field!(info, busy_time: u64),
        held_by_window: field!(info, rwnd_limited: u64),
        held_by_buffer: field!(info, sndbuf_limited: u64),
    })
}

/// include/net/tcp_states.h.
fn state(number: u8) -> TcpState {
    match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => TcpState::Closed,
    }
}

/// TCPI_OPT_TIMESTAMPS of linux/tcp.h.
const TIMESTAMPS: u8 = 1;
