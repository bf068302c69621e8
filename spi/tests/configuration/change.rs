//! WSAProviderConfigChange.

use std::cell::Cell;
use std::path::Path;
use std::ptr;
use std::thread;

use ws2spi::catalog::EntryId;
use ws2spi_abi::HANDLE;
use ws2spi_abi::NtStatus;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::file;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::handles;
use ws2spi_kernel::port;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::Waited;

use super::*;

/// What a wait that must end is given.
const LONG: Timeout = Timeout::from_millis(60_000);

/// The call: 0, or the last error.
fn notify(handle: &mut HANDLE, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 {
    // SAFETY: the handle lives through the call; the tests keep each block until its end is told.
    match unsafe { api::wsa_provider_config_change(handle, overlapped, routine) } {
        0 => 0,
        -1 => api::wsa_get_last_error(),
        other => panic!("returned {other}"),
    }
}

/// A new notification handle.
fn opened() -> HANDLE {
    let mut handle = 0;
    assert_eq!(notify(&mut handle, ptr::null_mut(), RawCallback::NULL), 0);
    assert_ne!(handle, 0);
    handle
}

/// A block with an event, and the event.
fn block() -> (Box<OVERLAPPED>, HANDLE) {
    let event = event::create(Reset::Manual, false).unwrap().raw();
    (
        Box::new(OVERLAPPED {
            hEvent: event,
            ..OVERLAPPED::EMPTY
        }),
        event,
    )
}

fn pend(handle: HANDLE, block: &mut OVERLAPPED) {
    let mut same = handle;
    let error = notify(&mut same, block, RawCallback::NULL);
    assert_eq!((error, same), (Errno::IO_PENDING.code(), handle));
}

fn is_told(event: HANDLE) -> bool {
    wait::one(event, Timeout::ZERO, Alert::Plain).unwrap() == Waited::Signaled(0)
}

/// Makes the process's catalog one in a file, with another process's view of it.
fn in_a_file(file: &Path) -> Catalog {
    let open = || Catalog::open(file, "base.so", &base()).unwrap();
    set_process_catalog(Some(Arc::new(open())));
    open()
}

#[test]
fn an_installation_completes_the_overlapped_call() {
    // U142: first call 0 with a handle, the later one WSA_IO_PENDING until something is installed.
    let _world = World::new();
    let _started = Started::new();
    let handle = opened();
    let (mut block, event) = block();
    pend(handle, &mut block);
    assert!(!is_told(event));
    assert_eq!(block.Internal, 0x103);
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert!(is_told(event));
    assert_eq!((block.Internal, block.InternalHigh), (0, 0));

    pend(handle, &mut block);
    assert!(!is_told(event), "a change is reported once");
    handles::close(handle).unwrap();
}

#[test]
fn every_kind_of_change_is_reported() {
    // 4.5: each of these "will attempt to alert all interested applications".
    let world = World::new();
    let _started = Started::new();
    let handle = opened();
    let catalog = &world.catalog;
    let changes: [(&str, &dyn Fn()); 4] = [
        ("install", &|| {
            assert_eq!(install(1, "a.so", &[named("a")]), Ok(0))
        }),
        ("order", &|| {
            let order = [1004, 1003, 1002, 1001].map(EntryId::new);
            catalog.reorder(Bits::SixtyFour, &order).unwrap();
        }),
        ("update", &|| {
            catalog
                .update(Bits::SixtyFour, guid(1), "b.so", &[named("b")])
                .unwrap()
        }),
        ("deinstall", &|| {
            catalog.deinstall(Bits::SixtyFour, guid(1)).unwrap()
        }),
    ];
    for (what, change) in changes {
        let (mut block, event) = block();
        pend(handle, &mut block);
        assert!(!is_told(event), "before {what}");
        change();
        assert!(is_told(event), "{what}");
    }
    handles::close(handle).unwrap();
}

#[test]
fn a_change_before_the_call_is_reported_to_it() {
    // 4.7: since the handle's creation or last report.
    let _world = World::new();
    let _started = Started::new();
    let mut handle = opened();
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert_eq!(notify(&mut handle, ptr::null_mut(), RawCallback::NULL), 0);
    assert_eq!(install(2, "b.so", &[named("b")]), Ok(0));
    let (mut block, event) = block();
    pend(handle, &mut block);
    assert!(is_told(event));
    handles::close(handle).unwrap();
}

#[test]
fn a_call_without_a_block_waits_for_a_change() {
    // 4.7: without ov, block until the catalog changed.
    let _world = World::new();
    let _started = Started::new();
    let handle = opened();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            let mut handle = handle;
            notify(&mut handle, ptr::null_mut(), RawCallback::NULL)
        });
        assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
        assert_eq!(waiter.join().unwrap(), 0);
    });
    handles::close(handle).unwrap();
}

thread_local! {
    static TOLD: Cell<Option<(u32, u32, usize, u32)>> = const { Cell::new(None) };
}

unsafe extern "system" fn routine(error: u32, bytes: u32, overlapped: *mut OVERLAPPED, flags: u32) {
    TOLD.set(Some((error, bytes, overlapped.addr(), flags)));
}

#[test]
fn a_completion_routine_is_called_in_an_alertable_wait() {
    // 4.7: event / routine / port; the event of the block is not looked at then.
    let _world = World::new();
    let _started = Started::new();
    let mut handle = opened();
    let (mut block, event) = block();
    let address = ptr::from_mut(&mut *block).addr();
    let raw = RawCallback::from_raw(routine as *const () as usize);
    assert_eq!(
        notify(&mut handle, &raw mut *block, raw),
        Errno::IO_PENDING.code()
    );
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert_eq!(TOLD.get(), None, "not before the wait");
    assert_eq!(wait::sleep(LONG, Alert::Alertable), Waited::Apc);
    assert_eq!(TOLD.get(), Some((0, 0, address, 0)));
    assert!(!is_told(event));
    handles::close(handle).unwrap();
}

