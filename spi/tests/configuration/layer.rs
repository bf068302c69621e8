//! WSCInstallProviderAndChains.

use std::ptr;

use ws2spi::loader;
use ws2spi_abi::WSPDATA;
use ws2spi_abi::ffi::native;

use super::*;

/// A provider that loads; nothing here starts it.
unsafe extern "system" fn startup(
    _requested: u16,
    _data: *mut WSPDATA,
    _info: *const WSAPROTOCOL_INFOW,
    _upcalls: native::UpcallTable,
    _procs: *mut native::ProcTable,
) -> i32 {
    Errno::SYSNOTREADY.code()
}

const PATH: &str = "linked:configuration-layer";

/// The arguments of a call; the default ones are good.
struct Call<'a> {
    provider: Option<u128>,
    path: Option<&'a str>,
    name: Option<&'a str>,
    flags: u32,
    infos: Option<&'a [WSAPROTOCOL_INFOW]>,
}

impl Default for Call<'_> {
    fn default() -> Self {
        let (provider, path, name) = (Some(1), Some(PATH), Some("layer"));
        Self {
            provider,
            path,
            name,
            flags: 0,
            infos: None,
        }
    }
}

impl Call<'_> {
    /// Makes the call; the id told, or the error.
    fn make(&self) -> Result<u32, i32> {
        loader::link("configuration-layer", startup);
        let provider = self.provider.map(guid);
        let path = self.path.map(wide);
        let name = self.name.map(wide);
        let infos = self.infos.map_or(ptr::null(), <[_]>::as_ptr);
        let count = self.infos.map_or(0, <[_]>::len) as u32;
        let mut id = 0;
        // SAFETY: each pointer is null or names a value that lives through the call.
        let result = call(|errno| unsafe {
            api::wsc_install_provider_and_chains(
                provider.as_ref().map_or(ptr::null(), ptr::from_ref),
                path.as_ref().map_or(ptr::null(), Vec::as_ptr),
                name.as_ref().map_or(ptr::null(), Vec::as_ptr),
                self.flags,
                infos,
                count,
                &raw mut id,
                errno,
            )
        });
        result.map(|_| id)
    }
}

#[test]
fn a_layer_goes_over_every_base_and_its_chains_to_the_head() {
    // U136: NULL list; the id told is the hidden entry's.
    let world = World::new();
    assert_eq!(Call::default().make(), Ok(1004));
    assert_eq!(
        world.ids(Bits::SixtyFour),
        [1005, 1006, 1007, 1001, 1002, 1003, 1004]
    );
    assert_eq!(world.ids(Bits::ThirtyTwo), [1001, 1002, 1003]);
}

#[test]
fn a_list_names_what_to_go_over() {
    // 4.5: over the topmost entry matching each given info.
    let world = World::new();
    assert_eq!(
        Call {
            infos: Some(&base()[..1]),
            ..Call::default()
        }
        .make(),
        Ok(1004)
    );
    assert_eq!(world.ids(Bits::SixtyFour), [1005, 1001, 1002, 1003, 1004]);
    let second = Call {
        provider: Some(2),
        name: Some("second"),
        ..Call::default()
    };
    assert_eq!(
        Call {
            infos: Some(&base()[..1]),
            ..second
        }
        .make(),
        Ok(1006)
    );
    let list = world.list(Bits::SixtyFour);
    let top: Vec<u32> = list.entries()[0].chain().map(|id| id.get()).collect();
    // The chain layered over has the id after its layer's.
    assert_eq!(top, [1006, 1005, 1001]);
}

