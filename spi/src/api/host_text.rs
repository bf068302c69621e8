//! Internet addresses as text: `inet_addr`, `inet_ntoa`, `inet_pton`, `inet_ntop`. None of them needs start-up.

use super::{answer, strings};
use std::cell::Cell;
use std::ffi::c_void;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ptr::{null, null_mut};
use ws2spi_abi::*;

/// The IPv4 address that a text stands for, in network order; `INADDR_NONE` when it is none.
///
/// One to four parts, decimal, octal or hexadecimal, the last one filling the remaining bytes; white space ends it. An empty text and
/// a single blank are 0. The last error is set for NULL only (`WSAEFAULT`). Microsoft: "inet_addr function (winsock2.h)".
///
/// # Safety
/// `text` is null or a NUL-terminated string.
#[must_use]
pub unsafe fn inet_addr(text: PCSTR) -> u32 {
    // SAFETY: the caller's contract.
    match unsafe { strings::from_bytes(text) } {
        Some(text) => parse_inet_addr(text.as_bytes()).map_or(INADDR_NONE, u32::to_be),
        None => answer::or(INADDR_NONE, Err(Errno::FAULT)),
    }
}

fn parse_inet_addr(text: &[u8]) -> Option<u32> {
    if matches!(text, b"" | b" ") {
        return Some(0);
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let end = text.iter().position(is_space).unwrap_or(text.len());
    let text = std::str::from_utf8(text.get(..end)?).ok()?;
    let parts: Vec<&str> = text.split('.').collect();
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 {
        return None;
    }
    let mut address = 0u32;
    for part in leading {
        let byte = u8::try_from(parse_number(part)?).ok()?;
        address = address << 8 | u32::from(byte);
    }
    let last = parse_number(last)?;
    let bits = 8 * (4 - leading.len() as u32);
    // A lone number wraps around.
    if leading.is_empty() {
        return Some(last);
    }
    (last >> bits == 0).then_some(address << bits | last)
}

/// A number as C writes it: `0x` for hexadecimal, `0` for octal.
fn parse_number(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None if lower.len() > 1 && lower.starts_with('0') => (&lower[1..], 8),
        None => (lower.as_str(), 10),
    };
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0u32, |value, digit| {
        Some(
            value
                .wrapping_mul(radix)
                .wrapping_add(digit.to_digit(radix)?),
        )
    })
}

/// The text of an IPv4 address in network order. It lasts until the thread's next call of this function.
/// Microsoft: "inet_ntoa function (winsock2.h)".
#[must_use]
pub fn inet_ntoa(address: IN_ADDR) -> *const u8 {
    thread_local! {
        static TEXT: Cell<[u8; 16]> = const { Cell::new([0; 16]) };
    }
    let mut text = [0; 16];
    let written = Ipv4Addr::from(address).to_string();
    if let Some(place) = text.get_mut(..written.len()) {
        place.copy_from_slice(written.as_bytes());
    }
    TEXT.try_with(|place| {
        place.set(text);
        place.as_ptr().cast_const().cast()
    })
    .unwrap_or(null())
}

/// Reads an address of family `AF_INET` or `AF_INET6`: 1 when the text is one, 0 when not.
///
/// Errors (-1): `WSAEAFNOSUPPORT`, `WSAEFAULT` for NULL. Microsoft: "inet_pton function (ws2tcpip.h)".
///
/// # Safety
/// `text` is null or a NUL-terminated string; `out` is null or has room for 4 or 16 bytes.
#[doc(alias = "InetPtonA")]
pub unsafe fn inet_pton(family: i32, text: PCSTR, out: *mut c_void) -> i32 {
    // SAFETY: the caller's contract.
    let text = unsafe { strings::from_bytes(text) };
    // SAFETY: as above.
    answer::int(unsafe { present_to_network(family, text, out) })
}

/// [`inet_pton`] for UTF-16. Microsoft: "InetPtonW function (ws2tcpip.h)".
///
/// # Safety
/// As [`inet_pton`].
#[doc(alias = "InetPtonW")]
pub unsafe fn inet_pton_w(family: i32, text: PCWSTR, out: *mut c_void) -> i32 {
    // SAFETY: the caller's contract.
    let text = unsafe { strings::from_wide(text) };
    // SAFETY: as above.
    answer::int(unsafe { present_to_network(family, text, out) })
}

