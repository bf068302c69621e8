//! WSCEnumProtocols.

use std::ptr;

use ws2spi_abi::WSAPROTOCOL_INFOA;

use super::*;

const SIZE: u32 = size_of::<WSAPROTOCOL_INFOW>() as u32;

/// The ids told when there is room enough.
fn enumerate(protocols: Option<&[i32]>) -> Result<Vec<u32>, i32> {
    let mut infos = [WSAPROTOCOL_INFOW::EMPTY; 16];
    let mut bytes = 16 * SIZE;
    let protocols = protocols.map_or(ptr::null(), <[i32]>::as_ptr);
    // SAFETY: the room has 16 elements; each list ends with 0.
    let result = call(|errno| unsafe {
        api::wsc_enum_protocols(protocols, infos.as_mut_ptr(), &raw mut bytes, errno)
    });
    result.map(|count| {
        infos[..count as usize]
            .iter()
            .map(|info| info.dwCatalogEntryId)
            .collect()
    })
}

#[test]
fn everything_is_told_in_catalog_order() {
    // U123: hidden entries and layers too; U134: as the catalog is now.
    let _world = World::new();
    let mut layer = named("layer");
    layer.ProtocolChain.ChainLen = 0;
    assert_eq!(install(1, "a.so", &[layer]), Ok(0));
    assert_eq!(enumerate(None), Ok(vec![1001, 1002, 1003, 1004]));
}

#[test]
fn a_list_filters_by_range() {
    // U126; 4.5: {255,0} lists the RAW entry.
    let _world = World::new();
    assert_eq!(enumerate(Some(&[6, 0])), Ok(vec![1001, 1003]));
    assert_eq!(enumerate(Some(&[255, 0])), Ok(vec![1003]));
    assert_eq!(enumerate(Some(&[0])), Ok(vec![]));
}

#[test]
fn too_little_room_tells_the_bytes_needed() {
    // U125: WSAENOBUFS and a multiple of 628, also for a NULL buffer.
    let _world = World::new();
    let mut infos = [WSAPROTOCOL_INFOW::EMPTY; 3];
    for capacity in [0, 3 * SIZE - 1] {
        let mut bytes = capacity;
        // SAFETY: the room has three elements.
        let result = call(|errno| unsafe {
            api::wsc_enum_protocols(ptr::null(), infos.as_mut_ptr(), &raw mut bytes, errno)
        });
        assert_eq!((result, bytes), (code(Errno::NOBUFS), 3 * 628));
        assert_eq!(infos, [WSAPROTOCOL_INFOW::EMPTY; 3], "nothing is written");
    }
    let mut bytes = 100 * SIZE;
    // SAFETY: NULL is allowed.
    let result = call(|errno| unsafe {
        api::wsc_enum_protocols(ptr::null(), ptr::null_mut(), &raw mut bytes, errno)
    });
    assert_eq!((result, bytes), (code(Errno::NOBUFS), 3 * 628));
    // SAFETY: the room has three elements.
    let result = call(|errno| unsafe {
        api::wsc_enum_protocols(ptr::null(), infos.as_mut_ptr(), &raw mut bytes, errno)
    });
    assert_eq!(result, Ok(3), "what was told suffices");
}

#[test]
fn a_null_length_is_refused() {
    // 4.5: WSAEFAULT.
    let _world = World::new();
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    // SAFETY: NULL is allowed.
    let result = call(|errno| unsafe {
        api::wsc_enum_protocols(ptr::null(), &raw mut info, ptr::null_mut(), errno)
    });
    assert_eq!(result, code(Errno::FAULT));
}

#[test]
fn the_32_bit_catalog_is_told_apart() {
    // 4.5: *32 variants act on the 32-bit catalog.
    let _world = World::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let mut bytes = 0;
    // SAFETY: NULL is allowed.
    let result = call(|errno| unsafe {
        api::wsc_enum_protocols32(ptr::null(), ptr::null_mut(), &raw mut bytes, errno)
    });
    assert_eq!((result, bytes), (code(Errno::NOBUFS), 3 * 628));
}

/// WSAEnumProtocolsW with room enough: ids, or the last error.
fn usable(protocols: *const i32) -> Result<Vec<u32>, i32> {
    let mut infos = [WSAPROTOCOL_INFOW::EMPTY; 16];
    let mut bytes = 16 * SIZE;
    // SAFETY: the room has 16 elements; each list ends with 0.
    let count = unsafe { api::wsa_enum_protocols_w(protocols, infos.as_mut_ptr(), &raw mut bytes) };
    match usize::try_from(count) {
        Ok(count) => Ok(infos[..count]
            .iter()
            .map(|info| info.dwCatalogEntryId)
            .collect()),
        Err(_) => Err(api::wsa_get_last_error()),
    }
}

