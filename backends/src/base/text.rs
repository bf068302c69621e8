//! Addresses as text: WSPAddressToString and WSPStringToAddress.
//!
//! [`print()`] and [`parse`] are pure; the two calls at the end add the order of checks and the
//! buffers. No socket is involved; called by [`super::provider`].

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::Errno;
use ws2spi_abi::args::Address;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::args::TextIn;
use ws2spi_abi::args::TextOut;

/// WSPAddressToString.
///
/// # Errors
/// `FAULT` for a NULL address or a buffer that is NULL or too small (the needed length is stored),
/// `INVAL` for a family that is not INET or INET6 or an address shorter than its family's structure.
pub(super) fn address_to_string(address: AddressIn<'_>, out: TextOut<'_>) -> Result<(), Errno> {
    if address.is_null() {
        return Err(Errno::FAULT);
    }
    let name = address
        .read()
        .map_err(|_| Errno::INVAL)?
        .to_ip()
        .ok_or(Errno::INVAL)?;
    out.write(&print(&name))
}

/// WSPStringToAddress.
///
/// # Errors
/// `FAULT` for NULL pointers, or a buffer too small for the family (its size is stored then);
/// `INVAL` for another family or text that is no address: the stored family is 0 and the length as
/// it was then.
pub(super) fn string_to_address(
    text: TextIn<'_>,
    family: i32,
    out: AddressOut<'_>,
) -> Result<(), Errno> {
    let needed = match family {
        AF_INET => 16,
        AF_INET6 => 28,
        _ => return Err(Errno::INVAL),
    };
    let units = text.units()?;
    let had = out.capacity().ok_or(Errno::FAULT)?;
    if !out.fits(needed) {
        if out.is_wanted() {
            out.set_len(needed as i32);
        }
        return Err(Errno::FAULT);
    }
    match parse(&units, family) {
        Some(name) => out.write(&Address::from_ip(name)),
        None => {
            out.write(&Address::from_bytes(&[0; 28][..needed]))?;
            out.set_len(had);
            Err(Errno::INVAL)
        }
    }
}

/// The text of an address: the port only when it is not 0, IPv6 in brackets only with a port.
pub(super) fn print(name: &SocketAddr) -> String {
    match name {
        SocketAddr::V4(v4) if v4.port() == 0 => v4.ip().to_string(),
        SocketAddr::V4(v4) => v4.to_string(),
        SocketAddr::V6(v6) => {
            let mut text = print_v6(v6.ip());
            if v6.scope_id() != 0 {
                // Writing to a String cannot fail.
                let _ = write!(text, "%{}", v6.scope_id());
            }
            if v6.port() != 0 {
                text = format!("[{text}]:{}", v6.port());
            }
            text
        }
    }
}

/// Reads an address of the family; `None` when the text is none.
pub(super) fn parse(units: &[u16], family: i32) -> Option<SocketAddr> {
    let text = String::from_utf16(units).ok()?;
    match family {
        AF_INET => parse_v4(&text).map(SocketAddr::V4),
        AF_INET6 => parse_v6(&text).map(SocketAddr::V6),
        _ => None,
    }
}

fn print_v6(ip: &Ipv6Addr) -> String {
    let groups = ip.segments();
    // Windows writes IPv4-compatible addresses with dots as well as mapped ones.
    if groups[..6] == [0; 6] && groups[6] != 0 {
        let [.., a, b, c, d] = ip.octets();
        return format!("::{}", Ipv4Addr::new(a, b, c, d));
    }
    ip.to_string()
}

/// `inet_aton` with a port: one to four parts, each decimal, octal or hexadecimal.
fn parse_v4(text: &str) -> Option<SocketAddrV4> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None => (text, 0),
    };
    let mut parts = [0u64; 4];
    let mut count = 0;
    for part in host.split('.') {
        *parts.get_mut(count)? = parse_number(part)?;
        count += 1;
    }
    let (last, leading) = parts[..count].split_last()?;
    if leading.iter().any(|part| *part > 255) {
        return None;
    }
    let room = 8 * (4 - leading.len() as u32);
    let alone_in_hex = leading.is_empty() && is_hexadecimal(host);
    if *last >> room != 0 && !alone_in_hex {
        return None;
    }
    let high = leading.iter().fold(0u64, |value, part| value << 8 | part);
    // A lone hexadecimal number wraps at 32 bits (P343).
    let value = (high << room) as u32 | (*last as u32);
    Some(SocketAddrV4::new(Ipv4Addr::from(value), port))
}

/// `address`, `[address]` or `[address]:port`, each with `%zone` after the address.
fn parse_v6(text: &str) -> Option<SocketAddrV6> {
    let (inside, port) = match text.strip_prefix('[') {
        None => (text, 0),
        Some(rest) => match rest.split_once(']')? {
            (inside, "") => (inside, 0),
            (inside, after) => (inside, parse_port(after.strip_prefix(':')?)?),
        },
    };
    let (ip, zone) = match inside.split_once('%') {
        Some((ip, zone)) if zone.bytes().all(|digit| digit.is_ascii_digit()) => {
            (ip, zone.parse().ok()?)
        }
        Some(_) => return None,
        None => (inside, 0),
    };
    Some(SocketAddrV6::new(ip.parse().ok()?, port, 0, zone))
}

