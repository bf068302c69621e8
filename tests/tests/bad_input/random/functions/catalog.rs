//! The catalog.

use super::{Function, row};
use crate::random::argument::Argument::*;

/// The catalog's functions.
pub const CONFIGURATION: &[Function] = &[
    row(
        "WSCGetApplicationCategory",
        &[Units(1), Given, Units(3), Given, Cell(4), Cell(4)],
    ),
    row(
        "WSCSetApplicationCategory",
        &[Units(1), Given, Units(3), Given, Number, Cell(4), Cell(4)],
    ),
    row("WSCEnumProtocols", &[Protocols, BytesAt(2), Given, Cell(4)]),
    row(
        "WSCEnumProtocols32",
        &[Protocols, BytesAt(2), Given, Cell(4)],
    ),
    row(
        "WSCGetProviderInfo",
        &[Guid, Number, BytesAtWord(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCGetProviderInfo32",
        &[Guid, Number, BytesAtWord(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCSetProviderInfo",
        &[Guid, Number, Bytes(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCSetProviderInfo32",
        &[Guid, Number, Bytes(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCInstallProvider",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCInstallProvider64_32",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCUpdateProvider",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCUpdateProvider32",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row("WSCDeinstallProvider", &[Guid, Cell(4)]),
    row("WSCDeinstallProvider32", &[Guid, Cell(4)]),
    row(
        "WSCInstallProviderAndChains",
        &[
            Guid,
            WidePath,
            WideText,
            Number,
            Infos(5),
            Given,
            Cell(4),
            Cell(4),
        ],
    ),
    row(
        "WSCInstallProviderAndChains64_32",
        &[
            Guid,
            WidePath,
            WidePath,
            WideText,
            Number,
            Infos(6),
            Given,
            Cell(4),
            Cell(4),
        ],
    ),
    row("WSCWriteProviderOrder", &[Ids(1), Given]),
    row("WSCWriteProviderOrder32", &[Ids(1), Given]),
    row(
        "WSCGetProviderPath",
        &[Guid, SignedUnitsAt(2), Given, Cell(4)],
    ),
    row(
        "WSCGetProviderPath32",
        &[Guid, SignedUnitsAt(2), Given, Cell(4)],
    ),
];
