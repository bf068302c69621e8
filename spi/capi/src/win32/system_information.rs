//! What a program asks about the machine, the system and the time.
//!
//! The version is Windows 10's, which is what the headers and the client DLL are modelled on. The system's folder is that of the
//! environment variable `SystemRoot`, as in module paths ([`ws2spi::loader::path`]).

use super::{or, truth};
use crate::table::exports;
use crate::text;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use ws2spi::loader::path;
use ws2spi_abi::{BOOL, Errno, FALSE, FILETIME, PSTR, PWSTR};
use ws2spi_kernel::clock;

/// `SYSTEM_INFO`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SystemInfo {
    /// `PROCESSOR_ARCHITECTURE_*`.
    pub architecture: u16,
    /// Reserved.
    pub reserved: u16,
    /// Bytes of a page.
    pub page_size: u32,
    /// The lowest address of a program's.
    pub minimum_address: usize,
    /// The highest.
    pub maximum_address: usize,
    /// A bit for each processor, as far as they fit.
    pub active_processors: usize,
    /// How many there are.
    pub processors: u32,
    /// `PROCESSOR_AMD_X8664` or 0.
    pub processor_type: u32,
    /// What address spaces are given out in.
    pub allocation_granularity: u32,
    /// Level of the architecture.
    pub level: u16,
    /// Its revision.
    pub revision: u16,
}

/// Describes the machine. Microsoft: "GetSystemInfo function", "GetNativeSystemInfo function".
///
/// # Safety
/// `info` is null or writable.
#[doc(alias = "GetSystemInfo")]
#[doc(alias = "GetNativeSystemInfo")]
pub unsafe fn machine(info: *mut SystemInfo) {
    if info.is_null() {
        return;
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    // SAFETY: a number of the system's is asked for.
    let page_size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let amd64 = cfg!(target_arch = "x86_64");
    let found = SystemInfo {
        architecture: if amd64 {
            ARCHITECTURE_AMD64
        } else {
            ARCHITECTURE_ARM64
        },
        reserved: 0,
        page_size: u32::try_from(page_size).unwrap_or(4096),
        minimum_address: 0x1_0000,
        maximum_address: 0x7fff_fffe_ffff,
        active_processors: match processors {
            0..64 => (1 << processors) - 1,
            _ => usize::MAX,
        },
        processors: processors as u32,
        processor_type: if amd64 { 8664 } else { 0 },
        allocation_granularity: 0x1_0000,
        level: 6,
        revision: 0,
    };
    // SAFETY: the caller's contract; not null.
    unsafe { info.write_unaligned(found) };
}

/// Stores the version in an `OSVERSIONINFOA` (its first word says how long it is) or `OSVERSIONINFOEXA`: Windows 10, build 19041.
/// `ERROR_INSUFFICIENT_BUFFER` for another length, `ERROR_NOACCESS` for NULL. Microsoft: "GetVersionExA function".
///
/// # Safety
/// `info` is null or points to as many bytes as its first word says.
#[doc(alias = "GetVersionExA")]
pub unsafe fn version_a(info: *mut u32) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { version(info, 148, 156) })
}

/// [`version_a`] with 16-bit text. Microsoft: "GetVersionExW function".
///
/// # Safety
/// As [`version_a`].
#[doc(alias = "GetVersionExW")]
pub unsafe fn version_w(info: *mut u32) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { version(info, 276, 284) })
}

/// # Safety
/// `info` is null or points to as many bytes as its first word says.
unsafe fn version(info: *mut u32, plain: u32, extended: u32) -> Result<(), Errno> {
    if info.is_null() {
        return Err(Errno::NOACCESS);
    }
    // SAFETY: the caller's contract; not null.
    let size = unsafe { info.read_unaligned() };
    if size != plain && size != extended {
        return Err(Errno::INSUFFICIENT_BUFFER);
    }
    let bytes = info.cast::<u8>();
    // SAFETY: the caller's contract: that many bytes; the text, the service pack's, becomes empty.
    unsafe { bytes.write_bytes(0, size as usize) };
    let words = [size, 10, 0, 19041, VER_PLATFORM_WIN32_NT];
    for (at, word) in words.into_iter().enumerate() {
        // SAFETY: both lengths hold these words.
        unsafe { info.wrapping_add(at).write_unaligned(word) };
    }
    if size == extended {
        // The last byte but one is wProductType.
        let kind = bytes.wrapping_add(size as usize - 2);
        // SAFETY: within the structure.
        unsafe { kind.write(VER_NT_WORKSTATION) };
    }
    Ok(())
}

/// Stores the system's folder, `%SystemRoot%\System32`: its length without the NUL, or, when it does not fit, the size with the NUL.
/// Microsoft: "GetSystemDirectoryA function".
///
/// # Safety
/// `target` is null or has room for `size` bytes.
#[doc(alias = "GetSystemDirectoryA")]
pub unsafe fn system_folder_a(target: PSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { narrow(&path::expand("%SystemRoot%\\System32"), target, size) }
}

/// [`system_folder_a`] in 16-bit units. Microsoft: "GetSystemDirectoryW function".
///
/// # Safety
/// `target` is null or has room for `size` units.
#[doc(alias = "GetSystemDirectoryW")]
pub unsafe fn system_folder_w(target: PWSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { wide(&path::expand("%SystemRoot%\\System32"), target, size) }
}

