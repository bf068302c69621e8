//! Socket addresses in Windows' layout.

use crate::*;
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// The bytes that any address fits in: `SOCKADDR_STORAGE`.
const CAPACITY: usize = 128;

/// An address: the bytes of a Windows `sockaddr`, up to 128, owned.
///
/// The family is the host-order `u16` at offset 0 with Windows' number (`AF_INET6` is 23), on every system.
#[derive(Clone, Copy)]
pub struct Address {
    bytes: [u8; CAPACITY],
    len: u8,
}

impl Address {
    /// An address of these bytes; those past 128 are dropped.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let len = bytes.len().min(CAPACITY);
        let mut address = Self {
            bytes: [0; CAPACITY],
            len: len as u8,
        };
        address.bytes[..len].copy_from_slice(&bytes[..len]);
        address
    }

    /// `SOCKADDR_IN` (16 bytes, `sin_zero` zeroed) or `SOCKADDR_IN6` (28 bytes).
    #[must_use]
    pub fn from_ip(ip: SocketAddr) -> Self {
        let mut address = Self {
            bytes: [0; CAPACITY],
            len: 0,
        };
        let bytes = &mut address.bytes;
        bytes[2..4].copy_from_slice(&ip.port().to_be_bytes());
        match ip {
            SocketAddr::V4(v4) => {
                bytes[..2].copy_from_slice(&(AF_INET as u16).to_ne_bytes());
                bytes[4..8].copy_from_slice(&v4.ip().octets());
                address.len = 16;
            }
            SocketAddr::V6(v6) => {
                bytes[..2].copy_from_slice(&(AF_INET6 as u16).to_ne_bytes());
                bytes[4..8].copy_from_slice(&v6.flowinfo().to_be_bytes());
                bytes[8..24].copy_from_slice(&v6.ip().octets());
                bytes[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
                address.len = 28;
            }
        }
        address
    }

    /// `SOCKADDR_UN`: the family and the path, 110 bytes, the rest zeroed. `None` when the path does not fit with its NUL.
    #[must_use]
    pub fn from_path(path: &[u8]) -> Option<Self> {
        if path.len() > 107 {
            return None;
        }
        let mut address = Self {
            bytes: [0; CAPACITY],
            len: 110,
        };
        address.bytes[..2].copy_from_slice(&(AF_UNIX as u16).to_ne_bytes());
        address.bytes[2..2 + path.len()].copy_from_slice(path);
        Some(address)
    }

    /// The family, 0 when there are fewer than two bytes.
    #[must_use]
    pub fn family(&self) -> i32 {
        if self.len < 2 {
            0
        } else {
            i32::from(u16::from_ne_bytes([self.bytes[0], self.bytes[1]]))
        }
    }

    /// The bytes, as long as they were given.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The IP address and port, when the family is INET or INET6 and the bytes are enough for it.
    #[must_use]
    pub fn to_ip(&self) -> Option<SocketAddr> {
        let bytes = self.as_bytes();
        let port = u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]);
        let word = |at: usize| {
            bytes
                .get(at..at + 4)
                .and_then(|word| <[u8; 4]>::try_from(word).ok())
        };
        match self.family() {
            AF_INET if bytes.len() >= 16 => Some(SocketAddr::V4(SocketAddrV4::new(
                Ipv4Addr::from(word(4)?),
                port,
            ))),
            AF_INET6 if bytes.len() >= 28 => {
                let ip = <[u8; 16]>::try_from(bytes.get(8..24)?).ok()?;
                let flow = u32::from_be_bytes(word(4)?);
                let scope = u32::from_ne_bytes(word(24)?);
                Some(SocketAddr::V6(SocketAddrV6::new(
                    Ipv6Addr::from(ip),
                    port,
                    flow,
                    scope,
                )))
            }
            _ => None,
        }
    }

    /// The path of a `SOCKADDR_UN`, up to its NUL.
    #[must_use]
    pub fn to_path(&self) -> Option<&[u8]> {
        if self.family() != AF_UNIX {
            return None;
        }
        let path = self.as_bytes().get(2..)?;
        let end = path
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(path.len());
        Some(&path[..end])
    }

    /// Whether this is the unspecified IP address (`0.0.0.0` or `::`).
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.to_ip().is_some_and(|ip| match ip.ip() {
            IpAddr::V4(v4) => v4.is_unspecified(),
            IpAddr::V6(v6) => v6.is_unspecified(),
        })
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Address {}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.to_ip(), self.to_path()) {
            (Some(ip), _) => write!(f, "{ip}"),
            (None, Some(path)) => write!(f, "unix:{}", String::from_utf8_lossy(path)),
            _ => write!(f, "family {} {:?}", self.family(), self.as_bytes()),
        }
    }
}

