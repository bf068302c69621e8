//! The registry: `RegCreateKeyEx`, `RegOpenKeyEx`, `RegSetValueEx`, `RegQueryValueEx` and their kin.

use super::{STALE, Scratch, wide};
use std::path::Path;
use std::process::Command;
use std::ptr::{null, null_mut};
use ws2_32::win32::{handle, registry, registry_key, registry_value};
use ws2spi::whole_file::{self, Patience};
use ws2spi_abi::*;

const HKLM: HANDLE = 0xffff_ffff_8000_0002;
const HKCU: HANDLE = 0x8000_0001;
const ALL_ACCESS: u32 = 0xf_003f;
const SZ: u32 = 1;
const EXPAND_SZ: u32 = 2;
const BINARY: u32 = 3;
const DWORD: u32 = 4;
const MULTI_SZ: u32 = 7;
const QWORD: u32 = 11;

fn create(key: HANDLE, name: &str) -> (HANDLE, u32) {
    let (name, mut made, mut what) = (wide(name), 0, 0);
    let (place, disposition) = (&raw mut made, &raw mut what);
    let (subkey, none) = (name.as_ptr(), null());
    // SAFETY: live locals, NUL-terminated.
    let code = unsafe {
        registry_key::create_w(
            key,
            subkey,
            0,
            none,
            0,
            ALL_ACCESS,
            null(),
            place,
            disposition,
        )
    };
    assert_eq!(code, 0);
    (made, what)
}

fn open(key: HANDLE, name: &str) -> Result<HANDLE, i32> {
    let (name, mut found) = (wide(name), 0);
    // SAFETY: live locals, NUL-terminated.
    let code = unsafe { registry_key::open_w(key, name.as_ptr(), 0, ALL_ACCESS, &raw mut found) };
    if code == 0 { Ok(found) } else { Err(code) }
}

fn delete(key: HANDLE, name: &str) -> i32 {
    let name = wide(name);
    // SAFETY: NUL-terminated.
    unsafe { registry_key::delete_w(key, name.as_ptr()) }
}

fn set(key: HANDLE, name: &str, kind: u32, data: &[u8]) -> i32 {
    let name = wide(name);
    // SAFETY: NUL-terminated, as many bytes as are said.
    unsafe {
        registry_value::set_w(
            key,
            name.as_ptr(),
            0,
            kind,
            data.as_ptr(),
            data.len() as u32,
        )
    }
}

/// The type and the data of a value, with so much room for them.
fn query(key: HANDLE, name: &str, room: usize) -> (i32, u32, u32, Vec<u8>) {
    let (name, mut kind, mut size, mut data) = (wide(name), 0, room as u32, vec![0; room]);
    let (kind_at, size_at) = (&raw mut kind, &raw mut size);
    let reserved = null_mut();
    // SAFETY: live locals, NUL-terminated, as much room as is said.
    let code = unsafe {
        registry_value::query_w(
            key,
            name.as_ptr(),
            reserved,
            kind_at,
            data.as_mut_ptr(),
            size_at,
        )
    };
    data.truncate(size as usize);
    (code, kind, size, data)
}

fn close(keys: &[HANDLE]) {
    for key in keys {
        assert_eq!(registry::close(*key), 0);
    }
}

fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

// MSDN "RegCreateKeyExW", "RegOpenKeyExW": all keys of a path are made, names have no case, and the disposition says what was.
#[test]
fn a_key_is_made_once_and_opened_afterwards() {
    let (made, new) = create(HKLM, "Software\\ws2spi\\Made");
    let (again, existing) = create(HKLM, "SOFTWARE\\WS2SPI\\made");
    assert_eq!((new, existing), (1, 2));
    assert_eq!(set(made, "x", DWORD, &[1, 0, 0, 0]), 0);
    assert_eq!(query(again, "X", 4), (0, DWORD, 4, vec![1, 0, 0, 0]));
    let parent = open(HKLM, "software").expect("it was made");
    let below = open(parent, "ws2spi\\made").expect("it was made");
    let same = open(below, "").expect("the same once more");
    assert_eq!(query(same, "x", 4).0, 0);
    assert_eq!(open(parent, "nothing"), Err(2), "ERROR_FILE_NOT_FOUND");
    let (elsewhere, _) = create(HKCU, "Software\\ws2spi");
    assert_eq!(open(elsewhere, "Made"), Err(2), "another root");
    close(&[made, again, parent, below, same, elsewhere, HKLM]);
    assert_eq!(registry::close(made), 6, "ERROR_INVALID_HANDLE");
}