/// # Safety
/// `out` is null or has room for 4 or 16 bytes.
unsafe fn present_to_network(
    family: i32,
    text: Option<String>,
    out: *mut c_void,
) -> Result<i32, Errno> {
    if family != AF_INET && family != AF_INET6 {
        return Err(Errno::AFNOSUPPORT);
    }
    let text = text.filter(|_| !out.is_null()).ok_or(Errno::FAULT)?;
    if family == AF_INET {
        let Ok(address) = text.parse::<Ipv4Addr>() else {
            return Ok(0);
        };
        // SAFETY: the caller's contract: room for an IPv4 address.
        unsafe { out.cast::<[u8; 4]>().write(address.octets()) };
    } else {
        let Ok(address) = text.parse::<Ipv6Addr>() else {
            return Ok(0);
        };
        // SAFETY: the caller's contract: room for an IPv6 address.
        unsafe { out.cast::<[u8; 16]>().write(address.octets()) };
    }
    Ok(1)
}

/// Writes an address of family `AF_INET` or `AF_INET6` as text and returns `out`.
///
/// Errors (NULL): `WSAEAFNOSUPPORT`, `WSAEFAULT` for NULL, `ERROR_INVALID_PARAMETER` when the text does not fit.
/// Microsoft: "inet_ntop function (ws2tcpip.h)".
///
/// # Safety
/// `address` is null or points to 4 or 16 bytes; `out` is null or has `room` writable bytes.
#[doc(alias = "InetNtopA")]
pub unsafe fn inet_ntop(family: i32, address: *const c_void, out: PSTR, room: usize) -> *const u8 {
    // SAFETY: the caller's contract.
    let text = unsafe { network_to_present(family, address, out.is_null()) };
    let written = text.and_then(|text| {
        // SAFETY: as above; not null.
        unsafe { strings::to_bytes(&text, out, room) }.map_err(|_| Errno::INVALID_PARAMETER)
    });
    answer::or(null(), written.map(|()| out.cast_const()))
}

/// [`inet_ntop`] for UTF-16; `room` counts units. Microsoft: "InetNtopW function (ws2tcpip.h)".
///
/// # Safety
/// As [`inet_ntop`].
#[doc(alias = "InetNtopW")]
pub unsafe fn inet_ntop_w(
    family: i32,
    address: *const c_void,
    out: PWSTR,
    room: usize,
) -> *const u16 {
    // SAFETY: the caller's contract.
    let text = unsafe { network_to_present(family, address, out.is_null()) };
    let written = text.and_then(|text| {
        // SAFETY: as above; not null.
        unsafe { strings::to_wide(&text, out, room) }.map_err(|_| Errno::INVALID_PARAMETER)
    });
    answer::or(null_mut(), written.map(|()| out)).cast_const()
}

/// # Safety
/// `address` is null or points to 4 or 16 bytes.
unsafe fn network_to_present(
    family: i32,
    address: *const c_void,
    nowhere: bool,
) -> Result<String, Errno> {
    if family != AF_INET && family != AF_INET6 {
        return Err(Errno::AFNOSUPPORT);
    }
    if address.is_null() || nowhere {
        return Err(Errno::FAULT);
    }
    if family == AF_INET {
        // SAFETY: the caller's contract.
        let octets = unsafe { address.cast::<[u8; 4]>().read() };
        return Ok(Ipv4Addr::from(octets).to_string());
    }
    // SAFETY: the caller's contract.
    let octets = unsafe { address.cast::<[u8; 16]>().read() };
    Ok(ipv6_text(Ipv6Addr::from(octets)))
}

