//! WSCGetProviderInfo, WSCSetProviderInfo.

use std::ptr;

use ws2spi_abi::LSP_FIREWALL;
use ws2spi_abi::LSP_SYSTEM;
use ws2spi_abi::ProviderInfoAudit;
use ws2spi_abi::ProviderInfoLspCategories;

use super::*;

/// The call with room for `capacity` bytes: its result, the size told, and the room afterwards.
fn get(provider: GUID, class: i32, capacity: usize) -> (Result<i32, i32>, usize, [u8; 8]) {
    let mut size = capacity;
    let mut room = [0xee; 8];
    // SAFETY: the room has 8 bytes, no test says more.
    let result = call(|errno| unsafe {
        api::wsc_get_provider_info(&provider, class, room.as_mut_ptr(), &raw mut size, 0, errno)
    });
    (result, size, room)
}

fn set(provider: GUID, class: i32, bytes: &[u8]) -> Result<i32, i32> {
    // SAFETY: as many bytes as the slice has.
    call(|errno| unsafe {
        api::wsc_set_provider_info(&provider, class, bytes.as_ptr(), bytes.len(), 0, errno)
    })
}

#[test]
fn categories_are_declared_and_told() {
    // 4.5: type 0 is the categories' DWORD; an undeclared provider has none.
    let _world = World::new();
    let zero = [0, 0, 0, 0, 0xee, 0xee, 0xee, 0xee];
    assert_eq!(
        get(PROVIDER_IPV4, ProviderInfoLspCategories, 8),
        (Ok(0), 4, zero)
    );
    let categories = LSP_SYSTEM | LSP_FIREWALL;
    let bytes = categories.to_ne_bytes();
    assert_eq!(set(PROVIDER_IPV4, ProviderInfoLspCategories, &bytes), Ok(0));
    let (result, size, room) = get(PROVIDER_IPV4, ProviderInfoLspCategories, 4);
    assert_eq!((result, size), (Ok(0), 4));
    assert_eq!(room[..4], bytes);
}

#[test]
fn the_audit_class_is_not_implemented() {
    // U139: error 120, before anything else is looked at; other classes are WSAEINVAL.
    let _world = World::new();
    let none = guid(1);
    assert_eq!(get(none, ProviderInfoAudit, 0).0, Err(120));
    assert_eq!(set(none, ProviderInfoAudit, &[]), Err(120));
    assert_eq!(get(PROVIDER_IPV4, 2, 4).0, code(Errno::INVAL));
    assert_eq!(set(PROVIDER_IPV4, -1, &[0; 4]), code(Errno::INVAL));
}

#[test]
fn an_unknown_provider_is_refused() {
    // U139: asking is WSAEINVALIDPROVIDER, telling WSAEINVAL.
    let _world = World::new();
    let class = ProviderInfoLspCategories;
    assert_eq!(get(guid(1), class, 4).0, code(Errno::INVALIDPROVIDER));
    assert_eq!(set(guid(1), class, &[0; 4]), code(Errno::INVAL));
}

#[test]
fn too_little_room_tells_the_size() {
    // U139: WSAEFAULT and the size, also for a NULL buffer; nothing else is written.
    let _world = World::new();
    let class = ProviderInfoLspCategories;
    assert_eq!(
        get(PROVIDER_IPV4, class, 3),
        (code(Errno::FAULT), 4, [0xee; 8])
    );
    let (provider, mut size) = (PROVIDER_IPV4, 100);
    // SAFETY: NULL is allowed.
    let result = call(|errno| unsafe {
        api::wsc_get_provider_info(&provider, class, ptr::null_mut(), &raw mut size, 0, errno)
    });
    assert_eq!((result, size), (code(Errno::FAULT), 4));
    assert_eq!(set(PROVIDER_IPV4, class, &[0; 3]), code(Errno::FAULT));
}

#[test]
fn null_pointers_are_refused() {
    // 4.5: WSAEFAULT.
    let _world = World::new();
    let (class, provider, mut room, mut size) = (0, PROVIDER_IPV4, [0u8; 4], 4usize);
    // SAFETY: each pointer is null or names a value that lives through the call.
    let without_id = call(|errno| unsafe {
        api::wsc_get_provider_info(
            ptr::null(),
            class,
            room.as_mut_ptr(),
            &raw mut size,
            0,
            errno,
        )
    });
    // SAFETY: as above.
    let without_size = call(|errno| unsafe {
        let none = ptr::null_mut();
        api::wsc_get_provider_info(&provider, class, room.as_mut_ptr(), none, 0, errno)
    });
    // SAFETY: as above.
    let without_info = call(|errno| unsafe {
        api::wsc_set_provider_info(&provider, class, ptr::null(), 4, 0, errno)
    });
    for result in [without_id, without_size, without_info] {
        assert_eq!(result, code(Errno::FAULT));
    }
}

#[test]
fn the_32_bit_catalog_has_its_own_categories() {
    // 4.5: *32 variants act on the 32-bit catalog.
    let world = World::new();
    let (provider, bytes) = (PROVIDER_IPV4, LSP_FIREWALL.to_ne_bytes());
    // SAFETY: four bytes.
    let result = call(|errno| unsafe {
        api::wsc_set_provider_info32(&provider, 0, bytes.as_ptr(), 4, 0, errno)
    });
    assert_eq!(result, Ok(0));
    let categories = |bits| world.list(bits).provider(provider).unwrap().categories();
    assert_eq!(categories(Bits::SixtyFour), None);
    assert_eq!(categories(Bits::ThirtyTwo), Some(LSP_FIREWALL));
    let (mut room, mut size) = ([0u8; 4], 4);
    // SAFETY: the room has four bytes.
    let result = call(|errno| unsafe {
        let room = room.as_mut_ptr();
        api::wsc_get_provider_info32(&provider, 0, room, &raw mut size, 0, errno)
    });
    assert_eq!((result, room), (Ok(0), bytes));
}