// MSDN "RegQueryValueExW", "RegSetValueExW": each type as it was set; ERROR_MORE_DATA with the size that is needed.
#[test]
fn a_value_is_read_as_it_was_set() {
    let (key, _) = create(HKLM, "Software\\ws2spi\\Values");
    let values: [(&str, u32, Vec<u8>); 7] = [
        ("", SZ, units("default\0")),
        ("text", SZ, units("text\0")),
        ("expand", EXPAND_SZ, units("%PATH%\0")),
        ("list", MULTI_SZ, units("a\0b\0\0")),
        ("bytes", BINARY, vec![0, 1, 255]),
        ("dword", DWORD, vec![4, 3, 2, 1]),
        ("qword", QWORD, vec![1; 8]),
    ];
    for (name, kind, data) in &values {
        assert_eq!(set(key, name, *kind, data), 0);
    }
    for (name, kind, data) in &values {
        let length = data.len() as u32;
        assert_eq!(
            query(key, name, data.len()),
            (0, *kind, length, data.clone())
        );
        let short = query(key, name, data.len() - 1);
        assert_eq!((short.0, short.2), (234, length), "ERROR_MORE_DATA");
        assert_eq!(short.3, vec![0; data.len() - 1], "nothing is stored");
    }
    let mut size = 0;
    let (none, no_room) = (null_mut(), null_mut());
    // SAFETY: a live local; NULL is the default value's name.
    let asked = unsafe { registry_value::query_w(key, null(), none, none, no_room, &raw mut size) };
    assert_eq!((asked, size), (0, 16));
    let mut byte = 0u8;
    // SAFETY: room without a size is refused.
    let refused = unsafe { registry_value::query_w(key, null(), none, none, &raw mut byte, none) };
    assert_eq!(refused, 87);
    assert_eq!(query(key, "nothing", 1).0, 2);
    // SAFETY: NULL is looked for.
    let answer = unsafe { registry_value::set_w(key, null(), 0, SZ, null(), 2) };
    assert_eq!(answer, 998);
    let name = wide("text");
    // SAFETY: NUL-terminated.
    let delete = || unsafe { registry_value::delete_w(key, name.as_ptr()) };
    assert_eq!((delete(), delete()), (0, 2));
    assert_eq!(query(STALE, "", 1).0, 6);
    close(&[key]);
}

