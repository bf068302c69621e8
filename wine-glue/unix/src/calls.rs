//! The calls: their numbers, their argument blocks, and what they do.
//!
//! The Windows side has the same structures (`ws2spi-wine`, `direct/unix.rs`): a change is one of both. No
//! call waits longer than its block says, and a system call that a signal interrupts is begun again.

use std::time::Duration;
use std::time::Instant;

use crate::ntdll;

/// Number of [`open`].
pub const OPEN: u32 = 0;
/// Number of [`close`].
pub const CLOSE: u32 = 1;
/// Number of [`receive`].
pub const RECEIVE: u32 = 2;
/// Number of [`send`].
pub const SEND: u32 = 3;
/// Number of [`poll`].
pub const POLL: u32 = 4;

/// As many buffers as a call carries.
pub const BUFFERS: usize = 16;

/// Block of [`open`].
#[repr(C)]
#[derive(Debug)]
pub struct Open {
    /// The socket's NT handle.
    pub handle: usize,
    /// Answer: a descriptor, or -1.
    pub descriptor: i32,
    /// Answer: 1 connected, 2 has a name of its own, 4 listens.
    pub state: u32,
}

/// Block of [`close`].
#[repr(C)]
#[derive(Debug)]
pub struct Close {
    /// What [`open`] gave.
    pub descriptor: i32,
}

/// A buffer as Windows has it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// Its length.
    pub length: u32,
    /// Its first byte.
    pub bytes: *mut u8,
}

/// Block of [`receive`] and [`send`].
#[repr(C)]
#[derive(Debug)]
pub struct Carry {
    /// What [`open`] gave.
    pub descriptor: i32,
    /// How long to wait when nothing can be done at once, in milliseconds.
    pub patience: i32,
    /// The buffers.
    pub buffers: *const Buffer,
    /// How many, at most [`BUFFERS`].
    pub count: u32,
    /// 1: leave the data (`MSG_PEEK`); 2: all of it is to be sent.
    pub flags: u32,
    /// The other's address in the system's layout: read by [`send`], written by [`receive`].
    pub name: [u8; 28],
    /// Its length; 0 for none. [`receive`] answers with the length.
    pub name_length: u32,
    /// Answer: the bytes that were carried.
    pub carried: u32,
    /// Answer: the system's error that ended it; 0 for none, `EAGAIN` when the patience is over.
    pub error: i32,
    /// Answer: 1 when the message was longer than the buffers.
    pub truncated: u32,
}

/// What is asked about one descriptor, in the system's layout.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What [`open`] gave.
    pub descriptor: i32,
    /// `POLL*` of the system.
    pub events: i16,
    /// Answer.
    pub revents: i16,
}

/// Block of [`poll`].
#[repr(C)]
#[derive(Debug)]
pub struct Poll {
    /// What is asked.
    pub asked: *mut Asked,
    /// How much.
    pub count: u32,
    /// How long to wait, in milliseconds.
    pub patience: i32,
    /// Answer: how many descriptors have something; -1 for a failure.
    pub ready: i32,
}