/// A port that is written out may not be 0.
fn parse_port(text: &str) -> Option<u16> {
    parse_number(text)
        .and_then(|port| u16::try_from(port).ok())
        .filter(|port| *port != 0)
}

fn is_hexadecimal(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("0X")
}

/// Decimal, `0` octal or `0x` hexadecimal digits and nothing else. Hexadecimal numbers wrap at 32
/// bits, the others are refused when they are longer.
fn parse_number(text: &str) -> Option<u64> {
    let (digits, radix) = match text {
        _ if is_hexadecimal(text) => (&text[2..], 16),
        _ if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        _ => (text, 10),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for digit in digits.chars() {
        value = value * u64::from(radix) + u64::from(digit.to_digit(radix)?);
        if radix == 16 {
            value &= 0xffff_ffff;
        } else if value > 0xffff_ffff {
            return None;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(text: &str) -> Option<String> {
        parse_v4(text).map(|name| name.to_string())
    }

    fn v6(text: &str) -> Option<String> {
        parse_v6(text).map(|name| name.to_string())
    }

    #[test]
    fn a_port_is_printed_only_when_there_is_one() {
        // P339
        assert_eq!(print(&"1.2.3.4:0".parse().unwrap()), "1.2.3.4");
        assert_eq!(
            print(&"255.255.255.255:65535".parse().unwrap()),
            "255.255.255.255:65535"
        );
    }

    #[test]
    fn ipv6_is_bracketed_only_with_a_port_and_its_zone_follows_a_percent_sign() {
        // P340
        let name = |port, zone| {
            SocketAddr::V6(SocketAddrV6::new(
                "20ab::2001".parse().unwrap(),
                port,
                7,
                zone,
            ))
        };
        assert_eq!(print(&name(33274, 4660)), "[20ab::2001%4660]:33274");
        assert_eq!(print(&name(0, 4660)), "20ab::2001%4660");
        assert_eq!(print(&name(0, 0)), "20ab::2001");
        assert_eq!(print(&name(80, 0)), "[20ab::2001]:80");
    }

    #[test]
    fn ipv4_reads_every_form_of_inet_aton() {
        // P343
        assert_eq!(v4("1").as_deref(), Some("0.0.0.1:0"));
        assert_eq!(v4("1.2").as_deref(), Some("1.0.0.2:0"));
        assert_eq!(v4("1.2.3").as_deref(), Some("1.2.0.3:0"));
        assert_eq!(v4("1.2.65535").as_deref(), Some("1.2.255.255:0"));
        assert_eq!(v4("0x00010203").as_deref(), Some("0.1.2.3:0"));
        assert_eq!(v4("0777").as_deref(), Some("0.0.1.255:0"));
        assert_eq!(v4("0x2134567890").as_deref(), Some("52.86.120.144:0"));
        assert_eq!(v4("4294967295").as_deref(), Some("255.255.255.255:0"));
    }

    #[test]
    fn ipv4_refuses_what_is_no_address() {
        // P344
        for text in [
            "",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.5",
            "256.1",
            "1.2.3.256",
            "1.65536.1",
            "+1",
            "-1",
            " 1.2.3.4",
            "1.2.3.4 ",
            "1.2.3.4:",
            "1.2.3.4:0",
            "1.2.3.4:65537",
            "1.2.3.4:x",
            "0x",
            "1.2.3.4:65536",
            "08",
            "4294967296",
            "2001::1",
        ] {
            assert_eq!(v4(text), None, "{text:?}");
        }
    }

    #[test]
    fn ports_are_decimal_hexadecimal_or_octal() {
        // P345
        assert_eq!(v4("1.2.3.4:0xAbCd").as_deref(), Some("1.2.3.4:43981"));
        assert_eq!(v4("1.2.3.4:010").as_deref(), Some("1.2.3.4:8"));
        assert_eq!(v4("1.2.3.4:65535").as_deref(), Some("1.2.3.4:65535"));
    }

    #[test]
    fn an_ipv6_port_needs_brackets() {
        // P347
        assert_eq!(v6("[20ab::1]:33274").as_deref(), Some("[20ab::1]:33274"));
        assert_eq!(v6("[20ab::1]").as_deref(), Some("[20ab::1]:0"));
        assert_eq!(v6("20ab::1").as_deref(), Some("[20ab::1]:0"));
        assert_eq!(v6("20ab:0:0:0:0:0:0:1:33274"), None);
        assert_eq!(v6("[20ab::1"), None);
        assert_eq!(v6("[20ab::1]x"), None);
        assert_eq!(v6("[20ab::1]:0"), None);
    }
}