// MSDN "RegSetValueExA", "RegQueryValueExA": text is converted, other data are not.
#[test]
fn text_is_converted_for_bytes() {
    let (wide_key, _) = create(HKCU, "Software\\ws2spi\\bytes");
    let mut key = 0;
    let path = c"Software\\ws2spi\\bytes".as_ptr().cast();
    // SAFETY: live locals, NUL-terminated.
    let opened = unsafe { registry_key::open_a(HKCU, path, 0, ALL_ACCESS, &raw mut key) };
    assert_eq!(opened, 0);
    let text = "grün\0";
    let (name, data) = (c"name".as_ptr().cast(), text.as_ptr());
    // SAFETY: as many bytes as are said.
    let answer = unsafe { registry_value::set_a(key, name, 0, SZ, data, 6) };
    assert_eq!(answer, 0);
    assert_eq!(query(wide_key, "name", 10), (0, SZ, 10, units(text)));
    // What is said to be the longest is room enough for it: "\u{20ac}" has two bytes in UTF-16 and three in UTF-8.
    assert_eq!(
        set(wide_key, "euros", SZ, &units("\u{20ac}\u{20ac}\u{20ac}")),
        0
    );
    let (mut longest, none) = (0, null_mut());
    // SAFETY: a live local.
    let asked = unsafe {
        registry_key::query_a(
            key,
            null_mut(),
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            &raw mut longest,
            none,
            null_mut(),
        )
    };
    assert_eq!((asked, longest), (0, 9));
    let euros = wide("euros");
    // SAFETY: NUL-terminated.
    let answer = unsafe { registry_value::delete_w(wide_key, euros.as_ptr()) };
    assert_eq!(answer, 0);
    let (mut kind, mut size, mut room) = (0, 6, [0u8; 6]);
    let (kind_at, size_at, data) = (&raw mut kind, &raw mut size, room.as_mut_ptr());
    // SAFETY: live locals, as much room as is said.
    let read = unsafe { registry_value::query_a(key, name, null_mut(), kind_at, data, size_at) };
    assert_eq!(
        (read, kind, size, &room),
        (0, SZ, 6, text.as_bytes().first_chunk().expect("six"))
    );
    let (name_room, name_size) = (&mut [0u8; 9], &mut 9);
    let (names, sizes) = (name_room.as_mut_ptr(), &raw mut *name_size);
    let mut size = 6;
    let (size_at, kind_at, data) = (&raw mut size, &raw mut kind, room.as_mut_ptr());
    // SAFETY: as above.
    let listed = unsafe {
        registry_value::enumerate_a(key, 0, names, sizes, null_mut(), kind_at, data, size_at)
    };
    assert_eq!(
        (listed, &name_room[..5], *name_size),
        (0, &b"name\0"[..], 4)
    );
    // SAFETY: NUL-terminated.
    assert_eq!(unsafe { registry_value::delete_a(key, name) }, 0);
    let parent = c"Software\\ws2spi".as_ptr().cast();
    let (mut above, mut what) = (0, 0);
    let (place, disposition, no_class) = (&raw mut above, &raw mut what, null());
    // SAFETY: live locals, NUL-terminated.
    let made = unsafe {
        registry_key::create_a(HKCU, parent, 0, no_class, 0, 0, null(), place, disposition)
    };
    assert_eq!((made, what), (0, 2));
    // SAFETY: NUL-terminated.
    let answer = unsafe { registry_key::delete_a(above, c"bytes".as_ptr().cast()) };
    assert_eq!(answer, 0);
    assert_eq!(query(key, "name", 1).0, 1018, "ERROR_KEY_DELETED");
    close(&[key, wide_key, above]);
}

