//! Upcalls under the Windows CE profile, and with the blocking hooks of Winsock 1.1.

use ws2spi::process::{self, Profile};
use ws2spi_abi::*;
use ws2spi_tests::upcalls::{ID, Provider};
use ws2spi_tests::{Socket, configuration, isolated, pipe, socket, upcalls, winsock};

fn started(version: u16) -> Provider {
    let provider = Provider::load();
    let entry = provider.install(ID, 0);
    let mut data = WSADATA::EMPTY;
    // SAFETY: the data is a live local.
    assert_eq!(unsafe { winsock::WSAStartup(version, &raw mut data) }, 0);
    drop(pipe::socket_of(&entry).expect("the provider starts"));
    provider
}

// U85: CE profile: the eight listed upcalls behave as on the desktop. U88: the table still has 15 slots, none NULL (U8).
#[test]
fn windows_ce_has_eight_upcalls() {
    isolated!();
    process::set_profile(Profile::WindowsCe);
    let provider = started(0x0202);
    for check in [
        "no_slot_is_empty",
        "events_are_manual_reset",
        "garbage_is_no_event",
        "events_of_all_kinds_are_one",
        "membership",
        "contexts_are_kept",
        "a_deferred_close_keeps_the_handle",
        "handles_do_not_cross",
        "without_a_hook_there_is_no_callback",
    ] {
        provider.check(check);
    }
}

// U86: CE profile: WPUQueueApc fails WSAEOPNOTSUPP. U87: ModifyIFSHandle, OpenCurrentThread, CloseThread too; PostMessage FALSE;
// QueryBlockingCallback NULL.
#[test]
fn windows_ce_lacks_seven_upcalls() {
    isolated!();
    let provider = started(0x0202);
    process::set_profile(Profile::WindowsCe);
    provider.check("what_windows_ce_lacks");
    process::set_profile(Profile::Desktop);
    provider.check("threads_are_opened_and_closed");
}

// client-dll.md 2, "all providers use it": the system's sockets are minted handles under the CE profile, and carry bytes as ever.
#[test]
fn the_base_mints_its_sockets_on_windows_ce() {
    isolated!();
    process::set_profile(Profile::WindowsCe);
    configuration::startup();
    let (client, server) = Socket::pair(AF_INET);
    client.send(b"ce", 0).expect("a connection carries");
    let mut got = [0; 2];
    server.recv_exact(&mut got);
    assert_eq!(&got, b"ce");
    for s in [&client, &server] {
        let pin = ws2spi_kernel::handles::pin(s.raw()).expect("an open socket");
        assert!(pin.is_minted());
    }
}

// U66: WPUQueryBlockingCallback with no hook: 0, callback NULL, context 0. U67: even an unknown catalog id succeeds. U69: NULL output
// pointer: WSAEFAULT.
#[test]
fn there_is_no_callback_without_a_hook() {
    isolated!();
    started(0x0202).check("without_a_hook_there_is_no_callback");
}

extern "system" fn idle_hook() -> BOOL {
    FALSE
}

// U68: with a hook, unknown id: SOCKET_ERROR, WSAEINVAL, callback NULL. U70: on another thread there is none. U71: the callback says
// TRUE as long as nobody cancels.
#[test]
fn a_hook_is_a_callback_of_its_thread() {
    isolated!();
    let provider = started(0x0101);
    let hook = RawCallback::from_raw(idle_hook as *const () as usize);
    // SAFETY: a function of that type that stays loaded.
    assert!(!unsafe { winsock::WSASetBlockingHook(hook) }.is_null());
    provider.check("with_a_hook_there_is_a_callback");
    std::thread::scope(|scope| {
        scope.spawn(|| provider.check("without_a_hook_there_is_no_callback"));
    });
    // SAFETY: no arguments.
    let unhooked = unsafe { winsock::WSAUnhookBlockingHook() };
    assert_eq!(socket::checked(unhooked), Ok(0));
    provider.check("without_a_hook_there_is_no_callback");
}

// U177: WSAHtonl: NULL out pointer WSAEFAULT before the socket check; a LITTLEENDIAN entry leaves the value unswapped.
#[test]
fn byte_order_is_the_entrys() {
    isolated!();
    let provider = started(0x0202);
    assert_eq!(provider.entry().iNetworkByteOrder, LITTLEENDIAN);
    let s = Socket::new(upcalls::FAMILY, SOCK_STREAM, 0).expect("a socket of the family");
    let tcp = Socket::tcp(AF_INET);
    let (mut long, mut short) = (0, 0);
    // SAFETY: NULL is an error.
    let result = unsafe { winsock::WSAHtonl(INVALID_SOCKET, 1, std::ptr::null_mut()) };
    assert_eq!(socket::checked(result), Err(Errno::FAULT));
    // SAFETY: the result is a live local.
    let result = unsafe { winsock::WSAHtonl(INVALID_SOCKET, 1, &raw mut long) };
    assert_eq!(socket::checked(result), Err(Errno::NOTSOCK));
    let orders = [
        (&s, 0x1122_3344_u32.to_le(), 0x1122_u16.to_le()),
        (&tcp, 0x1122_3344_u32.to_be(), 0x1122_u16.to_be()),
    ];
    for (s, ordered_long, ordered_short) in orders {
        // SAFETY: the result is a live local.
        let result = unsafe { winsock::WSAHtonl(s.raw(), 0x1122_3344, &raw mut long) };
        assert_eq!((result, long), (0, ordered_long));
        // SAFETY: the result is a live local.
        let result = unsafe { winsock::WSANtohl(s.raw(), long, &raw mut long) };
        assert_eq!((result, long), (0, 0x1122_3344));
        // SAFETY: the result is a live local.
        let result = unsafe { winsock::WSAHtons(s.raw(), 0x1122, &raw mut short) };
        assert_eq!((result, short), (0, ordered_short));
        // SAFETY: the result is a live local.
        let result = unsafe { winsock::WSANtohs(s.raw(), short, &raw mut short) };
        assert_eq!((result, short), (0, 0x1122));
    }
}
