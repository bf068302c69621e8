//! Between the two forms of a catalog entry: its name in UTF-16 and in bytes.

use ws2spi_abi::{WSAPROTOCOL_INFOA, WSAPROTOCOL_INFOW};

macro_rules! same_fields {
    ($from:expr => $into:ident { $($field:ident)* }) => {
        $into { $($field: $from.$field,)* ..$into::EMPTY }
    };
}

/// The entry with its name in bytes: UTF-8, cut at a character when it does not fit.
pub fn narrow(info: &WSAPROTOCOL_INFOW) -> WSAPROTOCOL_INFOA {
    let mut out = same_fields!(info => WSAPROTOCOL_INFOA {
        dwServiceFlags1 dwServiceFlags2 dwServiceFlags3 dwServiceFlags4 dwProviderFlags ProviderId dwCatalogEntryId ProtocolChain
        iVersion iAddressFamily iMaxSockAddr iMinSockAddr iSocketType iProtocol iProtocolMaxOffset iNetworkByteOrder iSecurityScheme
        dwMessageSize dwProviderReserved
    });
    let end = info
        .szProtocol
        .iter()
        .position(|unit| *unit == 0)
        .unwrap_or(info.szProtocol.len());
    let mut used = 0;
    for decoded in char::decode_utf16(info.szProtocol.iter().take(end).copied()) {
        let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        let next = used + character.len_utf8();
        // The last byte stays NUL.
        if next >= out.szProtocol.len() {
            break;
        }
        if let Some(place) = out.szProtocol.get_mut(used..next) {
            character.encode_utf8(place);
        }
        used = next;
    }
    out
}

/// The entry with its name in UTF-16.
pub fn widen(info: &WSAPROTOCOL_INFOA) -> WSAPROTOCOL_INFOW {
    let mut out = same_fields!(info => WSAPROTOCOL_INFOW {
        dwServiceFlags1 dwServiceFlags2 dwServiceFlags3 dwServiceFlags4 dwProviderFlags ProviderId dwCatalogEntryId ProtocolChain
        iVersion iAddressFamily iMaxSockAddr iMinSockAddr iSocketType iProtocol iProtocolMaxOffset iNetworkByteOrder iSecurityScheme
        dwMessageSize dwProviderReserved
    });
    let end = info
        .szProtocol
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(info.szProtocol.len());
    let name = info.szProtocol.get(..end).unwrap_or_default();
    let text = String::from_utf8_lossy(name);
    let room = out.szProtocol.len() - 1;
    for (place, unit) in out
        .szProtocol
        .iter_mut()
        .zip(text.encode_utf16().take(room))
    {
        *place = unit;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_carry_the_same_entry() {
        // U163: SO_PROTOCOL_INFOA is SO_PROTOCOL_INFOW with its name converted.
        let mut info = WSAPROTOCOL_INFOW {
            dwCatalogEntryId: 1003,
            iProtocol: 6,
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        for (place, unit) in info.szProtocol.iter_mut().zip("Tcp/ü".encode_utf16()) {
            *place = unit;
        }
        let narrowed = narrow(&info);
        assert_eq!(narrowed.szProtocol.get(..7), Some("Tcp/ü\0".as_bytes()));
        assert_eq!(widen(&narrowed), info);
    }

    #[test]
    fn a_name_that_fills_the_field_keeps_its_nul() {
        // U4: the names are 255 characters at most and NUL-terminated.
        let info = WSAPROTOCOL_INFOW {
            szProtocol: [u16::from(b'x'); 256],
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        assert_eq!(narrow(&info).szProtocol.last(), Some(&0));
        let wide = widen(&WSAPROTOCOL_INFOA {
            szProtocol: [b'x'; 256],
            ..WSAPROTOCOL_INFOA::EMPTY
        });
        assert_eq!(wide.szProtocol.last(), Some(&0));
    }
}