// MSDN "RegEnumKeyExW", "RegEnumValueW", "RegQueryInfoKeyW": ERROR_NO_MORE_ITEMS, ERROR_MORE_DATA.
#[test]
fn keys_and_values_are_counted_and_listed() {
    let (key, _) = create(HKLM, "Software\\ws2spi\\Listed");
    let made = ["Beta", "alpha", "Gamma ray"].map(|name| create(key, name).0);
    assert_eq!(set(key, "second", BINARY, &[0; 20]), 0);
    assert_eq!(set(key, "first", DWORD, &[0; 4]), 0);
    let mut room = [0u16; 20];
    let mut name = |place, space| {
        let (mut size, mut time) = (space, 0);
        let (names, none) = (room.as_mut_ptr(), null_mut());
        let (size_at, time_at) = (&raw mut size, &raw mut time);
        // SAFETY: live locals, as much room as is said.
        let code = unsafe {
            registry_key::enumerate_w(key, place, names, size_at, none, null_mut(), none, time_at)
        };
        (code, String::from_utf16_lossy(&room[..size as usize]))
    };
    assert_eq!(name(0, 20), (0, "alpha".into()));
    assert_eq!(name(1, 5), (0, "Beta".into()));
    assert_eq!(name(2, 9).0, 234);
    assert_eq!(name(2, 10), (0, "Gamma ray".into()));
    assert_eq!(name(3, 20).0, 259, "ERROR_NO_MORE_ITEMS");
    let mut value = |place, space, bytes| {
        let (mut size, mut kind, mut length, mut data) = (space, 0, bytes, [0u8; 20]);
        let (names, none) = (room.as_mut_ptr(), null_mut());
        let (size_at, kind_at, length_at) = (&raw mut size, &raw mut kind, &raw mut length);
        let data = data.as_mut_ptr();
        // SAFETY: live locals, as much room as is said.
        let code = unsafe {
            registry_value::enumerate_w(key, place, names, size_at, none, kind_at, data, length_at)
        };
        (code, size, kind, length)
    };
    assert_eq!(
        value(0, 20, 20),
        (0, 6, BINARY, 20),
        "in the order of setting"
    );
    assert_eq!(value(0, 20, 19), (234, 6, BINARY, 20));
    assert_eq!(value(1, 5, 20).0, 234);
    assert_eq!(value(2, 20, 20).0, 259);
    let mut counts = [9u32; 6];
    let mut written = 0;
    let [keys, longest, classes, values, names, data] = counts.each_mut().map(std::ptr::from_mut);
    let (none, time) = (null_mut(), &raw mut written);
    // SAFETY: live locals.
    let asked = unsafe {
        registry_key::query_w(
            key,
            null_mut(),
            none,
            none,
            keys,
            longest,
            classes,
            values,
            names,
            data,
            none,
            time,
        )
    };
    assert_eq!((asked, counts), (0, [3, 9, 0, 2, 6, 20]));
    assert!(written > 132_223_104_000_000_000, "after 2020");
    // SAFETY: nothing is asked for.
    let nothing = unsafe {
        registry_key::query_a(
            key,
            null_mut(),
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            null_mut(),
        )
    };
    assert_eq!(nothing, 0);
    let (mut narrow, mut size) = ([0u8; 6], 6);
    let (names, size_at) = (narrow.as_mut_ptr(), &raw mut size);
    // SAFETY: live locals, as much room as is said.
    let listed = unsafe {
        registry_key::enumerate_a(key, 0, names, size_at, none, null_mut(), none, null_mut())
    };
    assert_eq!((listed, &narrow, size), (0, b"alpha\0", 5));
    close(&made);
    close(&[key]);
}

// MSDN "RegDeleteKeyW": a key with subkeys stays; who had it open learns that it is gone.
#[test]
fn a_key_without_subkeys_is_deleted() {
    let (outer, _) = create(HKLM, "Software\\ws2spi\\Outer");
    let (inner, _) = create(outer, "Inner");
    assert_eq!(
        delete(HKLM, "Software\\ws2spi\\Outer"),
        5,
        "ERROR_ACCESS_DENIED"
    );
    assert_eq!(delete(outer, "inner"), 0);
    assert_eq!(delete(outer, "inner"), 2);
    assert_eq!(
        (set(inner, "x", DWORD, &[0; 4]), registry::flush(inner)),
        (1018, 1018)
    );
    assert_eq!(registry::flush(outer), 0);
    assert_eq!(delete(HKLM, ""), 5, "a predefined key");
    let classes = delete(HKLM, "software\\CLASSES");
    assert_eq!(classes, 5, "another, whatever the case of its name");
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { registry_key::delete_w(HKLM, null()) }, 87);
    close(&[outer, inner]);
}

