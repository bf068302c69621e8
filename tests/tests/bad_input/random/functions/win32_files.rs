//! The Win32 subset: files and their mappings. Paths are of nothing, or below the folder that the process is in.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// Files by handle and by path, and mappings.
pub const FILES: &[Function] = &[
    making(
        "CreateFileW",
        &[WidePath, Number, Number, Cell(24), Number, Number, Handle],
        Makes::Handle,
    ),
    making(
        "CreateFileA",
        &[Path, Number, Number, Cell(24), Number, Number, Handle],
        Makes::Handle,
    ),
    row("SetFilePointer", &[Handle, Number, Cell(4), Number]),
    row("SetFilePointerEx", &[Handle, Number, Cell(8), Number]),
    row("GetFileSize", &[Handle, Cell(4)]),
    row("GetFileSizeEx", &[Handle, Cell(8)]),
    row("SetEndOfFile", &[Handle]),
    row("FlushFileBuffers", &[Handle]),
    row("DeleteFileW", &[WidePath]),
    row("DeleteFileA", &[Path]),
    row("GetFileAttributesW", &[WidePath]),
    row("GetFileAttributesA", &[Path]),
    making(
        "CreateFileMappingW",
        &[Handle, Cell(24), Number, Number, Number, WideText],
        Makes::Handle,
    ),
    making(
        "CreateFileMappingA",
        &[Handle, Cell(24), Number, Number, Number, Text],
        Makes::Handle,
    ),
    making(
        "OpenFileMappingW",
        &[Number, Number, WideText],
        Makes::Handle,
    ),
    making("OpenFileMappingA", &[Number, Number, Text], Makes::Handle),
    making(
        "MapViewOfFile",
        &[Handle, Number, Number, Number, Number],
        Makes::View,
    ),
    making(
        "MapViewOfFileEx",
        &[Handle, Number, Number, Number, Number, Number],
        Makes::View,
    ),
    row("UnmapViewOfFile", &[Number]),
    row("FlushViewOfFile", &[Number, Number]),
    row("GetTempPathW", &[Given, Units(0)]),
    row("GetTempPathA", &[Given, Bytes(0)]),
];
