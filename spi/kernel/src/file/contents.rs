//! The bytes of a file, for those who send them: what `TransmitFile` and `TransmitPackets` take.
//!
//! A socket or a pipe has none: who reads there waits for somebody else.

use std::os::fd::BorrowedFd;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;

use super::FileState;
use super::Indication;
use super::Moment;

/// The bytes of a file that has a length and can be read from anywhere.
///
/// Any thread may call; a call waits for a disk at most, never for another party.
pub trait Contents: Send + Sync {
    /// Reads the bytes from `from` on: how many there were, 0 at the end. The position stays.
    ///
    /// # Errors
    /// What the file fails with.
    fn read_at(&self, from: u64, into: &mut [u8]) -> Result<usize, Errno>;

    /// How many bytes there are at this moment.
    ///
    /// # Errors
    /// What the file fails with.
    fn length(&self) -> Result<u64, Errno>;

    /// Where a read begins that does not say where.
    fn position(&self) -> u64;

    /// Moves the position.
    fn set_position(&self, position: u64);

    /// The system's descriptor of the same bytes, if there is one: a system sends from it without a
    /// copy. Reading it must not matter to the position.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// `ReadFile`: from the position, or from where the `OVERLAPPED` says; the position is behind it
/// afterwards. It ends within the call, and is told as an overlapped operation is.
///
/// # Errors
/// `WSAEFAULT` for bad buffers, `ERROR_HANDLE_EOF` for a place behind the end, `WSA_INVALID_HANDLE` for an
/// event that is none, what the file fails with.
pub(super) fn read(
    state: &FileState,
    contents: &dyn Contents,
    call: &Receive<'_>,
) -> Result<Transfer, Errno> {
    let total = call.buffers.check()?;
    let asked = call.overlapped.request();
    let from = asked.as_ref().map_or_else(
        || contents.position(),
        |asked| {
            let (low, high) = asked.overlapped.offsets();
            u64::from(high) << 32 | u64::from(low)
        },
    );
    let request = match &asked {
        Some(asked) => Some(state.begin(asked.overlapped, Indication::Event)?),
        None => None,
    };
    let mut moved = 0;
    for mut slice in call.buffers.slices() {
        let got = contents.read_at(from.saturating_add(moved as u64), &mut slice)?;
        moved += got;
        if got < slice.len() {
            break;
        }
    }
    if request.is_some() && moved == 0 && total > 0 {
        return Err(Errno::HANDLE_EOF);
    }
    contents.set_position(from.saturating_add(moved as u64));
    if let Some(request) = request {
        drop(state.complete(request, NtStatus::SUCCESS, moved, Moment::Immediate));
    }
    Ok(Transfer::Done {
        bytes: moved as u32,
        flags: 0,
    })
}
