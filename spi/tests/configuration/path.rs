//! WSCGetProviderPath.

use std::ptr;

use super::*;

/// The call with room for `capacity` units: its result, the length told, and the room afterwards.
fn get(provider: GUID, capacity: i32) -> (Result<i32, i32>, i32, Vec<u16>) {
    let mut len = capacity;
    let mut room = vec![0xeeee; 64];
    // SAFETY: the room has 64 units, more than any test says.
    let result = call(|errno| unsafe {
        api::wsc_get_provider_path(&provider, room.as_mut_ptr(), &raw mut len, errno)
    });
    (result, len, room)
}

#[test]
fn the_path_comes_as_installed_with_its_nul() {
    // U58, U62: %VAR% unexpanded, NUL-terminated; the length told is without the NUL.
    let _world = World::new();
    let path = "%BASE%/base.so";
    let (result, len, room) = get(PROVIDER_IPV4, 64);
    assert_eq!((result, len), (Ok(0), path.len() as i32));
    assert_eq!(room[..=path.len()], wide(path));
    assert_eq!(
        room[path.len() + 1],
        0xeeee,
        "nothing is written behind the NUL"
    );
}

#[test]
fn an_unknown_guid_is_refused() {
    // U59: WSAEINVAL, whatever the room.
    let _world = World::new();
    assert_eq!(get(guid(1), 64).0, code(Errno::INVAL));
    assert_eq!(get(guid(1), 0).0, code(Errno::INVAL));
}

#[test]
fn too_little_room_tells_what_is_needed() {
    // U60, U61, U63: WSAEFAULT, buffer untouched, the length told includes the NUL and suffices.
    let _world = World::new();
    let length = "%BASE%/base.so".len() as i32;
    for capacity in [length, 1, 0, -1] {
        let (result, len, room) = get(PROVIDER_IPV4, capacity);
        assert_eq!((result, len), (code(Errno::FAULT), length + 1));
        assert!(room.iter().all(|unit| *unit == 0xeeee));
    }
    assert_eq!(get(PROVIDER_IPV4, length + 1).0, Ok(0));
}

#[test]
fn null_pointers_are_refused() {
    // U64: WSAEFAULT.
    let _world = World::new();
    let (provider, mut room, mut len) = (PROVIDER_IPV4, [0u16; 64], 64);
    let (id, path, length) = (&raw const provider, room.as_mut_ptr(), &raw mut len);
    let rows = [
        (ptr::null(), path, length),
        (id, ptr::null_mut(), length),
        (id, path, ptr::null_mut()),
    ];
    for (id, path, length) in rows {
        // SAFETY: each pointer is null or names a value that lives through the call.
        let result = call(|errno| unsafe { api::wsc_get_provider_path(id, path, length, errno) });
        assert_eq!(result, code(Errno::FAULT));
    }
}

#[test]
fn the_32_bit_catalog_has_its_own_paths() {
    // 4.5: *32 variants act on the 32-bit catalog.
    let _world = World::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let (provider, mut room, mut len) = (guid(1), [0u16; 64], 64);
    // SAFETY: the room has 64 units.
    let result = call(|errno| unsafe {
        api::wsc_get_provider_path32(&provider, room.as_mut_ptr(), &raw mut len, errno)
    });
    assert_eq!(result, code(Errno::INVAL));
    assert_eq!(get(provider, 64).0, Ok(0));
}