/// `const sockaddr *name, int namelen` of a call, not yet checked.
#[derive(Clone, Copy, Debug)]
pub struct AddressIn<'a> {
    name: *const SOCKADDR,
    len: i32,
    call: PhantomData<&'a [u8]>,
}

impl<'a> AddressIn<'a> {
    /// # Safety
    /// `name` is null or points to `len` readable bytes for `'a`.
    #[must_use]
    pub const unsafe fn new(name: *const SOCKADDR, len: i32) -> Self {
        Self {
            name,
            len,
            call: PhantomData,
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.name.is_null()
    }

    /// The length as the caller gave it; it may be negative.
    #[must_use]
    pub const fn len(&self) -> i32 {
        self.len
    }

    /// Whether the length is zero or less.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len <= 0
    }

    /// Copies the address.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL or the length is too short for a family.
    pub fn read(&self) -> Result<Address, Errno> {
        if self.name.is_null() || self.len < 2 {
            return Err(Errno::FAULT);
        }
        let len = (self.len as usize).min(CAPACITY);
        // SAFETY: `new`'s contract: `len` bytes are readable.
        let bytes = unsafe { std::slice::from_raw_parts(self.name.cast::<u8>(), len) };
        Ok(Address::from_bytes(bytes))
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*const SOCKADDR, i32) {
        (self.name, self.len)
    }
}

/// `sockaddr *name, int *namelen` of a call: where an address goes, not yet checked.
#[derive(Clone, Copy, Debug)]
pub struct AddressOut<'a> {
    pub(super) name: *mut SOCKADDR,
    pub(super) len: *mut i32,
    pub(super) call: PhantomData<&'a mut [u8]>,
}

impl<'a> AddressOut<'a> {
    /// # Safety
    /// `len` is null or points to an `i32`; when neither is null and `*len` is positive, `name` points to `*len` writable bytes;
    /// both for `'a` and, when they are given to an overlapped call, until its request is finished.
    #[must_use]
    pub const unsafe fn new(name: *mut SOCKADDR, len: *mut i32) -> Self {
        Self {
            name,
            len,
            call: PhantomData,
        }
    }

    /// Whether the caller gave a place for the address (the length may still be missing).
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        !self.name.is_null()
    }

    /// What `*namelen` says, `None` without one.
    #[must_use]
    pub fn capacity(&self) -> Option<i32> {
        if self.len.is_null() {
            return None;
        }
        // SAFETY: `new`'s contract: not null, so it points to an i32.
        Some(unsafe { self.len.read_unaligned() })
    }

    /// Whether both pointers are given and `needed` bytes fit.
    #[must_use]
    pub fn fits(&self, needed: usize) -> bool {
        self.is_wanted()
            && self
                .capacity()
                .is_some_and(|len| usize::try_from(len).is_ok_and(|len| len >= needed))
    }

    /// Stores the address and its length.
    ///
    /// # Errors
    /// `WSAEFAULT` when a pointer is NULL or the address does not fit; nothing is written then.
    pub fn write(&self, address: &Address) -> Result<(), Errno> {
        let bytes = address.as_bytes();
        if !self.fits(bytes.len()) {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: `*len` bytes are writable, and `fits` compared them.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.name.cast::<u8>(), bytes.len())
        };
        self.set_len(bytes.len() as i32);
        Ok(())
    }

    /// Stores a length only, as `WSPStringToAddress` does when the buffer is short. Ignored without a length pointer.
    pub fn set_len(&self, len: i32) {
        if !self.len.is_null() {
            // SAFETY: `new`'s contract: not null, so it points to an i32.
            unsafe { self.len.write_unaligned(len) };
        }
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*mut SOCKADDR, *mut i32) {
        (self.name, self.len)
    }
}