/// Opens the descriptor behind a handle.
pub fn open(block: &mut Open) {
    block.state = 0;
    block.descriptor = ntdll::descriptor(block.handle).unwrap_or(-1);
    if block.descriptor < 0 {
        return;
    }
    // SAFETY: our own descriptor; no pointers.
    unsafe { libc::fcntl(block.descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    block.state = state(block.descriptor);
}

/// What a socket is: see [`Open::state`].
pub(crate) fn state(descriptor: i32) -> u32 {
    let mut name = [0u64; 16];
    let mut length: libc::socklen_t = 128;
    // SAFETY: room for every address.
    let connected =
        unsafe { libc::getpeername(descriptor, name.as_mut_ptr().cast(), &raw mut length) } == 0;
    length = 128;
    // SAFETY: as above.
    let named =
        unsafe { libc::getsockname(descriptor, name.as_mut_ptr().cast(), &raw mut length) } == 0;
    // The port is the second half of the first word, for both versions of IP.
    let named = named && name[0].to_ne_bytes()[2..4] != [0, 0];
    let (mut listens, mut size) = (0i32, 4);
    let into = (&raw mut listens).cast();
    // SAFETY: room for the number.
    let asked = unsafe {
        libc::getsockopt(
            descriptor,
            libc::SOL_SOCKET,
            libc::SO_ACCEPTCONN,
            into,
            &raw mut size,
        )
    };
    u32::from(connected) | u32::from(named) << 1 | u32::from(asked == 0 && listens != 0) << 2
}

/// Closes a descriptor.
pub fn close(block: &mut Close) {
    // SAFETY: our own descriptor, closed once.
    unsafe { libc::close(block.descriptor) };
}

/// The buffers as the system wants them; how many.
///
/// # Safety
/// The pointers of the block are as its fields say.
unsafe fn vectors(block: &Carry) -> ([libc::iovec; BUFFERS], usize) {
    let none = libc::iovec {
        iov_base: std::ptr::null_mut(),
        iov_len: 0,
    };
    let mut vectors = [none; BUFFERS];
    let count = (block.count as usize).min(BUFFERS);
    for (index, vector) in vectors.iter_mut().take(count).enumerate() {
        let buffer = block.buffers.wrapping_add(index);
        // SAFETY: the caller's contract: as many buffers as it says.
        let buffer = unsafe { buffer.read_unaligned() };
        *vector = libc::iovec {
            iov_base: buffer.bytes.cast(),
            iov_len: buffer.length as usize,
        };
    }
    (vectors, count)
}

fn message(vectors: &mut [libc::iovec]) -> libc::msghdr {
    // SAFETY: a structure of numbers and pointers; all zeroes is one without anything.
    let mut message = unsafe { std::mem::zeroed::<libc::msghdr>() };
    message.msg_iov = vectors.as_mut_ptr();
    message.msg_iovlen = vectors.len() as _;
    message
}

fn error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Receives what is there, or what comes in time.
///
/// # Safety
/// The pointers of the block are as its fields say.
pub unsafe fn receive(block: &mut Carry) {
    // SAFETY: the caller's contract.
    let (mut vectors, count) = unsafe { vectors(block) };
    let flags = if block.flags & 1 == 0 {
        0
    } else {
        libc::MSG_PEEK
    };
    let room = block.name_length;
    let mut waited = false;
    loop {
        let mut message = message(&mut vectors[..count]);
        if room != 0 {
            message.msg_name = block.name.as_mut_ptr().cast();
            message.msg_namelen = 28;
        }
        // SAFETY: our own descriptor; the buffers are the application's, and where they cannot be written the
        // system says so.
        let got = unsafe {
            libc::recvmsg(
                block.descriptor,
                &raw mut message,
                flags | libc::MSG_DONTWAIT,
            )
        };
        if got >= 0 {
            block.carried = got as u32;
            block.name_length = message.msg_namelen;
            block.truncated = u32::from(message.msg_flags & libc::MSG_TRUNC != 0);
            block.error = 0;
            return;
        }
        block.error = error();
        let again = match block.error {
            libc::EINTR => true,
            libc::EAGAIN if !waited && block.patience > 0 => {
                waited = true;
                wait(block.descriptor, libc::POLLIN, block.patience)
            }
            _ => false,
        };
        if !again {
            return;
        }
    }
}

/// Sends what there is room for; with flag 2 all of it, as long as room comes in time each time.
///
/// # Safety
/// The pointers of the block are as its fields say.
pub unsafe fn send(block: &mut Carry) {
    // SAFETY: the caller's contract.
    let (mut vectors, count) = unsafe { vectors(block) };
    let mut rest = &mut vectors[..count];
    block.carried = 0;
    loop {
        let mut message = message(rest);
        if block.name_length != 0 {
            message.msg_name = block.name.as_mut_ptr().cast();
            message.msg_namelen = block.name_length.min(28);
        }
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: our own descriptor; the buffers are the application's, and where they cannot be read the
        // system says so.
        let sent = unsafe { libc::sendmsg(block.descriptor, &raw const message, flags) };
        if sent >= 0 {
            block.carried += sent as u32;
            block.error = 0;
            rest = advance(rest, sent as usize);
            if rest.is_empty() || block.flags & 2 == 0 {
                return;
            }
            continue;
        }
        block.error = error();
        let again = match block.error {
            libc::EINTR => true,
            libc::EAGAIN if block.patience > 0 => {
                wait(block.descriptor, libc::POLLOUT, block.patience)
            }
            _ => false,
        };
        if !again {
            return;
        }
    }
}

/// What is left of the buffers after so many bytes.
fn advance(mut rest: &mut [libc::iovec], mut bytes: usize) -> &mut [libc::iovec] {
    while let Some(first) = rest.first_mut() {
        if bytes < first.iov_len {
            first.iov_base = first.iov_base.wrapping_byte_add(bytes);
            first.iov_len -= bytes;
            break;
        }
        bytes -= first.iov_len;
        rest = &mut rest[1..];
    }
    rest
}

/// Whether a descriptor has something in so many milliseconds.
fn wait(descriptor: i32, events: i16, patience: i32) -> bool {
    let mut asked = Asked {
        descriptor,
        events,
        revents: 0,
    };
    // SAFETY: one live element.
    unsafe { poll_for(&raw mut asked, 1, patience) > 0 }
}

/// Asks about several descriptors.
///
/// # Safety
/// The pointers of the block are as its fields say.
pub unsafe fn poll(block: &mut Poll) {
    // SAFETY: the caller's contract: as many elements as it says.
    block.ready = unsafe { poll_for(block.asked, block.count, block.patience) };
}

/// # Safety
/// `asked` points to `count` elements.
unsafe fn poll_for(asked: *mut Asked, count: u32, patience: i32) -> i32 {
    let mut left = patience;
    let end = (patience > 0).then(|| Instant::now() + Duration::from_millis(patience as u64));
    loop {
        // SAFETY: the caller's contract; the layout is the system's.
        let ready = unsafe { libc::poll(asked.cast(), libc::nfds_t::from(count), left) };
        if ready >= 0 || error() != libc::EINTR {
            return ready;
        }
        left = end.map_or(patience, |end| {
            end.saturating_duration_since(Instant::now()).as_millis() as i32
        });
    }
}
