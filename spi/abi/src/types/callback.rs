//! `RawCallback`: a function pointer that crosses this interface inside an argument.
//!
//! Completion routines, condition functions, APCs, blocking hooks and window procedures travel
//! with the calling convention of whoever passed them, which their type cannot know. They are
//! therefore kept as addresses that nobody can call by accident; the code at the edge that knows
//! the caller's convention makes a function of them.

use super::plain::Plain;

/// The address of a foreign function, with its calling convention left open. NULL is allowed.
///
/// As large as a function pointer, in arguments and in structures. It is a number: sending it to
/// another thread does nothing; the rules about the thread that may call it are the function's.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RawCallback(usize);

impl RawCallback {
    /// No function.
    pub const NULL: Self = Self(0);

    /// The function at `address`; 0 is NULL.
    pub const fn from_raw(address: usize) -> Self {
        Self(address)
    }

    /// The address; 0 for NULL.
    pub const fn as_raw(self) -> usize {
        self.0
    }

    /// Whether there is no function.
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }
}

impl core::fmt::Debug for RawCallback {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RawCallback({:#x})", self.0)
    }
}

impl Plain for RawCallback {
    const EMPTY: Self = Self::NULL;

    fn decode(bytes: &[u8]) -> Option<Self> {
        usize::decode(bytes).map(Self)
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        self.0.encode(out)
    }
}
