//! WSCGetApplicationCategory, WSCSetApplicationCategory.

use std::ptr;

use ws2spi_abi::LSP_FIREWALL;
use ws2spi_abi::LSP_INSPECTOR;
use ws2spi_abi::LSP_SYSTEM;

use super::*;

fn permit(path: &str, extra: Option<&str>, categories: u32) -> (Result<i32, i32>, u32) {
    let path: Vec<u16> = path.encode_utf16().collect();
    let extra: Option<Vec<u16>> = extra.map(|extra| extra.encode_utf16().collect());
    let (extra_units, extra_len) = parts(&extra);
    let mut previous = 0x77;
    let len = path.len() as u32;
    // SAFETY: as many units as each length says.
    let result = call(|errno| unsafe {
        let (path, previous) = (path.as_ptr(), &raw mut previous);
        api::wsc_set_application_category(
            path,
            len,
            extra_units,
            extra_len,
            categories,
            previous,
            errno,
        )
    });
    (result, previous)
}

fn permitted(path: &str, extra: Option<&str>) -> Result<u32, i32> {
    let path: Vec<u16> = path.encode_utf16().collect();
    let extra: Option<Vec<u16>> = extra.map(|extra| extra.encode_utf16().collect());
    let (extra, extra_len) = parts(&extra);
    let mut categories = 0;
    let len = path.len() as u32;
    // SAFETY: as many units as each length says.
    let result = call(|errno| unsafe {
        let (path, out) = (path.as_ptr(), &raw mut categories);
        api::wsc_get_application_category(path, len, extra, extra_len, out, errno)
    });
    result.map(|_| categories)
}

fn parts(text: &Option<Vec<u16>>) -> (*const u16, u32) {
    text.as_ref().map_or((ptr::null(), 0), |units| {
        (units.as_ptr(), units.len() as u32)
    })
}

#[test]
fn categories_are_ored_per_path_and_extra() {
    // U140: the previous ones are told; "" is no extra.
    let _world = World::new();
    assert_eq!(permit("/bin/a", None, LSP_SYSTEM), (Ok(0), 0));
    assert_eq!(
        permit("/bin/a", Some(""), LSP_FIREWALL),
        (Ok(0), LSP_SYSTEM)
    );
    assert_eq!(permit("/bin/a", Some("-k x"), LSP_INSPECTOR), (Ok(0), 0));
    assert_eq!(permitted("/bin/a", None), Ok(LSP_SYSTEM | LSP_FIREWALL));
    assert_eq!(permitted("/bin/a", Some("-k x")), Ok(LSP_INSPECTOR));
}

#[test]
fn an_application_that_was_never_categorised_is_not_found() {
    // U140: WSASERVICE_NOT_FOUND.
    let _world = World::new();
    assert_eq!(permit("/bin/a", Some("-k x"), LSP_SYSTEM).0, Ok(0));
    for (path, extra) in [("/bin/b", None), ("/bin/a", None), ("/bin/a", Some("-k y"))] {
        assert_eq!(permitted(path, extra), Err(Errno::SERVICE_NOT_FOUND.code()));
    }
}

#[test]
fn a_categorised_application_starts_without_the_layers_it_does_not_permit() {
    // U141: evaluated at the first WSAStartup, for the executable that runs; an uncategorised layer
    // is never in an LSP_SYSTEM application.
    let world = World::new();
    let mut layer = named("layer");
    layer.ProtocolChain.ChainLen = 0;
    assert_eq!(install(1, "layer.so", &[layer]), Ok(0));
    let mut chain = named("layer over TCP/IP");
    chain.ProtocolChain.ChainLen = 2;
    chain.ProtocolChain.ChainEntries[..2].copy_from_slice(&[1004, 1001]);
    assert_eq!(install(2, "layer.so", &[chain]), Ok(0));
    let usable = || {
        let _started = Started::new();
        let mut bytes = 0;
        // SAFETY: NULL is allowed.
        let count =
            unsafe { api::wsa_enum_protocols_w(ptr::null(), ptr::null_mut(), &raw mut bytes) };
        assert_eq!(count, -1);
        bytes / size_of::<WSAPROTOCOL_INFOW>() as u32
    };
    assert_eq!(usable(), 3);
    let program = std::env::current_exe().unwrap();
    assert_eq!(permit(program.to_str().unwrap(), None, LSP_SYSTEM).0, Ok(0));
    assert_eq!(usable(), 2);
    world
        .catalog
        .categorize(Bits::SixtyFour, guid(1), LSP_SYSTEM)
        .unwrap();
    assert_eq!(usable(), 3);
}

#[test]
fn environment_strings_in_the_path_are_expanded() {
    // D: the path "can contain embedded environment strings".
    let _world = World::new();
    let home = std::env::var("PATH").unwrap();
    assert_eq!(permit("%PATH%/a", None, LSP_SYSTEM).0, Ok(0));
    assert_eq!(permitted(&format!("{home}/a"), None), Ok(LSP_SYSTEM));
}

#[test]
fn bad_arguments_are_refused() {
    // 4.5: NULL WSAEFAULT, no text WSAEINVAL; previous is optional.
    let _world = World::new();
    let path = wide("/bin/a");
    let mut out = 0;
    let none = ptr::null();
    // SAFETY: each pointer is null or has as many units as its length says.
    let null_path = call(|errno| unsafe {
        api::wsc_get_application_category(none, 6, none, 0, &raw mut out, errno)
    });
    assert_eq!(null_path, code(Errno::FAULT));
    // SAFETY: as above.
    let null_out = call(|errno| unsafe {
        api::wsc_get_application_category(path.as_ptr(), 6, none, 0, ptr::null_mut(), errno)
    });
    assert_eq!(null_out, code(Errno::FAULT));
    // SAFETY: as above; the length counts the NUL, which is no part of a path.
    let nul = call(|errno| unsafe {
        api::wsc_get_application_category(path.as_ptr(), 7, none, 0, &raw mut out, errno)
    });
    assert_eq!(nul, code(Errno::INVAL));
    assert_eq!(permit("", None, 1).0, code(Errno::INVAL));
    // SAFETY: as above.
    let optional = call(|errno| unsafe {
        let previous = ptr::null_mut();
        api::wsc_set_application_category(path.as_ptr(), 6, none, 0, 1, previous, errno)
    });
    assert_eq!(optional, Ok(0));
}

#[test]
fn a_path_longer_than_any_is_refused_unread() {
    // Bad input: a length that no path has is WSAEINVAL and not a crash.
    let _world = World::new();
    let path = wide("/bin/a");
    let mut out = 0;
    // SAFETY: nothing is read: the length is out of bounds.
    let result = call(|errno| unsafe {
        let none = ptr::null();
        api::wsc_get_application_category(path.as_ptr(), u32::MAX, none, 0, &raw mut out, errno)
    });
    assert_eq!(result, code(Errno::INVAL));
}
