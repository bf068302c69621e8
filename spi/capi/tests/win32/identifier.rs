//! `UuidCreate`, `CoCreateGuid`, `StringFromGUID2`, `CLSIDFromString`, `UuidToString`, `UuidFromString`, `RpcStringFree`.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "like calls stand in one list, under one fact"
)]

use super::wide;
use std::ptr::{null, null_mut};
use ws2_32::win32::{heap, identifier};
use ws2spi_abi::{FALSE, GUID};

static ID: GUID = GUID::from_u128(0xe70f_1aa0_ab8b_11cf_8ca3_0080_5f48_a192);
const NOTHING: GUID = GUID::from_u128(0);
const TEXT: &str = "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}";
const E_INVALIDARG: i32 = 0x8007_0057_u32.cast_signed();
const CO_E_CLASSSTRING: i32 = 0x8004_01f3_u32.cast_signed();
const INVALID_ARG: i32 = 87;
const INVALID_STRING_UUID: i32 = 1705;
const NO_ADDRESS: i32 = 1739;

// RFC 4122 4.4, MSDN "UuidCreate": random, of version 4, and no two alike.
#[test]
fn new_identifiers_are_random() {
    let (mut one, mut other) = (NOTHING, NOTHING);
    // SAFETY: live locals.
    let made = unsafe {
        [
            identifier::create(&raw mut one),
            identifier::co_create(&raw mut other),
        ]
    };
    assert_eq!(made, [0, 0]);
    assert_ne!(one, other);
    for id in [one, other] {
        assert_eq!((id.data3 >> 12, id.data4[0] >> 6), (4, 2), "{id}");
    }
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { identifier::create(null_mut()) }, NO_ADDRESS);
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { identifier::co_create(null_mut()) }, E_INVALIDARG);
}

// MSDN "StringFromGUID2": 39 with the NUL, or 0 when it does not fit.
#[test]
fn an_identifier_is_written_in_braces() {
    let mut target = [0xaaaa; 40];
    let place = target.as_mut_ptr();
    let id = &raw const ID;
    // SAFETY: room for as many units as said.
    let short = unsafe { identifier::to_text(id, place, 38) };
    assert_eq!((short, target[0]), (0, 0xaaaa));
    // SAFETY: as above.
    assert_eq!(unsafe { identifier::to_text(id, place, 39) }, 39);
    assert_eq!(target[..39], wide(TEXT));
    // SAFETY: NULL is looked for.
    let none = unsafe {
        [
            identifier::to_text(null(), place, 39),
            identifier::to_text(id, null_mut(), 39),
        ]
    };
    assert_eq!(none, [0, 0]);
}

// MSDN "CLSIDFromString": the form in braces only; zeros for NULL and for what is none.
#[test]
fn an_identifier_is_read_in_braces() {
    let read = |text: Option<&str>| {
        let mut id = ID;
        let units = text.map(wide);
        let text = units.as_ref().map_or(null(), |units| units.as_ptr());
        // SAFETY: NULL or a NUL-terminated text, and a live local.
        let result = unsafe { identifier::from_text(text, &raw mut id) };
        (result, id)
    };
    assert_eq!(read(Some(TEXT)), (0, ID));
    assert_eq!(read(Some(&TEXT.to_lowercase())), (0, ID));
    assert_eq!(read(None), (0, NOTHING));
    for wrong in [
        "",
        "{}",
        &TEXT[1..37],
        &TEXT[..37],
        "{E70F1AA0AB8B11CF8CA300805F48A192}",
    ] {
        assert_eq!(read(Some(wrong)), (CO_E_CLASSSTRING, NOTHING), "{wrong}");
    }
    // SAFETY: NULL is looked for.
    assert_eq!(
        // SAFETY: as above.
        unsafe { identifier::from_text(null(), null_mut()) },
        E_INVALIDARG
    );
}

// MSDN "UuidToString", "RpcStringFree": memory of the caller's, freed once.
#[test]
fn a_written_identifier_is_freed_by_its_reader() {
    let (mut bytes, mut units) = (null_mut(), null_mut());
    // SAFETY: live locals.
    let made = unsafe {
        let id = &raw const ID;
        [
            identifier::to_string_a(id, &raw mut bytes),
            identifier::to_string_w(id, &raw mut units),
        ]
    };
    assert_eq!(made, [0, 0]);
    let process = heap::of_process();
    assert_eq!(heap::size(process, 0, bytes), 37);
    assert_eq!(heap::size(process, 0, units.cast()), 74);
    let mut again = NOTHING;
    // SAFETY: a NUL-terminated text, and a live local.
    assert_eq!(
        // SAFETY: as above.
        unsafe { identifier::from_string_a(bytes, &raw mut again) },
        0
    );
    assert_eq!(again, ID);
    // SAFETY: as above.
    assert_eq!(
        // SAFETY: as above.
        unsafe { identifier::from_string_w(units, &raw mut again) },
        0
    );
    let mut units = units.cast();
    // SAFETY: what was made above.
    let freed = unsafe {
        [
            identifier::free_string(&raw mut bytes),
            identifier::free_string(&raw mut units),
        ]
    };
    assert_eq!(
        (freed, bytes.is_null(), units.is_null()),
        ([0, 0], true, true)
    );
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { identifier::free_string(null_mut()) }, INVALID_ARG);
    let mut foreign = std::ptr::without_provenance_mut(16);
    // SAFETY: a pointer that is no block is looked up, not followed.
    assert_eq!(
        // SAFETY: as above.
        unsafe { identifier::free_string(&raw mut foreign) },
        INVALID_ARG
    );
}

// MSDN "UuidFromString": the form without braces only, zeros for NULL.
#[test]
fn an_identifier_is_read_without_braces() {
    let mut id = ID;
    // SAFETY: NULL or a NUL-terminated text, and a live local.
    let read = unsafe {
        [
            identifier::from_string_a(c"e70f1aa0-ab8b-11cf".as_ptr().cast(), &raw mut id),
            identifier::from_string_w(wide(TEXT).as_ptr(), &raw mut id),
            identifier::from_string_a(null(), null_mut()),
        ]
    };
    assert_eq!(
        (read, id),
        ([INVALID_STRING_UUID, INVALID_STRING_UUID, INVALID_ARG], ID)
    );
    // SAFETY: as above.
    assert_eq!(unsafe { identifier::from_string_w(null(), &raw mut id) }, 0);
    assert_eq!(id, NOTHING);
    assert_eq!(
        heap::validate(heap::of_process(), 0, std::ptr::without_provenance(8)),
        FALSE
    );
}
