//! The Win32 subset: the registry, in memory.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// Keys and values.
pub const REGISTRY: &[Function] = &[
    making(
        "RegOpenKeyExW",
        &[Handle, WideText, Number, Number, Cell(8)],
        Makes::NoticeAt(4),
    ),
    making(
        "RegOpenKeyExA",
        &[Handle, Text, Number, Number, Cell(8)],
        Makes::NoticeAt(4),
    ),
    making(
        "RegCreateKeyExW",
        &[
            Handle,
            WideText,
            Number,
            WideText,
            Number,
            Number,
            Cell(24),
            Cell(8),
            Cell(4),
        ],
        Makes::NoticeAt(7),
    ),
    making(
        "RegCreateKeyExA",
        &[
            Handle,
            Text,
            Number,
            Text,
            Number,
            Number,
            Cell(24),
            Cell(8),
            Cell(4),
        ],
        Makes::NoticeAt(7),
    ),
    row("RegCloseKey", &[Handle]),
    row("RegFlushKey", &[Handle]),
    row("RegDeleteKeyW", &[Handle, WideText]),
    row("RegDeleteKeyA", &[Handle, Text]),
    row(
        "RegEnumKeyExW",
        &[
            Handle,
            Number,
            UnitsAt(3),
            Given,
            Nothing,
            UnitsAt(6),
            Given,
            Cell(8),
        ],
    ),
    row(
        "RegEnumKeyExA",
        &[
            Handle,
            Number,
            BytesAt(3),
            Given,
            Nothing,
            BytesAt(6),
            Given,
            Cell(8),
        ],
    ),
    row(
        "RegQueryInfoKeyW",
        &[
            Handle,
            UnitsAt(2),
            Given,
            Nothing,
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(8),
        ],
    ),
    row(
        "RegQueryInfoKeyA",
        &[
            Handle,
            BytesAt(2),
            Given,
            Nothing,
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(4),
            Cell(8),
        ],
    ),
    row(
        "RegQueryValueExW",
        &[Handle, WideText, Nothing, Cell(4), BytesAt(5), Given],
    ),
    row(
        "RegQueryValueExA",
        &[Handle, Text, Nothing, Cell(4), BytesAt(5), Given],
    ),
    row(
        "RegSetValueExW",
        &[Handle, WideText, Number, Number, Bytes(5), Given],
    ),
    row(
        "RegSetValueExA",
        &[Handle, Text, Number, Number, Bytes(5), Given],
    ),
    row("RegDeleteValueW", &[Handle, WideText]),
    row("RegDeleteValueA", &[Handle, Text]),
    row(
        "RegEnumValueW",
        &[
            Handle,
            Number,
            UnitsAt(3),
            Given,
            Nothing,
            Cell(4),
            BytesAt(7),
            Given,
        ],
    ),
    row(
        "RegEnumValueA",
        &[
            Handle,
            Number,
            BytesAt(3),
            Given,
            Nothing,
            Cell(4),
            BytesAt(7),
            Given,
        ],
    ),
];