#[test]
fn a_port_gets_a_packet() {
    // 4.7: event / routine / port.
    let _world = World::new();
    let _started = Started::new();
    let handle = opened();
    let port = port::create(0).unwrap().raw();
    port::associate(handle, port, 77).unwrap();
    let mut block = Box::new(OVERLAPPED::EMPTY);
    pend(handle, &mut block);
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    let Got::Packets(packet) = port::get(port, LONG).unwrap() else {
        panic!("no packet")
    };
    let address = ptr::from_mut(&mut *block).addr();
    assert_eq!(
        (packet.key, packet.overlapped, packet.error),
        (77, address, 0)
    );
    handles::close(handle).unwrap();
    handles::close(port).unwrap();
}

#[test]
fn closing_the_handle_ends_what_waits() {
    // 4.7: it is closed with the operating system's handle close.
    let _world = World::new();
    let _started = Started::new();
    let handle = opened();
    let (mut block, event) = block();
    pend(handle, &mut block);
    handles::close(handle).unwrap();
    assert!(is_told(event));
    assert_eq!(block.Internal, NtStatus::CANCELLED.to_internal());

    let handle = opened();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            let mut handle = handle;
            notify(&mut handle, ptr::null_mut(), RawCallback::NULL)
        });
        handles::close(handle).unwrap();
        // The waiter may also come too late and find the handle closed.
        let error = waiter.join().unwrap();
        let possible = [
            Errno::OPERATION_ABORTED.code(),
            Errno::INVALID_HANDLE.code(),
        ];
        assert!(possible.contains(&error), "{error}");
    });
}

#[test]
fn a_request_can_be_cancelled_by_its_block() {
    // It is a file object like any other: CancelIoEx.
    let _world = World::new();
    let _started = Started::new();
    let handle = opened();
    let ((mut one, told_one), (mut two, told_two)) = (block(), block());
    pend(handle, &mut one);
    pend(handle, &mut two);
    let address = ptr::from_mut(&mut *two).addr();
    assert_eq!(
        file::cancel(handle, CancelScope::Everybody, Some(address)),
        Ok(1)
    );
    assert!(is_told(told_two) && !is_told(told_one));
    assert_eq!(install(1, "a.so", &[named("a")]), Ok(0));
    assert_eq!(
        (one.Internal, two.Internal),
        (0, NtStatus::CANCELLED.to_internal())
    );
    handles::close(handle).unwrap();
}

#[test]
fn bad_arguments_are_refused_in_order() {
    // 4.7: WSANOTINITIALISED first, WSA_INVALID_HANDLE for what is no notification handle.
    let _world = World::new();
    let refused = |handle: *mut HANDLE| {
        let none = ptr::null_mut();
        // SAFETY: NULL is allowed.
        let result = unsafe { api::wsa_provider_config_change(handle, none, RawCallback::NULL) };
        assert_eq!(result, -1);
        api::wsa_get_last_error()
    };
    assert_eq!(refused(ptr::null_mut()), Errno::NOTINITIALISED.code());
    let _started = Started::new();
    assert_eq!(refused(ptr::null_mut()), Errno::FAULT.code());
    let (mut block, event) = block();
    for mut handle in [usize::MAX, 4, event] {
        assert_eq!(refused(&raw mut handle), Errno::INVALID_HANDLE.code());
    }
    let mut handle = opened();
    block.hEvent = handle;
    let error = notify(&mut handle, &raw mut *block, RawCallback::NULL);
    assert_eq!(error, Errno::INVALID_HANDLE.code());
    handles::close(handle).unwrap();
    assert_eq!(
        refused(&raw mut handle),
        Errno::INVALID_HANDLE.code(),
        "closed"
    );
}

#[test]
fn changes_by_other_processes_are_reported() {
    // 4.7: only a change of the persistent catalog is reported, whoever makes it.
    let _world = World::new();
    let folder = tempfile::TempDir::new().unwrap();
    let other = in_a_file(&folder.path().join("catalog.json"));
    let _started = Started::new();
    let mut handle = opened();
    let (mut block, event) = block();
    pend(handle, &mut block);
    other
        .install(&[Bits::SixtyFour], guid(1), "a.so", &[named("a")])
        .unwrap();
    assert_eq!(
        wait::one(event, LONG, Alert::Plain),
        Ok(Waited::Signaled(0))
    );

    other.deinstall(Bits::SixtyFour, guid(1)).unwrap();
    assert_eq!(
        notify(&mut handle, ptr::null_mut(), RawCallback::NULL),
        0,
        "at once"
    );
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            let mut handle = handle;
            notify(&mut handle, ptr::null_mut(), RawCallback::NULL)
        });
        other
            .install(&[Bits::SixtyFour], guid(2), "a.so", &[named("a")])
            .unwrap();
        assert_eq!(waiter.join().unwrap(), 0);
    });
    handles::close(handle).unwrap();
}

#[test]
fn a_file_that_cannot_be_read_fails_the_call() {
    // 4.7: WSAENETDOWN; the block is not touched.
    let _world = World::new();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("catalog.json");
    let _other = in_a_file(&path);
    let _started = Started::new();
    let mut handle = opened();
    std::fs::write(&path, "{").unwrap();
    let (mut block, _event) = block();
    let error = notify(&mut handle, &raw mut *block, RawCallback::NULL);
    assert_eq!((error, block.Internal), (Errno::NETDOWN.code(), 0));
    let error = notify(&mut handle, ptr::null_mut(), RawCallback::NULL);
    assert_eq!(error, Errno::NETDOWN.code());
    handles::close(handle).unwrap();
}
