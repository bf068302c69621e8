//! Handles that nobody registered, seen from C: inherited sockets, which a provider in C claims, and what is no socket.

use crate::worlds::*;
use ws2spi_abi::*;
use ws2spi_cli::installer::{self, Handles};
use ws2spi_kernel::handles;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::memory_file::MemoryFile;
use ws2spi_tests::upcalls::{FAMILY, ID, Provider, Slot};
use ws2spi_tests::{Socket, configuration, isolated, providers, winsock};

/// Whether the client DLL knows whose a live handle is.
fn is_owned(handle: HANDLE) -> bool {
    let pin = handles::pin(handle).expect("it is open");
    pin.owner().is_some()
}

/// The entry that a socket says it belongs to.
fn entry_of(s: SOCKET) -> u32 {
    let length = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let bytes = borrowed(s).option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, length);
    let info = WSAPROTOCOL_INFOW::decode(&bytes.expect("a socket tells its entry"));
    info.expect("it is a whole structure").dwCatalogEntryId
}

/// The next bytes of a file.
fn read(file: HANDLE) -> [u8; 5] {
    let (mut room, mut count) = ([0; 5], 0);
    let (start, count_out) = (room.as_mut_ptr(), &raw mut count);
    // SAFETY: as much room as is said; a live local.
    let result = unsafe { winsock::ReadFile(file, start, 5, count_out, std::ptr::null_mut()) };
    assert_eq!((result, count), (TRUE, 5));
    room
}

// U157: sockets of an earlier run are no sockets in the next one, for any function, and no provider hears of them.
#[test]
fn handles_of_an_earlier_run_are_no_sockets() {
    isolated!();
    with_bases([0, XP1_IFS_HANDLES], |[base, probed]| {
        let stale = [base.socket().into_raw(), Socket::tcp(AF_INET).into_raw()];
        cleanup();
        configuration::startup();
        base.start();
        probed.start();
        let closes = base.provider.calls(Slot::CloseSocket);
        for s in stale {
            base.provider.expect_no_socket(s);
        }
        assert_eq!(base.provider.calls(Slot::CloseSocket), closes);
        assert_eq!(probed.provider.calls(Slot::GetSockOpt), 0);
    });
}

// U158: a live file that is no socket: every function says WSAENOTSOCK after the IFS providers were asked, and the file is open, where
// it was and as it was.
#[test]
fn a_file_is_asked_about_and_left_alone() {
    isolated!();
    with_bases([XP1_IFS_HANDLES; 2], |[one, other]| {
        let file = MemoryFile::open(b"firstthird".to_vec());
        assert_eq!(&read(file.raw()), b"first");
        let flags = handles::pin(file.raw()).expect("it is open").flags();
        one.start();
        one.provider.expect_no_socket(file.raw());
        for base in [one, other] {
            assert!(base.provider.calls(Slot::GetSockOpt) > 30);
            assert_eq!(base.provider.calls(Slot::Listen), 0);
        }
        assert_eq!(handles::pin(file.raw()).expect("it is open").flags(), flags);
        assert!(!is_owned(file.raw()));
        assert_eq!(&read(file.raw()), b"third");
    });
}

// U159: the first call on an inherited socket asks the IFS providers in catalog order until one knows it; the second call asks nobody.
#[test]
fn an_inherited_socket_is_claimed_once() {
    isolated!();
    with_bases([XP1_IFS_HANDLES; 2], |[first, second]| {
        let asked = || [first, second].map(|base| base.provider.calls(Slot::GetSockOpt));
        let file = MemoryFile::open(Vec::new());
        second.provider.claim(file.raw());
        assert_eq!(listen(file.raw()), Ok(()));
        assert_eq!(asked(), [1, 1]);
        assert_eq!(listen(file.raw()), Ok(()));
        assert_eq!(asked(), [1, 1]);
        assert_eq!(second.provider.calls(Slot::Listen), 2);
        assert_eq!(close(file.raw()), Ok(()));
        // Both know this one: the first in the catalog gets it, and the second is not asked.
        let file = MemoryFile::open(Vec::new());
        first.provider.claim(file.raw());
        second.provider.claim(file.raw());
        assert_eq!(listen(file.raw()), Ok(()));
        assert_eq!(asked(), [2, 1]);
        assert_eq!(first.provider.calls(Slot::Listen), 1);
        assert_eq!(close(file.raw()), Ok(()));
    });
}

