//! I/O completion ports.
//!
//! Over the kernel role's ports. A packet of a failed operation is reported by FALSE with the operation's Win32 error, with all three
//! outputs stored; FALSE with a NULL block means that there was no packet.

use super::{or, truth};
use crate::table::exports;
use ws2spi_abi::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::file;
use ws2spi_kernel::handles;
use ws2spi_kernel::port::{self, Got, Packet};
use ws2spi_kernel::wait::Alert;

/// The most packets that one call takes, whatever room there is.
const MOST: usize = 256;

/// Creates a port, associates a file with a port, or both. The file may be any socket; a file is associated once for its lifetime.
///
/// The port's handle, or 0: `ERROR_INVALID_PARAMETER` (no file and an existing port, a file that is associated already or not for
/// overlapped operations), `ERROR_INVALID_HANDLE` (stale, or not a file's or port's). Does not block; any thread.
/// Microsoft: "CreateIoCompletionPort function".
#[doc(alias = "CreateIoCompletionPort")]
pub fn create(file: HANDLE, existing: HANDLE, key: usize, concurrency: u32) -> HANDLE {
    or(0, create_or_associate(file, existing, key, concurrency))
}

fn create_or_associate(
    file: HANDLE,
    existing: HANDLE,
    key: usize,
    concurrency: u32,
) -> Result<HANDLE, Errno> {
    if file == INVALID_HANDLE_VALUE {
        return match existing {
            0 => port::create(concurrency).map(|port| port.raw()),
            _ => Err(Errno::INVALID_PARAMETER),
        };
    }
    if existing != 0 {
        return port::associate(file, existing, key).map(|()| existing);
    }
    let made = port::create(concurrency)?.raw();
    port::associate(file, made, key)
        .map(|()| made)
        .inspect_err(|_| {
            // Nobody knows of it yet.
            let _ = handles::close(made);
        })
}

/// Takes a packet, waiting for at most `timeout` milliseconds, not alertably.
///
/// TRUE with `*bytes`, `*key` and `*block` for a success. FALSE with all of them for the packet of a failed operation and its error.
/// FALSE with a NULL `*block`: `WAIT_TIMEOUT`; `ERROR_ABANDONED_WAIT_0` when the port is closed meanwhile; `ERROR_INVALID_HANDLE`;
/// `ERROR_NOACCESS` for a NULL output. Any thread. Microsoft: "GetQueuedCompletionStatus function".
///
/// # Safety
/// The outputs are null or writable.
#[doc(alias = "GetQueuedCompletionStatus")]
pub unsafe fn get(
    port: HANDLE,
    bytes: *mut u32,
    key: *mut usize,
    block: *mut *mut OVERLAPPED,
    timeout: u32,
) -> BOOL {
    // Before a packet is taken, which would be lost.
    if bytes.is_null() || key.is_null() || block.is_null() {
        return truth(Err(Errno::NOACCESS));
    }
    let got = match port::get(port, Timeout::from_millis(timeout)) {
        Ok(Got::Packets(packet)) => Ok(packet),
        Ok(Got::TimedOut | Got::Apc) => Err(code(WAIT_TIMEOUT)),
        Err(error) => Err(error),
    };
    // SAFETY: not null, so writable by the caller's contract.
    let store = |packet: &Packet| unsafe { store_block(block, packet.overlapped) };
    let packet = match got {
        Ok(packet) => packet,
        Err(error) => {
            store(&Packet::default());
            return truth(Err(error));
        }
    };
    store(&packet);
    // SAFETY: not null, so writable by the caller's contract.
    unsafe { bytes.write_unaligned(packet.bytes) };
    // SAFETY: as above.
    unsafe { key.write_unaligned(packet.key) };
    truth(packet.failure().map_or(Ok(()), Err))
}

/// The answer of a wait as an error code, which it is for these functions.
fn code(waited: u32) -> Errno {
    Errno::new(waited.cast_signed()).unwrap_or(Errno::SYSCALLFAILURE)
}

/// # Safety
/// `place` is writable.
unsafe fn store_block(place: *mut *mut OVERLAPPED, address: usize) {
    // SAFETY: the caller's contract. The number was made from an application's pointer, or is one of its own.
    unsafe { place.write_unaligned(std::ptr::with_exposed_provenance_mut(address)) };
}

