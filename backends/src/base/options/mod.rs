//! WSPGetSockOpt and WSPSetSockOpt.
//!
//! ```text
//! set/get ──> socket_level (SOL_SOCKET, what is not a plain number)
//!        ──> groups, addresses (IP, IPV6)
//!        ──> rows (a number, by the length rules of `length`)
//! ```
//!
//! What was set is kept in [`Stored`], to be read back, replayed and inherited. Order of checks: NULL,
//! level, option, kind of socket, length, value.

mod addresses;
mod groups;
mod length;
mod rows;
mod socket_level;
mod stored;

use ws2spi_abi::Errno;
use ws2spi_abi::IPPROTO_IP;
use ws2spi_abi::IPPROTO_IPV6;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::SO_UPDATE_CONNECT_CONTEXT;
use ws2spi_abi::SOL_SOCKET;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::OptionOut;

use super::socket::Socket;
use crate::net::Family;
use crate::net::Kind;
use rows::Does;
use rows::Row;
use rows::Value;

pub(super) use stored::Stored;

/// No pointer on Windows is below this: such a value is a number that was passed by mistake.
const LOWEST_ADDRESS: usize = 0x10000;

impl Socket {
    /// WSPSetSockOpt.
    ///
    /// # Errors
    /// `FAULT` for a NULL or bogus value or a length that the option does not take, `INVAL` for an
    /// unknown level, `NOPROTOOPT` for an unknown or read-only option, `INVAL` where the kind or the
    /// state of the socket forbids it or the value is out of range.
    ///
    /// DIFFERS: a length of -1 is `FAULT` for every option, as up to Windows 10; the bytes that later
    /// versions read there are not the caller's to give.
    pub(super) fn set_sock_opt(
        &self,
        level: i32,
        name: i32,
        value: OptionIn<'_>,
    ) -> Result<(), Errno> {
        // The one option without a value.
        let none = level == SOL_SOCKET && name == SO_UPDATE_CONNECT_CONTEXT;
        if (value.raw().0 as usize) < LOWEST_ADDRESS && !none {
            return Err(Errno::FAULT);
        }
        self.check_level(level)?;
        let special = match level {
            SOL_SOCKET => self.set_socket_level(name, value),
            IPPROTO_IP | IPPROTO_IPV6 => match self.set_group(level, name, value) {
                None => self.set_address_level(level, name, value),
                some => some,
            },
            _ => None,
        };
        match special {
            Some(result) => result,
            None => self.set_row(rows::find(level, name).ok_or(Errno::NOPROTOOPT)?, value),
        }
    }

    /// WSPGetSockOpt.
    ///
    /// # Errors
    /// `FAULT` for NULL pointers or a length that is not positive or that the option does not take,
    /// `INVAL` for an unknown level, `NOPROTOOPT` for an unknown option, `INVAL` where the kind of
    /// the socket has it not.
    pub(super) fn get_sock_opt(
        &self,
        level: i32,
        name: i32,
        out: OptionOut<'_>,
    ) -> Result<(), Errno> {
        if level == SOL_SOCKET
            && let Some(result) = self.get_protocol_info(name, out)
        {
            return result;
        }
        if out.is_null() || out.capacity() <= 0 {
            return Err(Errno::FAULT);
        }
        self.check_level(level)?;
        let special = match level {
            SOL_SOCKET => self.get_socket_level(name, out),
            IPPROTO_IP | IPPROTO_IPV6 => self.get_address_level(level, name, out),
            _ => None,
        };
        match special {
            Some(result) => result,
            None => self.get_row(rows::find(level, name).ok_or(Errno::NOPROTOOPT)?, out),
        }
    }

    /// Whether sockets of this kind have options of the level.
    fn check_level(&self, level: i32) -> Result<(), Errno> {
        let ip = self.make.family != Family::Unix;
        let has = match level {
            SOL_SOCKET => true,
            IPPROTO_IP | IPPROTO_IPV6 => ip,
            IPPROTO_TCP => ip && self.is_stream(),
            IPPROTO_UDP => self.make.kind == Kind::Datagram,
            _ => false,
        };
        if has { Ok(()) } else { Err(Errno::INVAL) }
    }

    fn set_row(&self, row: &Row, value: OptionIn<'_>) -> Result<(), Errno> {
        self.check_row(row)?;
        let mut number = row.rule.read(value)?;
        match row.value {
            Value::Bool => number = i32::from(number != 0),
            Value::From(first, last) if !(first..=last).contains(&number) => {
                return Err(Errno::INVAL);
            }
            Value::From(..) | Value::Any => {}
        }
        let mut control = self.control.lock();
        match row.does {
            Does::Network(option) => {
                self.net.set_option(option, number)?;
                control.options.keep_network(option, number);
            }
            Does::Hint(option, _) | Does::HintBy(option, ..) => {
                // Windows takes it whatever the network says.
                let _ = self.net.set_option(option, number);
                control.options.keep_network(option, number);
            }
            Does::Keep(_) => control.options.keep(row.level, row.name, number),
        }
        Ok(())
    }

    fn get_row(&self, row: &Row, out: OptionOut<'_>) -> Result<(), Errno> {
        self.check_row(row)?;
        let number = {
            let control = self.control.lock();
            match row.does {
                Does::Network(option) => match control.options.network(option) {
                    Some(set) => set,
                    None => self.net.option(option)?,
                },
                Does::Hint(option, default) => control.options.network(option).unwrap_or(default),
                Does::HintBy(option, stream, other) => {
                    let default = if self.is_stream() { stream } else { other };
                    control.options.network(option).unwrap_or(default)
                }
                Does::Keep(default) => control.options.kept(row.level, row.name).unwrap_or(default),
            }
        };
        row.rule.write(number, out)
    }

    /// Whether this socket has the option of a row: IP options are `INVAL` where they do not apply,
    /// and IPv6 ones on an IPv4 socket.
    fn check_row(&self, row: &Row) -> Result<(), Errno> {
        let family = row.level != IPPROTO_IPV6 || self.make.family == Family::Inet6;
        if family && row.on.has(self.make.kind) {
            Ok(())
        } else {
            Err(Errno::INVAL)
        }
    }
}
