//! WSPIoctl.
//!
//! ```text
//! ioctl ──> mode (blocking, bytes, marks, handles, keep-alive, reports)
//!      ──> hosts (addresses, interfaces, routes)
//!      ──> changes (of the host)
//!      ──> sort (which address to prefer)
//!      ──> tcp_info (counters of a connection)
//!      ──> extension functions
//! with an OVERLAPPED ──> overlapped ──> the same
//! ```
//!
//! A place for the count is demanded before anything else (P323). Codes that nobody knows are
//! `OPNOTSUPP` with a count of 0 (P327).

mod changes;
mod hosts;
mod mode;
mod overlapped;
mod sort;
mod tcp_info;

use ws2spi_abi::args::OptionIn;
use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::extension;
use super::socket::Socket;

impl Socket {
    /// WSPIoctl; `s` is the handle by which the application knows the socket.
    ///
    /// # Errors
    /// `FAULT` without a place for the count, and for buffers that are too short; `OPNOTSUPP` for
    /// codes that are unknown or not had by this kind of socket; what the codes say.
    pub(super) fn ioctl(&self, s: SOCKET, call: &Ioctl<'_>) -> Result<Transfer, Errno> {
        if call.returned.is_null() {
            return Err(Errno::FAULT);
        }
        if call.overlapped.is_overlapped() && self.is_overlapped() {
            return self.post_ioctl(s, call);
        }
        self.control_io(s, call).map(|bytes| Transfer::Done {
            bytes: bytes as u32,
            flags: 0,
        })
    }

    /// Does what the code says; how many bytes were written.
    fn control_io(&self, s: SOCKET, call: &Ioctl<'_>) -> Result<usize, Errno> {
        match call.code {
            FIONBIO => self.set_blocking(call.input),
            FIONREAD => self.bytes_to_read().and_then(|bytes| answer(call, bytes)),
            SIOCATMARK => self
                .is_at_mark()
                .and_then(|mark| answer(call, u32::from(mark))),
            SIO_GET_EXTENSION_FUNCTION_POINTER => {
                extension_of(call).and_then(|function| answer(call, function))
            }
            // Registered I/O, the only such table, is not to be had.
            SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER => Err(Errno::INVAL),
            SIO_BASE_HANDLE | SIO_BSP_HANDLE | SIO_BSP_HANDLE_SELECT | SIO_BSP_HANDLE_POLL => {
                answer(call, s)
            }
            SIO_ENABLE_CIRCULAR_QUEUEING if !self.is_stream() => Ok(0),
            SIO_GET_BROADCAST_ADDRESS => self.broadcast_address(call),
            SIO_GET_QOS | SIO_GET_GROUP_QOS | SIO_SET_QOS | SIO_SET_GROUP_QOS => {
                Err(Errno::NOPROTOOPT)
            }
            SIO_MULTIPOINT_LOOPBACK => self.set_multipoint(call.input, Multipoint::Loopback),
            SIO_MULTICAST_SCOPE => self.set_multipoint(call.input, Multipoint::Scope),
            SIO_ROUTING_INTERFACE_QUERY => self.route(call),
            SIO_ROUTING_INTERFACE_CHANGE | SIO_ADDRESS_LIST_CHANGE => self.await_change(call),
            SIO_ADDRESS_LIST_QUERY => self.address_list(call),
            SIO_ADDRESS_LIST_SORT => self.sort_addresses(call),
            SIO_GET_INTERFACE_LIST => self.interface_list(call),
            SIO_KEEPALIVE_VALS => self.set_keep_alive_times(call.input),
            SIO_TCP_INFO => self.tcp_info(call),
            SIO_UDP_CONNRESET | SIO_UDP_NETRESET => self.set_reports(call.code, call.input),
            SIO_LOOPBACK_FAST_PATH if self.is_stream() => call.input.u32().map(|_| 0),
            SIO_SET_COMPATIBILITY_MODE => {
                demand(call.input, size_of::<WSA_COMPATIBILITY_MODE>()).map(|_| 0)
            }
            SIO_IDEAL_SEND_BACKLOG_QUERY => {
                self.ideal_backlog().and_then(|bytes| answer(call, bytes))
            }
            SIO_IDEAL_SEND_BACKLOG_CHANGE => self.await_backlog_change(),
            SIO_AF_UNIX_GETPEERPID => self
                .peer_process()
                .and_then(|process| answer(call, process)),
            _ => {
                call.returned.set(0)?;
                Err(Errno::OPNOTSUPP)
            }
        }
    }
}

/// What a multipoint code sets.
#[derive(Clone, Copy)]
enum Multipoint {
    Loopback,
    Scope,
}

/// Writes the value that an ioctl answers; its size.
fn answer<T: Plain>(call: &Ioctl<'_>, value: T) -> Result<usize, Errno> {
    let mut bytes = [0; size_of::<TCP_INFO_v1>()];
    let size = size_of::<T>();
    value.encode(&mut bytes).ok_or(Errno::FAULT)?;
    call.output.write(&bytes[..size])?;
    Ok(size)
}

/// The input, if it has that many bytes.
fn demand(input: OptionIn<'_>, size: usize) -> Result<&[u8], Errno> {
    let bytes = input.bytes();
    if bytes.len() < size {
        Err(Errno::FAULT)
    } else {
        Ok(bytes)
    }
}

/// The address of the extension function that the input names.
///
/// # Errors
/// `FAULT` for a short input or output, `INVAL` for a function that is not known (P328).
fn extension_of(call: &Ioctl<'_>) -> Result<usize, Errno> {
    let name = GUID::decode(call.input.bytes()).ok_or(Errno::FAULT)?;
    let function = extension::pointer(&name).ok_or(Errno::INVAL)?;
    if call.output.is_null() || (call.output.capacity() as usize) < size_of::<usize>() {
        return Err(Errno::FAULT);
    }
    Ok(function)
}
