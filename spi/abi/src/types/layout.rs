//! The layout of every structure as data: name, size, alignment, fields.
//!
//! Read by tests that compare structures with other declarations of them: windows-sys, the
//! mingw-w64 headers (`tests/mingw.rs`), and our own C headers.

use core::mem::offset_of;

use super::IN6_ADDR;
use super::TRANSMIT_PACKETS_ELEMENT;
use super::sockaddr_gen;

/// How a structure lies in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Name of the structure.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Its fields, in the order of declaration; members of a union have the same offset.
    pub fields: &'static [FieldLayout],
}

/// Where a field lies in its structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldLayout {
    /// Name of the field.
    pub name: &'static str,
    /// Bytes before it.
    pub offset: usize,
    /// Size in bytes.
    pub size: usize,
}

/// The layouts of all structures of [`types`](super) and of [`GUID`](crate::GUID).
pub fn layouts() -> impl Iterator<Item = Layout> {
    [
        super::address::LAYOUTS,
        super::catalog::LAYOUTS,
        super::event::LAYOUTS,
        super::kernel::LAYOUTS,
        super::option::LAYOUTS,
        super::resolver::LAYOUTS,
        super::transfer::LAYOUTS,
        crate::guid::LAYOUTS,
        BY_HAND,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Those that are not made by `plain_structs!`.
const BY_HAND: &[Layout] = &[
    Layout {
        name: "IN6_ADDR",
        size: size_of::<IN6_ADDR>(),
        align: align_of::<IN6_ADDR>(),
        fields: &[FieldLayout {
            name: "Byte",
            offset: offset_of!(IN6_ADDR, Byte),
            size: 16,
        }],
    },
    Layout {
        name: "sockaddr_gen",
        size: size_of::<sockaddr_gen>(),
        align: align_of::<sockaddr_gen>(),
        fields: &[],
    },
    Layout {
        name: "TRANSMIT_PACKETS_ELEMENT",
        size: size_of::<TRANSMIT_PACKETS_ELEMENT>(),
        align: align_of::<TRANSMIT_PACKETS_ELEMENT>(),
        fields: &[
            FieldLayout {
                name: "dwElFlags",
                offset: offset_of!(TRANSMIT_PACKETS_ELEMENT, dwElFlags),
                size: 4,
            },
            FieldLayout {
                name: "cLength",
                offset: offset_of!(TRANSMIT_PACKETS_ELEMENT, cLength),
                size: 4,
            },
            FieldLayout {
                name: "nFileOffset",
                offset: offset_of!(TRANSMIT_PACKETS_ELEMENT, Anonymous.Anonymous.nFileOffset),
                size: 8,
            },
            FieldLayout {
                name: "hFile",
                offset: offset_of!(TRANSMIT_PACKETS_ELEMENT, Anonymous.Anonymous.hFile),
                size: size_of::<super::HANDLE>(),
            },
            FieldLayout {
                name: "pBuffer",
                offset: offset_of!(TRANSMIT_PACKETS_ELEMENT, Anonymous.pBuffer),
                size: size_of::<*mut u8>(),
            },
        ],
    },
];
