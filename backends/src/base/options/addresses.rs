//! Options of the IP and IPV6 levels whose value is an interface, a header or the path.
//!
//! Each function answers `None` for an option that is a plain number (`rows`).

use std::net::Ipv4Addr;

use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::OptionOut;
use ws2spi_abi::*;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::groups;
use super::length::Rule;
use crate::net::Family;
use crate::net::SocketOption;

/// The most bytes of options an IPv4 header has.
const HEADER_OPTIONS: usize = 40;

impl Socket {
    /// Sets an option that is more than a number.
    pub(super) fn set_address_level(
        &self,
        level: i32,
        name: i32,
        value: OptionIn<'_>,
    ) -> Option<Result<(), Errno>> {
        Some(match (level, name) {
            (IPPROTO_IP, IP_OPTIONS) => self.net.set_header_options(value.bytes()),
            (IPPROTO_IP, IP_MULTICAST_IF) => self.set_multicast_interface(value),
            (IPPROTO_IP, IP_UNICAST_IF) => {
                self.set_unicast_interface(SocketOption::IpUnicastInterface, value)
            }
            (IPPROTO_IPV6, IPV6_UNICAST_IF) => {
                self.set_unicast_interface(SocketOption::Ipv6UnicastInterface, value)
            }
            (IPPROTO_IPV6, IPV6_V6ONLY) => self.set_v6_only(value),
            (IPPROTO_IP, IP_MTU) | (IPPROTO_IPV6, IPV6_MTU) => Err(Errno::NOPROTOOPT),
            _ => return None,
        })
    }

    /// Reads an option that is more than a number.
    pub(super) fn get_address_level(
        &self,
        level: i32,
        name: i32,
        out: OptionOut<'_>,
    ) -> Option<Result<(), Errno>> {
        if groups::is_membership(level, name) {
            return Some(Err(Errno::NOPROTOOPT));
        }
        Some(match (level, name) {
            (IPPROTO_IP, IP_OPTIONS) => self.get_header_options(out),
            (IPPROTO_IP, IP_MULTICAST_IF) if self.is_stream() => Err(Errno::INVAL),
            (IPPROTO_IP, IP_MULTICAST_IF) => {
                let kept = self.control.lock().options.kept(level, name);
                Rule::C.write(kept.unwrap_or(0), out)
            }
            (IPPROTO_IP, IP_UNICAST_IF) => {
                self.get_unicast_interface(SocketOption::IpUnicastInterface, out)
            }
            (IPPROTO_IPV6, IPV6_UNICAST_IF) => {
                self.get_unicast_interface(SocketOption::Ipv6UnicastInterface, out)
            }
            (IPPROTO_IPV6, IPV6_V6ONLY) => {
                let on = self.control.lock().options.network(SocketOption::Ipv6Only);
                Rule::D.write(on.unwrap_or(1), out)
            }
            (IPPROTO_IP, IP_MTU) => self.get_path_mtu(SocketOption::IpMtu, out),
            (IPPROTO_IPV6, IPV6_MTU) => self.get_path_mtu(SocketOption::Ipv6Mtu, out),
            _ => return None,
        })
    }

    /// A DWORD in network order: `0.x.x.x` is the number of an interface, anything else its address.
    fn set_multicast_interface(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        if self.is_stream() {
            return Err(Errno::INVAL);
        }
        let word = Rule::C.read(value)?;
        let interface = groups::interface_v4(Ipv4Addr::from(word.to_ne_bytes()));
        let mut control = self.control.lock();
        self.net.set_multicast_interface(interface)?;
        control.options.keep(IPPROTO_IP, IP_MULTICAST_IF, word);
        Ok(())
    }

    /// The number of an interface, in network order when it is set and in host order when read.
    fn set_unicast_interface(
        &self,
        option: SocketOption,
        value: OptionIn<'_>,
    ) -> Result<(), Errno> {
        let index = i32::from_be(Rule::C.read(value)?);
        let mut control = self.control.lock();
        self.net.set_option(option, index)?;
        control.options.keep_network(option, index);
        Ok(())
    }

    fn get_unicast_interface(&self, option: SocketOption, out: OptionOut<'_>) -> Result<(), Errno> {
        let index = self.control.lock().options.network(option);
        Rule::C.write(index.unwrap_or(0), out)
    }

    /// P65: an IPv4 socket takes it too, and nobody after its bind.
    fn set_v6_only(&self, value: OptionIn<'_>) -> Result<(), Errno> {
        let on = i32::from(Rule::D.read(value)? != 0);
        let mut control = self.control.lock();
        if self.status.get().has(Bit::Bound) {
            return Err(Errno::INVAL);
        }
        if self.make.family == Family::Inet6 {
            self.net.set_option(SocketOption::Ipv6Only, on)?;
        }
        control.options.keep_network(SocketOption::Ipv6Only, on);
        Ok(())
    }

    /// P320: without a peer there is no path.
    fn get_path_mtu(&self, option: SocketOption, out: OptionOut<'_>) -> Result<(), Errno> {
        self.settle();
        if !self.status.get().has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        let size = self.net.option(option)?;
        Rule::C.write(size, out)
    }

    fn get_header_options(&self, out: OptionOut<'_>) -> Result<(), Errno> {
        let mut bytes = [0; HEADER_OPTIONS];
        let length = self.net.header_options(&mut bytes)?;
        out.write(bytes.get(..length).ok_or(Errno::FAULT)?)
    }
}
