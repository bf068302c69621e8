//! WSCInstallProvider, WSCUpdateProvider, WSCDeinstallProvider.

use std::ptr;

use super::*;

#[test]
fn an_installed_provider_is_at_the_end_under_the_given_guid() {
    // U128: fresh increasing ids, the GUID argument as ProviderId.
    let world = World::new();
    assert_eq!(install(1, "a.so", &[named("a"), named("b")]), Ok(0));
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003, 1004, 1005]);
    assert_eq!(world.ids(Bits::ThirtyTwo), [1001, 1002, 1003]);
    let list = world.list(Bits::SixtyFour);
    let installed = list.provider(guid(1)).unwrap();
    assert_eq!((installed.path(), installed.name().as_str()), ("a.so", "a"));
}

#[test]
fn null_arguments_are_refused_in_order() {
    // U131: NULL GUID and path WSAEFAULT, NULL list WSAEINVAL; nothing is stored.
    let world = World::new();
    let (provider, path, infos) = (guid(1), wide("a.so"), [named("a")]);
    let rows: [(
        *const GUID,
        *const u16,
        *const WSAPROTOCOL_INFOW,
        u32,
        Errno,
    ); 5] = [
        (ptr::null(), ptr::null(), ptr::null(), 1, Errno::FAULT),
        (&provider, ptr::null(), ptr::null(), 1, Errno::FAULT),
        (&provider, path.as_ptr(), ptr::null(), 1, Errno::INVAL),
        (&provider, path.as_ptr(), ptr::null(), 0, Errno::INVAL),
        (&provider, path.as_ptr(), infos.as_ptr(), 0, Errno::INVAL),
    ];
    for (provider, path, infos, count, error) in rows {
        for function in [
            api::wsc_install_provider,
            api::wsc_install_provider64_32,
            api::wsc_update_provider,
            api::wsc_update_provider32,
        ] {
            // SAFETY: each pointer is null or names a value that lives through the call.
            let result = call(|errno| unsafe { function(provider, path, infos, count, errno) });
            assert_eq!(result, code(error));
        }
    }
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003]);
}

#[test]
fn a_null_errno_is_accepted() {
    // 1.1 rule 4 in spirit: the store is skipped, the call is not.
    let _world = World::new();
    // SAFETY: NULL arguments are allowed.
    let result = unsafe { api::wsc_deinstall_provider(ptr::null(), ptr::null_mut()) };
    assert_eq!(result, -1);
}

#[test]
fn a_guid_cannot_be_installed_twice() {
    // U130: WSANO_RECOVERY.
    let _world = World::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert_eq!(install(1, "b.so", &[named("b")]), code(Errno::NO_RECOVERY));
}

#[test]
fn a_path_beyond_max_path_is_refused() {
    // U138: WSAEINVAL; 259 characters and a NUL fit.
    let _world = World::new();
    assert_eq!(
        install(1, &"p".repeat(260), &[named("a")]),
        code(Errno::INVAL)
    );
    assert_eq!(install(1, "", &[named("a")]), code(Errno::INVAL));
    assert_eq!(install(1, &"p".repeat(259), &[named("a")]), Ok(0));
}

#[test]
fn text_that_is_no_utf16_is_refused_as_a_path() {
    // DIFFERS: Windows stores it; no path of this system looks like that.
    let _world = World::new();
    let (provider, path, infos) = (guid(1), [0xd800, 0], [named("a")]);
    // SAFETY: each pointer names a value that lives through the call.
    let result = call(|errno| unsafe {
        api::wsc_install_provider(&provider, path.as_ptr(), infos.as_ptr(), 1, errno)
    });
    assert_eq!(result, code(Errno::INVAL));
}

#[test]
fn the_64_32_variant_installs_in_both_catalogs() {
    // 4.5: same into both, all or nothing.
    let world = World::new();
    let (provider, path, infos) = (guid(1), wide("a.so"), [named("a")]);
    let both = |provider: &GUID| {
        // SAFETY: each pointer names a value that lives through the call.
        call(|errno| unsafe {
            api::wsc_install_provider64_32(provider, path.as_ptr(), infos.as_ptr(), 1, errno)
        })
    };
    assert_eq!(both(&provider), Ok(0));
    for bits in [Bits::SixtyFour, Bits::ThirtyTwo] {
        assert!(world.list(bits).provider(provider).is_some());
    }
}

#[test]
fn an_update_keeps_the_ids() {
    // 4.5: replaces path and entry data of an installed GUID.
    let world = World::new();
    assert_eq!(install(1, "a.so", &[named("a"), named("b")]), Ok(0));
    let (provider, path, infos) = (guid(1), wide("new.so"), [named("A"), named("B")]);
    // SAFETY: each pointer names a value that lives through the call.
    let result = call(|errno| unsafe {
        api::wsc_update_provider(&provider, path.as_ptr(), infos.as_ptr(), 2, errno)
    });
    assert_eq!(result, Ok(0));
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003, 1004, 1005]);
    let list = world.list(Bits::SixtyFour);
    let names: Vec<String> = list.entries()[3..]
        .iter()
        .map(|entry| entry.name())
        .collect();
    assert_eq!(names, ["A", "B"]);
    assert_eq!(list.entries()[4].path(), "new.so");
}

#[test]
fn updating_an_unknown_provider_is_refused() {
    // 4.5: WSAEINVAL; the 32-bit variant looks in its own catalog.
    let _world = World::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let (provider, path, infos) = (guid(1), wide("new.so"), [named("A")]);
    // SAFETY: each pointer names a value that lives through the call.
    let result = call(|errno| unsafe {
        api::wsc_update_provider32(&provider, path.as_ptr(), infos.as_ptr(), 1, errno)
    });
    assert_eq!(result, code(Errno::INVAL));
}

#[test]
fn a_provider_is_removed_from_its_catalog_only() {
    // U132: an unknown GUID is WSAEINVAL, NULL is WSAEFAULT.
    let world = World::new();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let provider = guid(1);
    // SAFETY: the GUID lives through the call.
    let result = call(|errno| unsafe { api::wsc_deinstall_provider32(&provider, errno) });
    assert_eq!(result, code(Errno::INVAL));
    // SAFETY: as above.
    let result = call(|errno| unsafe { api::wsc_deinstall_provider(&provider, errno) });
    assert_eq!(result, Ok(0));
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003]);
    // SAFETY: as above.
    let result = call(|errno| unsafe { api::wsc_deinstall_provider(&provider, errno) });
    assert_eq!(result, code(Errno::INVAL));
    // SAFETY: NULL is allowed.
    let result = call(|errno| unsafe { api::wsc_deinstall_provider(ptr::null(), errno) });
    assert_eq!(result, code(Errno::FAULT));
}
