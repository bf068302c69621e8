//! `GetSystemInfo`, `GetVersionEx`, `GetSystemDirectory`, `GetTickCount`, `QueryPerformanceCounter`, `GetSystemTimeAsFileTime`.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "like calls stand in one list, under one fact"
)]

use super::error_of;
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::time::{SystemTime, UNIX_EPOCH};
use ws2_32::win32::system_information as system;
use ws2spi_abi::*;

// MSDN "GetSystemInfo": a page size that is a power of two, and at least one processor, as many as the mask has.
#[test]
fn the_machine_has_pages_and_processors() {
    let mut info = MaybeUninit::<system::SystemInfo>::uninit();
    // SAFETY: a live local.
    unsafe { system::machine(info.as_mut_ptr()) };
    // SAFETY: filled just now.
    let info = unsafe { info.assume_init() };
    assert!(info.page_size.is_power_of_two());
    assert!(info.processors >= 1);
    assert_eq!(info.active_processors.count_ones(), info.processors.min(64));
    assert_eq!(size_of::<system::SystemInfo>(), 48);
    // SAFETY: NULL is looked for.
    unsafe { system::machine(null_mut()) };
}

fn version(words: &mut [u32], size: u32, wide: bool) -> BOOL {
    words[0] = size;
    // SAFETY: at least as many bytes as said.
    unsafe {
        if wide {
            system::version_w(words.as_mut_ptr())
        } else {
            system::version_a(words.as_mut_ptr())
        }
    }
}

// MSDN "GetVersionExA": the size says which structure; another one is ERROR_INSUFFICIENT_BUFFER.
#[test]
fn the_version_is_windows_10s() {
    let mut words = [0xaaaa_aaaa; 80];
    for (size, wide) in [(148, false), (156, false), (276, true), (284, true)] {
        assert_eq!(version(&mut words, size, wide), TRUE);
        assert_eq!(words[1..5], [10, 0, 19041, 2]);
        assert_eq!(words[5], 0, "no service pack");
        words.fill(0xaaaa_aaaa);
    }
    for (size, wide) in [(0, false), (276, false), (148, true)] {
        let refused = error_of(|| version(&mut words, size, wide));
        assert_eq!(refused, (FALSE, Errno::INSUFFICIENT_BUFFER.code() as u32));
    }
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { system::version_a(null_mut()) });
    assert_eq!(none, (FALSE, Errno::NOACCESS.code() as u32));
}

// MSDN "GetSystemDirectoryA": the length without the NUL when it fits, with it when it does not.
#[test]
fn the_systems_folder_is_below_windows_own() {
    let mut target = [0xaa; 300];
    let (place, size) = (target.as_mut_ptr(), 300);
    // SAFETY: room for as many bytes as said.
    let length = unsafe { system::windows_folder_a(place, size) } as usize;
    let windows = String::from_utf8_lossy(&target[..length]).into_owned();
    // SAFETY: as above.
    let length = unsafe { system::system_folder_a(place, size) } as usize;
    assert_eq!(target[length], 0);
    let folder = String::from_utf8_lossy(&target[..length]).into_owned();
    assert_eq!(folder, format!("{windows}\\System32"));
    let mut units = [0xaaaa; 300];
    // SAFETY: room for as many units as said.
    let wide = unsafe { system::system_folder_w(units.as_mut_ptr(), 300) } as usize;
    assert_eq!(String::from_utf16_lossy(&units[..wide]), folder);
    units[0] = 7;
    // SAFETY: room for as many units as said; NULL is looked for.
    let short = unsafe {
        [
            system::system_folder_w(units.as_mut_ptr(), length as u32),
            system::windows_folder_w(null_mut(), 0),
        ]
    };
    assert_eq!(short, [length as u32 + 1, windows.len() as u32 + 1]);
    assert_eq!(units[0], 7);
}

// MSDN "GetTickCount64", "QueryPerformanceCounter": time goes on, in the units that the frequency says.
#[test]
fn counters_do_not_go_back() {
    let (mut first, mut second, mut frequency) = (0, 0, 0);
    let ticks = system::ticks();
    // SAFETY: live locals.
    let read = unsafe {
        [
            system::performance_counter(&raw mut first),
            system::performance_counter(&raw mut second),
            system::performance_frequency(&raw mut frequency),
        ]
    };
    assert_eq!(read, [TRUE; 3]);
    assert!(second >= first && frequency > 0);
    assert!(system::ticks() >= ticks);
    assert_eq!(u64::from(system::short_ticks()) >> 32, 0);
    let none = (FALSE, Errno::NOACCESS.code() as u32);
    // SAFETY: NULL is looked for.
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { system::performance_counter(null_mut()) }),
        none
    );
    // SAFETY: NULL is looked for.
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { system::performance_frequency(null_mut()) }),
        none
    );
}

// MSDN "FILETIME": steps of 100 nanoseconds since 1601, which is 11,644,473,600 seconds before 1970.
#[test]
fn the_time_counts_from_1601() {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    };
    let mut time = FILETIME {
        dwLowDateTime: 0,
        dwHighDateTime: 0,
    };
    let before = now();
    // SAFETY: a live local.
    unsafe { system::file_time(&raw mut time) };
    let steps = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    let seconds = steps / 10_000_000 - 11_644_473_600;
    assert!((before..=now()).contains(&seconds));
}