/// The text of an IPv6 address as Windows writes it: an IPv4-compatible one ends in dotted form as a mapped one does.
pub(super) fn ipv6_text(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            let [.., a, b, c, d] = address.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;
    use std::ffi::CString;

    fn addr(text: &str) -> u32 {
        let text = CString::new(text).unwrap();
        // SAFETY: a NUL-terminated string.
        unsafe { inet_addr(text.as_ptr().cast()) }
    }

    #[test]
    fn inet_addr_reads_what_windows_reads() {
        // client-dll.md 5.3: inet_addr works without WSAStartup; rows of Wine's protocol.c test_inet_addr.
        let rows: [(&str, u32); 27] = [
            ("", 0),
            (" ", 0),
            ("\t", 0xffff_ffff),
            ("  ", 0xffff_ffff),
            ("1.2.3.4", 0x0403_0201),
            ("1 2 3 4", 0x0100_0000),
            ("1.2.3. 4", 0xffff_ffff),
            ("1.2.3 .4", 0x0300_0201),
            ("3.4.5.6.7", 0xffff_ffff),
            ("3.4.5.6  7", 0x0605_0403),
            ("127.127.127.255", 0xff7f_7f7f),
            ("127.127.127.255:123", 0xffff_ffff),
            ("127.127.127.256", 0xffff_ffff),
            ("1.2.3.0xaA", 0xaa03_0201),
            ("1.1.1.0x", 0xffff_ffff),
            ("1.2.3.010", 0x0803_0201),
            ("1.2.3.00", 0x0003_0201),
            ("1.2.3.0a", 0xffff_ffff),
            ("1.1.1.-2", 0xffff_ffff),
            ("1", 0x0100_0000),
            ("1.2", 0x0200_0001),
            ("1.2.3", 0x0300_0201),
            ("203569230", 0x4e38_220c),
            ("0x00010203", 0x0302_0100),
            ("017700000001", 0x0100_007f),
            ("0777", 0xff01_0000),
            ("::1", 0xffff_ffff),
        ];
        for (text, expected) in rows {
            assert_eq!(addr(text).to_ne_bytes(), expected.to_le_bytes(), "{text:?}");
        }
        process::set_last_error(0);
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { inet_addr(null()) }, INADDR_NONE);
        assert_eq!(process::last_error(), WSAEFAULT);
    }

    #[test]
    fn each_thread_has_its_own_inet_ntoa() {
        // client-dll.md 5.3: inet_ntoa; Wine's test_inet_ntoa: another thread's call leaves the text alone.
        let text = |address: IN_ADDR| {
            let text = inet_ntoa(address);
            // SAFETY: a NUL-terminated text that lasts until the next call.
            unsafe { strings::from_bytes(text) }.unwrap()
        };
        let address = |text: &str| IN_ADDR::from(text.parse::<Ipv4Addr>().unwrap());
        let kept = inet_ntoa(address("1.2.3.4"));
        let other = std::thread::spawn(move || text(address("255.255.255.255")))
            .join()
            .unwrap();
        assert_eq!(other, "255.255.255.255");
        // SAFETY: as above.
        assert_eq!(unsafe { strings::from_bytes(kept) }.unwrap(), "1.2.3.4");
    }

    #[test]
    fn inet_pton_is_strict() {
        // Wine's test_inet_pton: decimal parts without leading zeros, no blanks, no ports.
        let read = |family, text: &str| {
            let text = CString::new(text).unwrap();
            let mut out = [0u8; 16];
            // SAFETY: a NUL-terminated string and room for the longer address.
            let result =
                unsafe { inet_pton(family, text.as_ptr().cast(), out.as_mut_ptr().cast()) };
            (result, out)
        };
        for text in [
            "",
            " ",
            "127.127.127.256",
            "1.1.1.010",
            "1.1.1.0xaA",
            "1",
            "3.4.5.6 ",
            "::1",
        ] {
            assert_eq!(read(AF_INET, text).0, 0, "{text:?}");
        }
        assert_eq!(
            read(AF_INET, "1.2.3.4"),
            (1, [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        );
        for text in [
            "1.2.3.4",
            "::%16",
            "::01234",
            "1111:2222:3333:4444:5555:6666:7777::8888",
        ] {
            assert_eq!(read(AF_INET6, text).0, 0, "{text:?}");
        }
        for text in [
            "::",
            "0:0:0:0:0:0:0::",
            "::0:0:0:0:0:0:0",
            "1111::123.123.123.123",
        ] {
            assert_eq!(read(AF_INET6, text).0, 1, "{text:?}");
        }
        assert_eq!(read(AF_UNIX, "x").0, -1);
        assert_eq!(process::last_error(), WSAEAFNOSUPPORT);
    }

    #[test]
    fn inet_ntop_needs_room_for_the_nul() {
        // "inet_ntop function": ERROR_INVALID_PARAMETER when the buffer is too small.
        let address = [10u8, 0, 0, 1];
        let mut out = [0xffu8; 9];
        let place = out.as_mut_ptr();
        // SAFETY: an IPv4 address, and as much room as is said.
        let text = unsafe { inet_ntop(AF_INET, address.as_ptr().cast(), place, 8) };
        assert!(text.is_null());
        assert_eq!(process::last_error(), Errno::INVALID_PARAMETER.code());
        // SAFETY: as above.
        let text = unsafe { inet_ntop(AF_INET, address.as_ptr().cast(), place, 9) };
        assert!(!text.is_null());
        assert_eq!(&out, b"10.0.0.1\0");
        assert_eq!(ipv6_text("::1.2.3.4".parse().unwrap()), "::1.2.3.4");
        assert_eq!(ipv6_text("::1".parse().unwrap()), "::1");
    }
}
