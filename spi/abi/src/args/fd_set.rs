//! `fd_set`: a count and an array of sockets.

use crate::*;
use std::marker::PhantomData;
use std::mem::offset_of;

/// One of the three sets of `select`. Only `fd_count` says how long it is: callers may have built with a larger `FD_SETSIZE`.
#[derive(Clone, Copy, Debug)]
pub struct FdSet<'a> {
    set: *mut FD_SET,
    call: PhantomData<&'a mut [SOCKET]>,
}

impl FdSet<'_> {
    /// # Safety
    /// `set` is null or points to an `fd_set` (of any alignment) whose array holds at least `fd_count` sockets and may be written for `'a`.
    #[must_use]
    pub const unsafe fn new(set: *mut FD_SET) -> Self {
        Self {
            set,
            call: PhantomData,
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.set.is_null()
    }

    /// How many sockets the set has; 0 for a NULL set.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.set.is_null() {
            return 0;
        }
        let count = self.field::<u32>(offset_of!(FD_SET, fd_count));
        // SAFETY: `new`'s contract: not null, so the count is readable.
        unsafe { count.read_unaligned() as usize }
    }

    /// Whether it is NULL or has no sockets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The address of the field at `offset`; within the set unless it is null.
    fn field<T>(&self, offset: usize) -> *mut T {
        self.set.wrapping_byte_add(offset).cast()
    }

    /// The address of the cell at `index`; within the array below the count.
    fn cell(&self, index: usize) -> *mut SOCKET {
        self.field::<SOCKET>(offset_of!(FD_SET, fd_array))
            .wrapping_add(index)
    }

    /// The socket at `index`, `None` past the count.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<SOCKET> {
        if index >= self.len() {
            return None;
        }
        // SAFETY: `new`'s contract: cells below the count are readable.
        Some(unsafe { self.cell(index).read_unaligned() })
    }

    /// The sockets in order.
    pub fn iter(&self) -> impl Iterator<Item = SOCKET> + '_ {
        (0..self.len()).map_while(|index| self.get(index))
    }

    /// Whether the socket is in the set; a linear search.
    #[must_use]
    pub fn contains(&self, socket: SOCKET) -> bool {
        self.iter().any(|member| member == socket)
    }

    /// Replaces the content. At most as many sockets as the set had are stored; nothing for a NULL set.
    pub fn replace(&self, sockets: &[SOCKET]) {
        let had = self.len();
        if self.set.is_null() {
            return;
        }
        let count = sockets.len().min(had);
        for (index, socket) in sockets.iter().take(count).enumerate() {
            // SAFETY: `new`'s contract: cells below the old count are writable.
            unsafe { self.cell(index).write_unaligned(*socket) };
        }
        // SAFETY: `new`'s contract: not null, so the count is writable.
        unsafe {
            self.field::<u32>(offset_of!(FD_SET, fd_count))
                .write_unaligned(count as u32)
        };
    }

    /// The raw argument, to pass it on.
    #[must_use]
    pub const fn raw(&self) -> *mut FD_SET {
        self.set
    }
}