// U160: an IFS layer answers the probe with its chain's id when the provider below knows the handle, and so gets the calls. The layer
// and the base are of different compilers.
#[test]
fn an_ifs_layer_claims_inherited_sockets() {
    isolated!();
    let bases = providers::variants("base_upcalls");
    for name in ["layer_count", "layer_ifs"] {
        for (base, library) in bases.iter().zip(providers::variants(name).iter().rev()) {
            let before = Census::take();
            let base = Base::install(base, ID, XP1_IFS_HANDLES);
            let layer = install_layer(library, Handles::System, 1, |entry| {
                entry.iAddressFamily == FAMILY
            });
            configuration::startup();
            let file = MemoryFile::open(Vec::new());
            base.provider.claim(file.raw());
            let s = borrowed(file.raw());
            assert!(!is_owned(file.raw()));
            assert_eq!(s.send(b"inherited", 0), Ok(9));
            assert_eq!(entry_of(file.raw()), layer.chains[0].dwCatalogEntryId);
            assert_eq!(base.provider.calls(Slot::Send), 1);
            if name == "layer_count" {
                assert_eq!(word_of(library, "ws2spi_count_bytes_sent"), 9);
            }
            assert_eq!(close(file.raw()), Ok(()));
            assert_eq!(base.provider.calls(Slot::CloseSocket), 1);
            drop(file);
            cleanup();
            remove_layer(&layer);
            installer::remove(&ID).expect("it is installed");
            drop(base);
            before.expect_no_more();
        }
    }
}

// U161: a non-IFS provider is not asked, and one that fails to start is passed over: the one after them gets the handle.
#[test]
fn providers_that_cannot_know_a_handle_are_passed_over() {
    isolated!();
    let kinds = [0, XP1_IFS_HANDLES, XP1_IFS_HANDLES];
    with_bases(kinds, |[minting, broken, knowing]| {
        minting.start();
        broken.provider.versions(0x0003, 0x0003);
        let file = MemoryFile::open(Vec::new());
        for base in [minting, broken, knowing] {
            base.provider.claim(file.raw());
        }
        assert_eq!(listen(file.raw()), Ok(()));
        for base in [minting, broken] {
            assert_eq!(base.provider.calls(Slot::GetSockOpt), 0);
            assert_eq!(base.provider.calls(Slot::Listen), 0);
        }
        assert_eq!(knowing.provider.calls(Slot::Listen), 1);
        assert_eq!(close(file.raw()), Ok(()));
        // With versions that will do, it is asked before the last one.
        broken.provider.versions(0x0202, 0x0202);
        assert_eq!(listen(file.raw()), Ok(()));
        assert_eq!(broken.provider.calls(Slot::Listen), 1);
        assert_eq!(knowing.provider.calls(Slot::Listen), 1);
        assert_eq!(close(file.raw()), Ok(()));
    });
}

// client-dll.md 5.8, base-provider.md 0, rule 3: the system's provider disowns a handle that was duplicated behind its back, and the
// layers above it do too: no socket for any function, still open, and the socket itself goes on.
#[test]
fn a_native_duplicate_is_no_socket() {
    isolated!();
    let kinds = [
        ("layer_count", Handles::System),
        ("layer_ifs", Handles::System),
    ];
    with_layers(&kinds, |_, _| {
        let (client, server) = Socket::pair(AF_INET);
        let twin = inherited(client.raw());
        Provider::load().expect_no_socket(twin);
        assert!(!is_owned(twin));
        close_handle(twin);
        assert_eq!(client.send(b"still here", 0), Ok(10));
        server.recv_exact(&mut [0; 10]);
    });
}