#[test]
fn applications_see_neither_hidden_entries_nor_layers() {
    // U124, U126: RAW/IP is hidden, the layer of ChainLen 0; {0} gives none.
    let _world = World::new();
    let mut layer = named("layer");
    layer.ProtocolChain.ChainLen = 0;
    assert_eq!(install(1, "a.so", &[layer]), Ok(0));
    let _started = Started::new();
    assert_eq!(usable(ptr::null()), Ok(vec![1001, 1002]));
    assert_eq!(usable([6, 0].as_ptr()), Ok(vec![1001]));
    assert_eq!(usable([0].as_ptr()), Ok(vec![]));
}

#[test]
fn an_installation_is_invisible_to_a_started_process() {
    // U134: until clean-up and a new start; WSCEnumProtocols sees it at once.
    let _world = World::new();
    let started = Started::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert_eq!(usable(ptr::null()), Ok(vec![1001, 1002]));
    assert_eq!(enumerate(None), Ok(vec![1001, 1002, 1003, 1004]));
    drop(started);
    let _again = Started::new();
    assert_eq!(usable(ptr::null()), Ok(vec![1001, 1002, 1004]));
}

#[test]
fn applications_must_have_started_winsock() {
    // U122: WSANOTINITIALISED wins over bad arguments.
    let _world = World::new();
    assert_eq!(usable(ptr::null()), Err(Errno::NOTINITIALISED.code()));
    let none = ptr::null_mut();
    // SAFETY: NULL is allowed.
    let count = unsafe { api::wsa_enum_protocols_a(ptr::null(), ptr::null_mut(), none) };
    assert_eq!(
        (count, api::wsa_get_last_error()),
        (-1, Errno::NOTINITIALISED.code())
    );
}

#[test]
fn both_forms_tell_applications_the_bytes_they_need() {
    // U125: WSAENOBUFS and a multiple of 628, of 372 in the narrow form; 4.5: without a length
    // WSAEFAULT, in the narrow form WSAENOBUFS.
    let _world = World::new();
    let _started = Started::new();
    let (mut wide, mut narrow) = (0, 0);
    let (no_list, no_room) = (ptr::null(), ptr::null_mut());
    // SAFETY: NULL is allowed.
    let count = unsafe { api::wsa_enum_protocols_w(no_list, no_room, &raw mut wide) };
    assert_eq!(
        (count, api::wsa_get_last_error()),
        (-1, Errno::NOBUFS.code())
    );
    // SAFETY: NULL is allowed.
    let count = unsafe { api::wsa_enum_protocols_a(no_list, ptr::null_mut(), &raw mut narrow) };
    assert_eq!(
        (count, api::wsa_get_last_error()),
        (-1, Errno::NOBUFS.code())
    );
    assert_eq!((wide, narrow), (2 * 628, 2 * 372));

    let none = ptr::null_mut();
    // SAFETY: NULL is allowed.
    let count = unsafe { api::wsa_enum_protocols_w(no_list, no_room, none) };
    assert_eq!(
        (count, api::wsa_get_last_error()),
        (-1, Errno::FAULT.code())
    );
    // SAFETY: NULL is allowed.
    let count = unsafe { api::wsa_enum_protocols_a(no_list, ptr::null_mut(), none) };
    assert_eq!(
        (count, api::wsa_get_last_error()),
        (-1, Errno::NOBUFS.code())
    );
}

#[test]
fn the_narrow_form_has_the_names_in_bytes() {
    // 4.1: WSAPROTOCOL_INFOA is the same but for szProtocol.
    let _world = World::new();
    let _started = Started::new();
    let mut infos = [WSAPROTOCOL_INFOA::EMPTY; 2];
    let mut bytes = size_of_val(&infos) as u32;
    // SAFETY: the room has two elements.
    let count =
        unsafe { api::wsa_enum_protocols_a(ptr::null(), infos.as_mut_ptr(), &raw mut bytes) };
    assert_eq!(count, 2);
    assert_eq!(infos[1].dwCatalogEntryId, 1002);
    assert_eq!(&infos[1].szProtocol[..7], b"UDP/IP\0");
}
