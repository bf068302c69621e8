//! The version that `WSAStartup` agrees on, as Windows answers it.
//!
//! Version words carry the major number in the low byte and the minor in the high byte.

use ws2spi_abi::{Errno, WSADATA};

/// The only version that the client DLL speaks to providers, and the highest it offers to applications.
pub const HIGHEST: u16 = 0x0202;

/// The agreed version of a request, `None` for major version 0 (U115, U116).
#[must_use]
pub fn negotiate(requested: u16) -> Option<u16> {
    let (major, minor) = (requested & 0xff, requested >> 8);
    match major {
        0 => None,
        1 => Some(1 | minor.min(1) << 8),
        2 => Some(2 | minor.min(2) << 8),
        _ => Some(HIGHEST),
    }
}

/// Whether a version has the blocking hooks of Winsock 1.1.
#[must_use]
pub fn is_legacy(version: u16) -> bool {
    version & 0xff < 2
}

/// Fills what `WSAStartup` reports; `lpVendorInfo` is left as the application has it (U118).
///
/// # Errors
/// `WSAVERNOTSUPPORTED` for major version 0; the block says 2.2 then (U115).
pub fn describe(data: &mut WSADATA, requested: u16) -> Result<u16, Errno> {
    let agreed = negotiate(requested);
    data.wVersion = agreed.unwrap_or(HIGHEST);
    data.wHighVersion = HIGHEST;
    let legacy = agreed.is_some_and(is_legacy);
    data.iMaxSockets = if legacy { 32767 } else { 0 };
    data.iMaxUdpDg = if legacy { 65467 } else { 0 };
    copy_text(&mut data.szDescription, b"WinSock 2.0");
    copy_text(&mut data.szSystemStatus, b"Running");
    agreed.ok_or(Errno::VERNOTSUPPORTED)
}

fn copy_text(to: &mut [u8], text: &[u8]) {
    to.fill(0);
    if let Some(place) = to.get_mut(..text.len()) {
        place.copy_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(major: u16, minor: u16) -> u16 {
        major | minor << 8
    }

    #[test]
    fn every_requested_version_gets_the_answer_of_windows() {
        // U116: 1.0->1.0, 1.1->1.1, 1.5->1.1, 2.0->2.0, 2.3->2.2, 3.0->2.2, 255.255->2.2.
        let rows = [
            (word(1, 0), word(1, 0)),
            (word(1, 1), word(1, 1)),
            (word(1, 5), word(1, 1)),
            (word(2, 0), word(2, 0)),
            (word(2, 1), word(2, 1)),
            (word(2, 2), word(2, 2)),
            (word(2, 3), word(2, 2)),
            (word(3, 0), word(2, 2)),
            (word(255, 255), word(2, 2)),
        ];
        for (requested, agreed) in rows {
            let mut data = WSADATA::EMPTY;
            assert_eq!(describe(&mut data, requested), Ok(agreed), "{requested:#x}");
            assert_eq!(data.wVersion, agreed);
            assert_eq!(data.wHighVersion, word(2, 2));
        }
    }

    #[test]
    fn major_version_zero_is_refused_and_two_two_filled_in() {
        // U115: major version 0 gives WSAVERNOTSUPPORTED; wVersion 2.2 filled.
        let mut data = WSADATA::EMPTY;
        assert_eq!(describe(&mut data, word(0, 9)), Err(Errno::VERNOTSUPPORTED));
        assert_eq!(data.wVersion, word(2, 2));
    }

    #[test]
    fn limits_are_reported_to_legacy_applications_only() {
        // U118: iMaxSockets 32767 / iMaxUdpDg 65467 for 1.x, 0/0 for 2.x.
        let mut data = WSADATA::EMPTY;
        assert_eq!(describe(&mut data, word(1, 1)), Ok(word(1, 1)));
        assert_eq!((data.iMaxSockets, data.iMaxUdpDg), (32767, 65467));
        assert_eq!(describe(&mut data, word(2, 2)), Ok(word(2, 2)));
        assert_eq!((data.iMaxSockets, data.iMaxUdpDg), (0, 0));
        assert_eq!(
            data.szDescription.get(..12),
            Some(b"WinSock 2.0\0".as_slice())
        );
        assert_eq!(data.szSystemStatus.get(..8), Some(b"Running\0".as_slice()));
    }
}