#[test]
fn bad_arguments_are_refused() {
    // U138: WSAEINVAL for each, and nothing is installed.
    let world = World::new();
    let long_name = "n".repeat(256);
    let long_path = "p".repeat(261);
    let other = [WSAPROTOCOL_INFOW {
        iProtocol: 99,
        ..base()[0]
    }];
    let rows = [
        Call {
            provider: None,
            ..Call::default()
        },
        Call {
            path: None,
            ..Call::default()
        },
        Call {
            path: Some(&long_path),
            ..Call::default()
        },
        Call {
            path: Some(""),
            ..Call::default()
        },
        Call {
            name: None,
            ..Call::default()
        },
        Call {
            name: Some(&long_name),
            ..Call::default()
        },
        Call {
            name: Some("TCP/IP"),
            ..Call::default()
        },
        Call {
            flags: 1,
            ..Call::default()
        },
        Call {
            infos: Some(&[]),
            ..Call::default()
        },
        Call {
            infos: Some(&other),
            ..Call::default()
        },
    ];
    for row in rows {
        assert_eq!(row.make(), Err(Errno::INVAL.code()), "{:?}", row.name);
    }
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003]);
    assert_eq!(Call::default().make(), Ok(1004));
    let again = Call {
        name: Some("again"),
        ..Call::default()
    };
    assert_eq!(
        again.make(),
        Err(Errno::INVAL.code()),
        "the GUID is installed"
    );
}

#[test]
fn a_module_that_cannot_serve_is_refused() {
    // 4.5: WSAEINVALIDPROCTABLE: it does not load, or has no WSPStartup.
    let world = World::new();
    for path in ["linked:nobody", "/no/such/module.so"] {
        let result = Call {
            path: Some(path),
            ..Call::default()
        }
        .make();
        assert_eq!(result, Err(Errno::INVALIDPROCTABLE.code()));
    }
    assert_eq!(world.ids(Bits::SixtyFour), [1001, 1002, 1003]);
}

#[test]
fn there_must_be_room_in_the_chain_and_a_base_below() {
    // U137: WSANO_RECOVERY over a chain of seven, and when there is no base at all.
    let world = World::new();
    let names: Vec<String> = (1..=7).map(|number| format!("layer {number}")).collect();
    for (number, name) in (1..).zip(&names) {
        let infos = &base()[..1];
        let call = Call {
            provider: Some(number),
            name: Some(name),
            infos: Some(infos),
            ..Call::default()
        };
        let expected = if number < 7 {
            None
        } else {
            Some(Errno::NO_RECOVERY.code())
        };
        assert_eq!(call.make().err(), expected, "{name}");
    }
    drop(world);
    let _world = World::with(&[]);
    assert_eq!(Call::default().make(), Err(Errno::NO_RECOVERY.code()));
}

#[test]
fn both_catalogs_get_the_layer_or_neither() {
    // 4.5: AndChains64_32 adds path32; without one the path serves both.
    let world = World::new();
    loader::link("configuration-layer", startup);
    let (path, path32) = (wide(PATH), wide("thirty-two.so"));
    let both = |number: u128, name: &str, path32: *const u16| {
        let (provider, name, mut id) = (guid(number), wide(name), 0);
        // SAFETY: each pointer is null or names a value that lives through the call.
        let result = call(|errno| unsafe {
            api::wsc_install_provider_and_chains64_32(
                &provider,
                path.as_ptr(),
                path32,
                name.as_ptr(),
                XP1_IFS_HANDLES,
                ptr::null(),
                0,
                &raw mut id,
                errno,
            )
        });
        result.map(|_| id)
    };
    assert_eq!(both(1, "one", path32.as_ptr()), Ok(1004));
    assert_eq!(both(2, "two", ptr::null()), Ok(1008));
    let path_of = |bits, number| {
        world
            .list(bits)
            .provider(guid(number))
            .unwrap()
            .path()
            .to_owned()
    };
    assert_eq!(path_of(Bits::SixtyFour, 1), PATH);
    assert_eq!(path_of(Bits::ThirtyTwo, 1), "thirty-two.so");
    assert_eq!(path_of(Bits::ThirtyTwo, 2), PATH);

    let provider = guid(2);
    // SAFETY: the GUID lives through the call.
    let removed = call(|errno| unsafe { api::wsc_deinstall_provider(&provider, errno) });
    assert_eq!(removed, Ok(0));
    let before = world.catalog.state().unwrap();
    assert_eq!(
        both(2, "three", ptr::null()),
        Err(Errno::INVAL.code()),
        "32 bits still has it"
    );
    assert_eq!(world.catalog.state().unwrap(), before);
}
