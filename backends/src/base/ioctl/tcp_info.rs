//! SIO_TCP_INFO: the counters of a connection ("SIO_TCP_INFO Control Code").
//!
//! The input is the version of the structure that is wanted: 0 or 1.
//!
//! DIFFERS: systems count neither fast retransmissions nor duplicate acknowledgements, nor how often
//! and for how many bytes a limit held up sending: `FastRetrans`, `DupAcksIn`, `SndLimTrans*` and
//! `SndLimBytes*` are 0. What one system does not count either is in its file of `os/sys`.

use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::answer;
use crate::net::Family;
use crate::net::Statistics;
use crate::net::TcpState;

impl Socket {
    /// SIO_TCP_INFO.
    ///
    /// # Errors
    /// `MSGSIZE` for an input that is not a DWORD; `INVAL` for another version, on a socket that is
    /// not TCP, and for a short output, with a count of 0; `FAULT` without one.
    pub(super) fn tcp_info(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        let version = <[u8; 4]>::try_from(call.input.bytes()).map_err(|_| Errno::MSGSIZE)?;
        let size = match u32::from_ne_bytes(version) {
            0 => size_of::<TCP_INFO_v0>(),
            1 => size_of::<TCP_INFO_v1>(),
            _ => return Err(Errno::INVAL),
        };
        if !self.is_stream() || self.make.family == Family::Unix {
            return Err(Errno::INVAL);
        }
        if (call.output.capacity() as usize) < size {
            call.returned.set(0)?;
            return Err(Errno::INVAL);
        }
        let info = self.info()?;
        if size == size_of::<TCP_INFO_v1>() {
            answer(call, info)
        } else {
            answer(call, begin(&info))
        }
    }

    fn info(&self) -> Result<TCP_INFO_v1, Errno> {
        self.settle();
        let counted = if self.status.get().has(Bit::Listening) {
            // Also when another listener of the same name stands before it.
            Statistics {
                state: TcpState::Listen,
                ..Statistics::default()
            }
        } else {
            self.net.statistics()?
        };
        let connected_at = self.control.lock().connected_at;
        let age = connected_at.map_or(0, |then| then.milliseconds_until(self.stack.net.now()));
        Ok(fill(&counted, age))
    }
}

/// The structure for a connection that is `age` milliseconds old.
fn fill(counted: &Statistics, age: u64) -> TCP_INFO_v1 {
    // Nothing to send, or no more room to keep it in: the sender's own limit. What is left of the
    // time neither the sender nor the receiver held it up, so congestion did.
    let held_by_sender = (age * 1000).saturating_sub(counted.busy) + counted.held_by_buffer;
    let held_by_congestion = counted
        .busy
        .saturating_sub(counted.held_by_window + counted.held_by_buffer);
    let milliseconds = |time: u64| u32::try_from(time / 1000).unwrap_or(u32::MAX);
    TCP_INFO_v1 {
        State: number(counted.state),
        Mss: counted.segment,
        ConnectionTimeMs: age,
        TimestampsEnabled: u8::from(counted.timestamps),
        RttUs: counted.round_trip,
        MinRttUs: counted.least_round_trip,
        BytesInFlight: counted.in_flight,
        Cwnd: counted.congestion_window,
        SndWnd: counted.send_window,
        RcvWnd: counted.receive_window,
        RcvBuf: counted.receive_buffer,
        BytesOut: counted.sent,
        BytesIn: counted.received,
        BytesReordered: counted.reordered,
        BytesRetrans: counted.resent,
        TimeoutEpisodes: counted.timeouts,
        SynRetrans: counted.requests_resent,
        SndLimTimeRwin: milliseconds(counted.held_by_window),
        SndLimTimeCwnd: milliseconds(held_by_congestion),
        SndLimTimeSnd: milliseconds(held_by_sender),
        ..TCP_INFO_v1::EMPTY
    }
}

/// The older structure, which the newer one begins with.
fn begin(info: &TCP_INFO_v1) -> TCP_INFO_v0 {
    let mut bytes = [0; size_of::<TCP_INFO_v1>()];
    // Both have room.
    let _ = info.encode(&mut bytes);
    TCP_INFO_v0::decode(&bytes).unwrap_or_default()
}

fn number(state: TcpState) -> i32 {
    match state {
        TcpState::Closed => TCPSTATE_CLOSED,
        TcpState::Listen => TCPSTATE_LISTEN,
        TcpState::SynSent => TCPSTATE_SYN_SENT,
        TcpState::SynReceived => TCPSTATE_SYN_RCVD,
        TcpState::Established => TCPSTATE_ESTABLISHED,
        TcpState::FinWait1 => TCPSTATE_FIN_WAIT_1,
        TcpState::FinWait2 => TCPSTATE_FIN_WAIT_2,
        TcpState::CloseWait => TCPSTATE_CLOSE_WAIT,
        TcpState::Closing => TCPSTATE_CLOSING,
        TcpState::LastAck => TCPSTATE_LAST_ACK,
        TcpState::TimeWait => TCPSTATE_TIME_WAIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_connection_is_split_between_what_held_it_up() {
        // sdk TCP_INFO_v1: receiver, congestion and sender limited.
        let counted = Statistics {
            busy: 70_000,
            held_by_window: 20_000,
            held_by_buffer: 10_000,
            ..Statistics::default()
        };
        let info = fill(&counted, 100);
        assert_eq!(info.SndLimTimeRwin, 20);
        assert_eq!(info.SndLimTimeCwnd, 40);
        assert_eq!(info.SndLimTimeSnd, 40);
        // A connection that is still being made is busy before it has an age.
        assert_eq!(fill(&counted, 0).SndLimTimeSnd, 10);
    }

    #[test]
    fn the_older_structure_is_the_beginning_of_the_newer() {
        // sdk TCP_INFO_v0
        let info = TCP_INFO_v1 {
            State: 4,
            ConnectionTimeMs: u64::MAX,
            TimestampsEnabled: 1,
            BytesIn: 7,
            SynRetrans: 9,
            SndLimBytesSnd: 1,
            ..TCP_INFO_v1::EMPTY
        };
        let older = begin(&info);
        assert_eq!((older.State, older.ConnectionTimeMs), (4, u64::MAX));
        assert_eq!((older.TimestampsEnabled, older.BytesIn), (1, 7));
        assert_eq!(older.SynRetrans, 9);
    }
}
