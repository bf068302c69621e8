//! Addresses as callers pass them: what is looked at before Wine sees them, and how an answer is told.

use ws2spi_abi::args::Address;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::*;

use super::sockets::Socket;

impl Socket {
    /// Whether an address of `length` bytes at `name` is one of this socket's family, by its first checks.
    ///
    /// # Errors
    /// `WSAEFAULT`: NULL or too short; `WSAEAFNOSUPPORT`: of another family.
    ///
    /// # Safety
    /// `name` is null or readable for `length` bytes.
    pub(super) unsafe fn check_name(
        &self,
        name: *const SOCKADDR,
        length: i32,
    ) -> Result<(), Errno> {
        let size = self.address_size();
        if name.is_null() || length < size.max(2) {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract: at least two bytes.
        let family = unsafe { name.cast::<u16>().read_unaligned() };
        if size != 0 && i32::from(family) != self.family {
            return Err(Errno::AFNOSUPPORT);
        }
        Ok(())
    }

    /// [`check_name`](Self::check_name) for the peer of `WSPConnect`: no family dissolves a datagram socket's
    /// connection, as on Windows.
    ///
    /// # Errors
    /// Those, and `WSAEADDRNOTAVAIL`.
    ///
    /// # Safety
    /// `name` is null or readable for `length` bytes.
    pub(super) unsafe fn check_peer(
        &self,
        name: *const SOCKADDR,
        length: i32,
    ) -> Result<(), Errno> {
        // SAFETY: the caller's contract.
        match unsafe { self.check_name(name, length) } {
            Err(Errno::AFNOSUPPORT) if self.is_datagram() => {
                // SAFETY: as above; at least two bytes, as was looked at.
                let family = unsafe { name.cast::<u16>().read_unaligned() };
                if i32::from(family) == AF_UNSPEC {
                    Ok(())
                } else {
                    Err(Errno::AFNOSUPPORT)
                }
            }
            other => other,
        }
    }

    /// Tells a name that Wine has given.
    ///
    /// # Errors
    /// `WSAEFAULT`: a pointer is NULL, or there is not room enough.
    ///
    /// # Safety
    /// The pointers are null or keep the contract of `WSPGetSockName`.
    pub(super) unsafe fn tell_name(
        &self,
        own: &SOCKADDR_STORAGE,
        own_length: i32,
        name: *mut SOCKADDR,
        length: *mut i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract.
        let out = unsafe { AddressOut::new(name, length) };
        out.write(&address(own, own_length))?;
        Ok(0)
    }
}

/// The bytes of a name that Wine has given.
pub(super) fn address(name: &SOCKADDR_STORAGE, length: i32) -> Address {
    let mut bytes = [0; size_of::<SOCKADDR_STORAGE>()];
    let _ = name.encode(&mut bytes);
    let length = usize::try_from(length).unwrap_or(0).min(bytes.len());
    Address::from_bytes(&bytes[..length])
}

/// Room for every address.
pub(super) const STORAGE: i32 = size_of::<SOCKADDR_STORAGE>() as i32;