// MSDN "RegOpenKeyExW": what is no key.
#[test]
fn keys_that_cannot_be_are_refused() {
    assert_eq!(open(STALE, "x"), Err(6));
    assert_eq!(open(0x8000_0009, "x"), Err(6));
    assert_eq!(open(HKLM, "\\Software"), Err(161), "ERROR_BAD_PATHNAME");
    assert_eq!(open(HKLM, &"x".repeat(256)), Err(87));
    // "Structure of the Registry": names are of printable characters; "Registry Element Size Limits": 512 levels.
    assert_eq!(open(HKLM, "Soft\nware"), Err(87));
    assert_eq!(open(HKLM, &"x\\".repeat(511)), Err(2));
    assert_eq!(open(HKLM, &"x\\".repeat(512)), Err(87));
    // SAFETY: NULL is looked for.
    let answer = unsafe { registry_key::open_w(HKLM, null(), 0, 0, null_mut()) };
    assert_eq!(answer, 87);
    // SAFETY: neither attributes nor a name.
    let event = unsafe { ws2_32::win32::event::create_w(null(), TRUE, FALSE, null()) };
    assert_eq!((registry::close(event), open(event, "x")), (6, Err(6)));
    assert_eq!(handle::close(event), TRUE);
}

// "WS2SPI_REGISTRY": the file has all of it, other processes' changes are seen, and a file that is none is left alone.
#[test]
fn a_registry_is_kept_in_its_file() {
    let file = Scratch::new("registry.reg");
    let _lock = Scratch::new("registry.reg.lock");
    let this = std::env::current_exe().expect("the program knows itself");
    let mut process = Command::new(this);
    process.args(["--exact", "registry::in_a_process_with_a_file"]);
    let ended = process.env("WS2SPI_REGISTRY", &file.0).output();
    let ended = ended.expect("the program runs");
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stdout)
    );
    assert_eq!(file.contents(), b"nonsense", "it did run");
}

// Only in the process that the test above begins.
#[test]
fn in_a_process_with_a_file() {
    let Some(file) = std::env::var_os("WS2SPI_REGISTRY") else {
        return;
    };
    let (key, new) = create(HKLM, "Software\\ws2spi\\Kept");
    assert_eq!(set(key, "text", SZ, &units("a \"text\"\0")), 0);
    let text = std::fs::read_to_string(&file).expect("it is UTF-8");
    let expected = "Windows Registry Editor Version 5.00\n\n\
                    [HKEY_LOCAL_MACHINE\\Software\\ws2spi\\Kept]\n\"text\"=\"a \\\"text\\\"\"\n";
    assert_eq!((new, &*text), (1, expected));
    let other = text.replace("\"a ", "\"another ");
    std::fs::write(&file, other).expect("the file can be written");
    assert_eq!(query(key, "text", 100).3, units("another \"text\"\0"));
    readers_do_not_wait_for_a_writer(Path::new(&file), key);
    std::fs::write(&file, "nonsense").expect("the file can be written");
    assert_eq!(query(key, "text", 100).0, 1009, "ERROR_BADDB");
    assert_eq!(set(key, "text", DWORD, &[0; 4]), 1009);
    close(&[key]);
}

/// While somebody else has the lock, a writer waits for it, and readers do not wait for the writer.
fn readers_do_not_wait_for_a_writer(file: &Path, key: HANDLE) {
    let lock = whole_file::beside(file, "", ".lock");
    let lock = whole_file::lock(&lock, Patience::Refuse).expect("nobody writes");
    let writer = std::thread::spawn(move || set(key, "late", DWORD, &[7, 0, 0, 0]));
    while !a_lock_is_waited_for() {
        std::thread::yield_now();
    }
    assert_eq!(query(key, "late", 4).0, 2);
    drop(lock);
    assert_eq!(writer.join().ok(), Some(0));
    assert_eq!(query(key, "late", 4), (0, DWORD, 4, vec![7, 0, 0, 0]));
}

/// Whether the thread that waits for a lock is there; where the system does not tell, it is taken for granted.
fn a_lock_is_waited_for() -> bool {
    let Ok(mut threads) = std::fs::read_dir("/proc/self/task") else {
        return true;
    };
    threads.any(|thread| {
        let name = thread.map(|thread| std::fs::read(thread.path().join("comm")));
        matches!(name, Ok(Ok(name)) if name == b"ws2spi lock\n")
    })
}
