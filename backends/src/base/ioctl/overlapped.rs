//! WSPIoctl with an OVERLAPPED.
//!
//! Most codes are answered within the call, which then tells of its success with a count of 0, as
//! Windows' user-mode half does (P326). Those that Windows hands to its kernel are told of later, with
//! their count or failure, although nothing here waits for them. Called by [`super`].

use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::*;
use ws2spi_kernel::file::File;

use super::super::requests::ticket::Outcome;
use super::super::requests::ticket::Ticket;
use super::super::requests::ticket::status_of;
use super::super::socket::Socket;

/// How Windows handles a code with an OVERLAPPED.
enum Manner {
    /// Within the call.
    AtOnce,
    /// In the kernel: always pending at first.
    Later,
    /// In the kernel, until something changes.
    Change,
    /// In the kernel, which does not know it.
    Unknown,
}

impl Socket {
    /// WSPIoctl with an OVERLAPPED.
    ///
    /// # Errors
    /// `FAULT` for SIO_BSP_HANDLE_POLL (P337); as [`Ticket::begin`]; what the code answers within the
    /// call; `OPNOTSUPP` for a wait for another ideal backlog.
    pub(super) fn post_ioctl(&self, s: SOCKET, call: &Ioctl<'_>) -> Result<Transfer, Errno> {
        let manner = manner(call.code)?;
        if matches!(manner, Manner::Change) {
            return self.post_change(call);
        }
        let asked = call.overlapped.request().ok_or(Errno::FAULT)?;
        let ticket = Ticket::begin(self.state(), &asked)?;
        let outcome = match manner {
            Manner::AtOnce => {
                let bytes = self.control_io(s, call)?;
                drop(ticket.finish_now(self.state(), Outcome::done(0)));
                return Ok(Transfer::Done {
                    bytes: bytes as u32,
                    flags: 0,
                });
            }
            Manner::Change | Manner::Unknown => Outcome::failed(NtStatus::NOT_SUPPORTED),
            Manner::Later => match self.control_io(s, call) {
                Ok(bytes) => Outcome::done(bytes),
                // P336
                Err(Errno::FAULT) => Outcome::failed(NtStatus::BUFFER_TOO_SMALL),
                Err(error) => Outcome::failed(status_of(error)),
            },
        };
        drop(ticket.finish(self.state(), outcome));
        Ok(Transfer::Pending)
    }
}

/// # Errors
/// As [`Socket::post_ioctl`].
fn manner(code: u32) -> Result<Manner, Errno> {
    Ok(match code {
        SIO_BSP_HANDLE_POLL => return Err(Errno::FAULT),
        SIO_IDEAL_SEND_BACKLOG_CHANGE => return Err(Errno::OPNOTSUPP),
        SIO_ROUTING_INTERFACE_CHANGE | SIO_ADDRESS_LIST_CHANGE => Manner::Change,
        SIO_GET_INTERFACE_LIST => Manner::Later,
        FIONBIO
        | FIONREAD
        | SIOCATMARK
        | SIO_GET_EXTENSION_FUNCTION_POINTER
        | SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER
        | SIO_ENABLE_CIRCULAR_QUEUEING
        | SIO_GET_BROADCAST_ADDRESS
        | SIO_GET_QOS
        | SIO_GET_GROUP_QOS
        | SIO_SET_QOS
        | SIO_SET_GROUP_QOS
        | SIO_MULTIPOINT_LOOPBACK
        | SIO_MULTICAST_SCOPE
        | SIO_ROUTING_INTERFACE_QUERY
        | SIO_ADDRESS_LIST_QUERY
        | SIO_ADDRESS_LIST_SORT
        | SIO_KEEPALIVE_VALS
        | SIO_TCP_INFO
        | SIO_UDP_CONNRESET
        | SIO_UDP_NETRESET
        | SIO_LOOPBACK_FAST_PATH
        | SIO_SET_COMPATIBILITY_MODE
        | SIO_IDEAL_SEND_BACKLOG_QUERY
        | SIO_AF_UNIX_GETPEERPID => Manner::AtOnce,
        // P327, P331
        _ => Manner::Unknown,
    })
}