/// Stores the folder of Windows, `%SystemRoot%`; as [`system_folder_a`]. Microsoft: "GetWindowsDirectoryA function".
///
/// # Safety
/// `target` is null or has room for `size` bytes.
#[doc(alias = "GetWindowsDirectoryA")]
pub unsafe fn windows_folder_a(target: PSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { narrow(&path::expand("%SystemRoot%"), target, size) }
}

/// [`windows_folder_a`] in 16-bit units. Microsoft: "GetWindowsDirectoryW function".
///
/// # Safety
/// `target` is null or has room for `size` units.
#[doc(alias = "GetWindowsDirectoryW")]
pub unsafe fn windows_folder_w(target: PWSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { wide(&path::expand("%SystemRoot%"), target, size) }
}

/// # Safety
/// `target` is null or has room for `size` bytes.
unsafe fn narrow(folder: &str, target: PSTR, size: u32) -> u32 {
    let bytes: Vec<u8> = folder.bytes().chain(Some(0)).collect();
    // SAFETY: the caller's contract.
    unsafe { text::store(&bytes, target, size as usize) };
    length(bytes.len(), target.is_null(), size)
}

/// # Safety
/// `target` is null or has room for `size` units.
unsafe fn wide(folder: &str, target: PWSTR, size: u32) -> u32 {
    let units: Vec<u16> = folder.encode_utf16().chain(Some(0)).collect();
    // SAFETY: the caller's contract.
    unsafe { text::store(&units, target, size as usize) };
    length(units.len(), target.is_null(), size)
}

fn length(needed: usize, nowhere: bool, size: u32) -> u32 {
    let fits = !nowhere && needed <= size as usize;
    (needed - usize::from(fits)) as u32
}

/// Milliseconds since this library was first asked for the time. Microsoft: "GetTickCount64 function".
#[doc(alias = "GetTickCount64")]
#[must_use]
pub fn ticks() -> u64 {
    since_start().as_millis() as u64
}

/// [`ticks`] in 32 bits, which wrap. Microsoft: "GetTickCount function".
#[doc(alias = "GetTickCount")]
#[must_use]
pub fn short_ticks() -> u32 {
    ticks() as u32
}

/// Stores a counter of nanoseconds. `ERROR_NOACCESS` for NULL. Microsoft: "QueryPerformanceCounter function".
///
/// # Safety
/// `counter` is null or writable.
#[doc(alias = "QueryPerformanceCounter")]
pub unsafe fn performance_counter(counter: *mut i64) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { store(counter, since_start().as_nanos() as i64) })
}

/// Stores how often a second the counter counts. `ERROR_NOACCESS` for NULL. Microsoft: "QueryPerformanceFrequency function".
///
/// # Safety
/// `frequency` is null or writable.
#[doc(alias = "QueryPerformanceFrequency")]
pub unsafe fn performance_frequency(frequency: *mut i64) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { store(frequency, 1_000_000_000) })
}

/// Stores the time of day, in steps of 100 nanoseconds since 1601. Microsoft: "GetSystemTimeAsFileTime function".
///
/// # Safety
/// `time` is null or writable.
#[doc(alias = "GetSystemTimeAsFileTime")]
pub unsafe fn file_time(time: *mut FILETIME) {
    let steps = clock::file_time();
    let found = FILETIME {
        dwLowDateTime: steps as u32,
        dwHighDateTime: (steps >> 32) as u32,
    };
    // SAFETY: the caller's contract.
    let stored = unsafe { store(time, found) };
    or((), stored);
}

/// # Safety
/// `place` is null or writable.
unsafe fn store<T>(place: *mut T, value: T) -> Result<(), Errno> {
    if place.is_null() {
        return Err(Errno::NOACCESS);
    }
    // SAFETY: the caller's contract; not null.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

fn since_start() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

exports! {
    "GetSystemInfo" get_system_info(info: *mut SystemInfo) => machine;
    "GetNativeSystemInfo" get_native_system_info(info: *mut SystemInfo) => machine;
    "GetVersionExA" get_version_ex_a(info: *mut u32) -> BOOL = FALSE => version_a;
    "GetVersionExW" get_version_ex_w(info: *mut u32) -> BOOL = FALSE => version_w;
    "GetSystemDirectoryA" get_system_directory_a(target: PSTR, size: u32) -> u32 = 0 => system_folder_a;
    "GetSystemDirectoryW" get_system_directory_w(target: PWSTR, size: u32) -> u32 = 0 => system_folder_w;
    "GetWindowsDirectoryA" get_windows_directory_a(target: PSTR, size: u32) -> u32 = 0 => windows_folder_a;
    "GetWindowsDirectoryW" get_windows_directory_w(target: PWSTR, size: u32) -> u32 = 0 => windows_folder_w;
    "GetTickCount" get_tick_count() -> u32 = 0 => short_ticks;
    "GetTickCount64" get_tick_count_64() -> u64 = 0 => ticks;
    "QueryPerformanceCounter" query_performance_counter(counter: *mut i64) -> BOOL = FALSE => performance_counter;
    "QueryPerformanceFrequency" query_performance_frequency(frequency: *mut i64) -> BOOL = FALSE => performance_frequency;
    "GetSystemTimeAsFileTime" get_system_time_as_file_time(time: *mut FILETIME) => file_time;
}

const ARCHITECTURE_AMD64: u16 = 9;
const ARCHITECTURE_ARM64: u16 = 12;
const VER_PLATFORM_WIN32_NT: u32 = 2;
const VER_NT_WORKSTATION: u8 = 1;
