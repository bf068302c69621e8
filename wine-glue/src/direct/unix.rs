//! The Unix half: finding it, and its calls.
//!
//! Wine loads it by its name where it can (Wine 11), and otherwise as the Unix half of a DLL that it takes
//! for one of its own: an empty `ws2spi-direct.dll` with Wine's marker, found in a folder of `WINEDLLPATH`
//! (README). The argument blocks are those of `ws2spi-wine-unix`, module `calls`.

use core::ffi::c_void;
use std::sync::OnceLock;

use windows_sys::Win32::System::LibraryLoader;
use ws2spi_abi::WSABUF;

/// As many buffers as a call carries.
pub(super) const BUFFERS: u32 = 16;

#[repr(C)]
#[derive(Default)]
struct Open {
    handle: usize,
    descriptor: i32,
    state: u32,
}

#[repr(C)]
struct Close {
    descriptor: i32,
}

/// One receive or send.
#[repr(C)]
pub(super) struct Carry {
    pub(super) descriptor: i32,
    pub(super) patience: i32,
    pub(super) buffers: *const WSABUF,
    pub(super) count: u32,
    pub(super) flags: u32,
    pub(super) name: [u8; 28],
    pub(super) name_length: u32,
    pub(super) carried: u32,
    pub(super) error: i32,
    pub(super) truncated: u32,
}

/// What is asked about one descriptor, and the answer.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) descriptor: i32,
    pub(super) events: i16,
    pub(super) revents: i16,
}

#[repr(C)]
struct Poll {
    asked: *mut Asked,
    count: u32,
    patience: i32,
    ready: i32,
}

const OPEN: u32 = 0;
const CLOSE: u32 = 1;
const RECEIVE: u32 = 2;
const SEND: u32 = 3;
const POLL: u32 = 4;

type Dispatcher = unsafe extern "system" fn(u64, u32, *mut c_void) -> i32;

/// The Unix half of this process.
pub(super) struct Unix {
    half: u64,
    dispatcher: Dispatcher,
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtQueryVirtualMemory(
        process: usize,
        address: *const c_void,
        class: u32,
        answer: *mut u64,
        size: usize,
        returned: *mut usize,
    ) -> i32;
}

/// `UNICODE_STRING`.
#[repr(C)]
struct Name {
    length: u16,
    room: u16,
    units: *const u16,
}

/// The Unix half, if it is there and wanted.
pub(super) fn unix() -> Option<&'static Unix> {
    static UNIX: OnceLock<Option<Unix>> = OnceLock::new();
    UNIX.get_or_init(Unix::load).as_ref()
}

impl Unix {
    fn load() -> Option<Self> {
        if std::env::var_os("WS2SPI_DIRECT").is_some_and(|value| value == "0" || value == "off") {
            return None;
        }
        let dispatcher = dispatcher()?;
        [by_name, by_module].into_iter().find_map(|half| {
            let unix = Self {
                half: half()?,
                dispatcher,
            };
            // What was found answers that there is nothing behind no handle.
            let mut probe = Open::default();
            let answers = unix.call(OPEN, &mut probe) && probe.descriptor == -1;
            answers.then_some(unix)
        })
    }

    /// Calls a function with its block; whether it ran.
    fn call<T>(&self, function: u32, block: &mut T) -> bool {
        let block = std::ptr::from_mut(block).cast();
        // SAFETY: Wine's dispatcher, the half it gave, and the block of that function.
        unsafe { (self.dispatcher)(self.half, function, block) == 0 }
    }

    /// The descriptor behind a handle and what the socket is.
    pub(super) fn open(&'static self, handle: usize) -> Option<(Descriptor, u32)> {
        let mut block = Open {
            handle,
            ..Open::default()
        };
        let opened = self.call(OPEN, &mut block) && block.descriptor >= 0;
        opened.then(|| {
            let descriptor = Descriptor {
                unix: self,
                raw: block.descriptor,
            };
            (descriptor, block.state)
        })
    }

    /// Asks about several descriptors; how many have something.
    pub(super) fn poll(&self, asked: &mut [Asked], patience: i32) -> Option<i32> {
        let mut block = Poll {
            asked: asked.as_mut_ptr(),
            count: asked.len() as u32,
            patience,
            ready: -1,
        };
        let answered = self.call(POLL, &mut block) && block.ready >= 0;
        answered.then_some(block.ready)
    }
}

/// A descriptor of a socket; closed when it is dropped.
pub(super) struct Descriptor {
    unix: &'static Unix,
    raw: i32,
}

impl Descriptor {
    pub(super) fn raw(&self) -> i32 {
        self.raw
    }

    /// Receives into the block's buffers; whether it ran.
    pub(super) fn receive(&self, block: &mut Carry) -> bool {
        block.descriptor = self.raw;
        self.unix.call(RECEIVE, block)
    }

    /// Sends the block's buffers; whether it ran.
    pub(super) fn send(&self, block: &mut Carry) -> bool {
        block.descriptor = self.raw;
        self.unix.call(SEND, block)
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let mut block = Close {
            descriptor: self.raw,
        };
        self.unix.call(CLOSE, &mut block);
    }
}

impl std::fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Descriptor({})", self.raw)
    }
}

/// The function with which Windows code calls its Unix half; `None` without Wine.
fn dispatcher() -> Option<Dispatcher> {
    let name: Vec<u16> = "ntdll.dll\0".encode_utf16().collect();
    // SAFETY: a string with its end.
    let ntdll = unsafe { LibraryLoader::GetModuleHandleW(name.as_ptr()) };
    let variable = c"__wine_unix_call_dispatcher";
    // SAFETY: a loaded module and a string with its end.
    let variable = unsafe { LibraryLoader::GetProcAddress(ntdll, variable.as_ptr().cast()) }?;
    // SAFETY: the variable of that name holds the function's address, or nothing.
    let function = unsafe { (variable as *const usize).read() };
    // SAFETY: Wine's function of this type; the niche of the option is 0.
    unsafe { std::mem::transmute::<usize, Option<Dispatcher>>(function) }
}

/// Wine 11: the half by its name alone.
fn by_name() -> Option<u64> {
    let units: Vec<u16> = NAME.encode_utf16().collect();
    let length = size_of_val(&units[..]) as u16;
    let name = Name {
        length,
        room: length,
        units: units.as_ptr(),
    };
    // The module, which is for giving it back, and the half.
    let mut answer = [0; 2];
    let address = (&raw const name).cast();
    query(address, LOAD_BY_NAME, &mut answer).then_some(answer[1])
}

/// The half of the marked DLL.
fn by_module() -> Option<u64> {
    let path: Vec<u16> = NAME.encode_utf16().chain(".dll\0".encode_utf16()).collect();
    // SAFETY: a string with its end.
    let module = unsafe { LibraryLoader::LoadLibraryW(path.as_ptr()) };
    let mut answer = [0; 1];
    let there = !module.is_null() && query(module, HALF_OF_MODULE, &mut answer);
    there.then_some(answer[0])
}

fn query(address: *const c_void, class: u32, answer: &mut [u64]) -> bool {
    let size = size_of_val(answer);
    let process = usize::MAX;
    let none = std::ptr::null_mut();
    // SAFETY: what the class wants at its address; room as is said.
    unsafe { NtQueryVirtualMemory(process, address, class, answer.as_mut_ptr(), size, none) == 0 }
}

const NAME: &str = "ws2spi-direct";
/// Wine's own classes of `NtQueryVirtualMemory`.
const HALF_OF_MODULE: u32 = 1000;
const LOAD_BY_NAME: u32 = 1002;