/// Takes up to `count` packets, at least one, waiting for at most `timeout` milliseconds, alertably if asked for. What came of each
/// operation is in its entry.
///
/// FALSE without packets: `WAIT_TIMEOUT`, `WAIT_IO_COMPLETION` after APCs ran, `ERROR_INVALID_PARAMETER` for no room, and as [`get`].
/// Any thread. Microsoft: "GetQueuedCompletionStatusEx function".
///
/// # Safety
/// `entries` is null or has room for `count`; `removed` is null or writable.
#[doc(alias = "GetQueuedCompletionStatusEx")]
pub unsafe fn get_many(
    port: HANDLE,
    entries: *mut OVERLAPPED_ENTRY,
    count: u32,
    removed: *mut u32,
    timeout: u32,
    alertable: BOOL,
) -> BOOL {
    if entries.is_null() || removed.is_null() {
        return truth(Err(Errno::NOACCESS));
    }
    let mut packets = vec![Packet::default(); MOST.min(count as usize)];
    let alert = if alertable == FALSE {
        Alert::Plain
    } else {
        Alert::Alertable
    };
    let got = port::get_many(port, &mut packets, Timeout::from_millis(timeout), alert);
    truth(got.and_then(|got| match got {
        Got::TimedOut => Err(code(WAIT_TIMEOUT)),
        Got::Apc => Err(code(WAIT_IO_COMPLETION)),
        Got::Packets(taken) => {
            for (index, packet) in packets.iter().take(taken).enumerate() {
                // SAFETY: the caller's contract: there is room for `count`, and not more were taken.
                unsafe { store_entry(entries, index, packet) };
            }
            // SAFETY: not null, so writable by the caller's contract.
            unsafe { removed.write_unaligned(taken as u32) };
            Ok(())
        }
    }))
}

/// # Safety
/// `entries` has room for more than `index`.
unsafe fn store_entry(entries: *mut OVERLAPPED_ENTRY, index: usize, packet: &Packet) {
    let entry = OVERLAPPED_ENTRY {
        lpCompletionKey: packet.key,
        lpOverlapped: std::ptr::with_exposed_provenance_mut(packet.overlapped),
        Internal: packet.status.to_internal(),
        dwNumberOfBytesTransferred: packet.bytes,
    };
    // SAFETY: the caller's contract.
    let place = unsafe { entries.add(index) };
    // SAFETY: as above.
    unsafe { place.write_unaligned(entry) };
}

/// Queues a packet of one's own; the port looks at none of the three values. `ERROR_INVALID_HANDLE`. Does not block; any thread.
/// Microsoft: "PostQueuedCompletionStatus function".
#[doc(alias = "PostQueuedCompletionStatus")]
pub fn post(port: HANDLE, bytes: u32, key: usize, block: *mut OVERLAPPED) -> BOOL {
    let packet = Packet::of_user(key, block.expose_provenance(), bytes);
    truth(port::post(port, packet))
}

/// Adds notification modes to a file: `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS`, `FILE_SKIP_SET_EVENT_ON_HANDLE`.
/// `ERROR_INVALID_HANDLE`, `ERROR_INVALID_PARAMETER` for other bits. Does not block; any thread.
/// Microsoft: "SetFileCompletionNotificationModes function".
#[doc(alias = "SetFileCompletionNotificationModes")]
pub fn set_modes(file: HANDLE, modes: u8) -> BOOL {
    truth(file::set_notification_modes(file, modes))
}

exports! {
    "CreateIoCompletionPort" create_io_completion_port(
        file: HANDLE, existing: HANDLE, key: usize, concurrency: u32
    ) -> HANDLE = 0 => create;
    "GetQueuedCompletionStatus" get_queued_completion_status(
        port: HANDLE, bytes: *mut u32, key: *mut usize, block: *mut *mut OVERLAPPED, timeout: u32
    ) -> BOOL = FALSE => get;
    "GetQueuedCompletionStatusEx" get_queued_completion_status_ex(
        port: HANDLE, entries: *mut OVERLAPPED_ENTRY, count: u32, removed: *mut u32, timeout: u32, alertable: BOOL
    ) -> BOOL = FALSE => get_many;
    "PostQueuedCompletionStatus" post_queued_completion_status(
        port: HANDLE, bytes: u32, key: usize, block: *mut OVERLAPPED
    ) -> BOOL = FALSE => post;
    "SetFileCompletionNotificationModes" set_file_completion_notification_modes(
        file: HANDLE, modes: u8
    ) -> BOOL = FALSE => set_modes;
}
