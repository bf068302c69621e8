//! The catalog in the layout that Windows keeps it in below `WinSock2\Parameters`.
//!
//! | where | what |
//! |---|---|
//! | `Protocol_Catalog9` | `Num_Catalog_Entries64`, `Num_Catalog_Entries` (the 32-bit list), `Next_Catalog_Entry_ID` (one for both), `Serial_Access_Num` |
//! | `Protocol_Catalog9\Catalog_Entries64\000000000001`, ... | `PackedCatalogItem`: 260 bytes of path in the system's code page, then the 628 of a WSAPROTOCOL_INFOW; `ProtocolName` |
//! | `Protocol_Catalog9\Catalog_Entries\000000000001`, ... | the same for 32-bit programs |
//! | `AppId_Catalog\1234ABCD`, ... | `AppFullPath`, `PermittedLspCategories` |
//!
//! Microsoft describes the keys in KB 811259 and AppId_Catalog in "Azure Virtual Desktop", IP
//! virtualization; the values and the 888 bytes are as lxc/distrobuilder registers VirtIO's provider
//! in images of Windows (`windows/driver_viosock.go`). Nobody public says where categories of a
//! provider and an application's command line stand: `LspCategories` beside the packed item and
//! `AppArgs` are ours.
//!
//! Pure: values in, `State` out and back. `registry` reads and writes the values.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use ws2spi_abi::GUID;
use ws2spi_abi::MAX_PATH;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories::Applications;
use super::categories::Identity;
use super::entry::Entry;
use super::entry::EntryId;
use super::error::Refusal;
use super::list::List;
use super::state::Bits;
use super::state::State;

/// Bytes of a PackedCatalogItem.
pub(super) const ITEM: usize = MAX_PATH + INFO;

/// Bytes of a WSAPROTOCOL_INFOW.
const INFO: usize = 628;

/// The system's code page, in which paths are packed.
#[derive(Clone, Copy)]
pub(super) struct CodePage {
    /// The text in the code page, `None` when it lacks a character.
    pub(super) encode: fn(&str) -> Option<Vec<u8>>,
    /// The text of such bytes.
    pub(super) decode: fn(&[u8]) -> String,
}

/// The values that make up a catalog.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Image {
    /// The list of 64-bit programs; `None` while there is none.
    pub(super) native: Option<Vec<Row>>,
    /// The list of 32-bit programs; `None` while there is none.
    pub(super) compatible: Option<Vec<Row>>,
    /// `Next_Catalog_Entry_ID`, if it is there.
    pub(super) next_id: Option<u32>,
    /// `Serial_Access_Num`, 0 if it is not there.
    pub(super) serial: u32,
    /// The applications with categories.
    pub(super) applications: Vec<(Identity, u32)>,
}

/// The values of one entry's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// `PackedCatalogItem`.
    pub(super) item: Vec<u8>,
    /// `ProtocolName`. Written only: on Windows it may refer to a module's resources.
    pub(super) name: String,
    /// `LspCategories`.
    pub(super) categories: Option<u32>,
}

/// A value that cannot be: in which key below the catalog's it stands, and what is wrong.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Problem {
    /// As `Catalog_Entries64\000000000003\PackedCatalogItem`.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) what: String,
}

impl Problem {
    pub(super) fn new(field: impl Into<String>, what: impl fmt::Display) -> Self {
        Self {
            field: field.into(),
            what: what.to_string(),
        }
    }
}

/// The key of a list's entries.
pub(super) const fn entries_key(bits: Bits) -> &'static str {
    match bits {
        Bits::SixtyFour => "Catalog_Entries64",
        Bits::ThirtyTwo => "Catalog_Entries",
    }
}

/// The key of a list's entry at `index`, which counts from 0, below the catalog's.
pub(super) fn row_key(bits: Bits, index: usize) -> String {
    format!("{}\\{:012}", entries_key(bits), index + 1)
}

impl Image {
    /// The values for `state`.
    ///
    /// # Errors
    /// [`Refusal::PathNotRepresentable`] and [`Refusal::PathTooLong`] for a path that cannot be packed.
    pub(super) fn of(state: &State, page: CodePage) -> Result<Self, Refusal> {
        let next = state.native.next_id().max(state.compatible.next_id());
        Ok(Self {
            native: Some(rows(&state.native, page)?),
            compatible: Some(rows(&state.compatible, page)?),
            next_id: Some(next.get()),
            // The registry's number starts again where ours would go on.
            serial: state.serial as u32,
            applications: state.applications.iter().cloned().collect(),
        })
    }

    /// What these values say; where a list is missing it is that of `fresh`.
    ///
    /// # Errors
    /// The first value that cannot be.
    pub(super) fn restore(self, page: CodePage, fresh: &State) -> Result<State, Problem> {
        let next = self.next_id.map_or(EntryId::FIRST, EntryId::new);
        let list = |bits, rows: Option<Vec<Row>>| match rows {
            Some(rows) => restore_list(bits, &rows, next, page),
            None => Ok(fresh.list(bits).clone()),
        };
        Ok(State {
            native: list(Bits::SixtyFour, self.native)?,
            compatible: list(Bits::ThirtyTwo, self.compatible)?,
            applications: Applications::restored(self.applications),
            serial: u64::from(self.serial),
        })
    }

    /// The rows of a list.
    pub(super) fn rows(&self, bits: Bits) -> Option<&[Row]> {
        match bits {
            Bits::SixtyFour => self.native.as_deref(),
            Bits::ThirtyTwo => self.compatible.as_deref(),
        }
    }
}

fn rows(list: &List, page: CodePage) -> Result<Vec<Row>, Refusal> {
    let row = |entry: &Arc<Entry>| {
        Ok(Row {
            item: pack(entry.path(), entry.info(), page)?,
            name: entry.name(),
            categories: entry.categories(),
        })
    };
    list.entries().iter().map(row).collect()
}

fn restore_list(bits: Bits, rows: &[Row], next: EntryId, page: CodePage) -> Result<List, Problem> {
    let mut entries = Vec::with_capacity(rows.len());
    let mut seen = HashSet::new();
    // Who writes entries directly may forget to count the number up.
    let mut next = next;
    for (index, row) in rows.iter().enumerate() {
        let place = || format!("{}\\PackedCatalogItem", row_key(bits, index));
        let (path, info) = unpack(&row.item, page).map_err(|what| Problem::new(place(), what))?;
        let id = EntryId::new(info.dwCatalogEntryId);
        if !seen.insert(id) {
            return Err(Problem::new(place(), format!("the id {id} occurs twice")));
        }
        let after = id.get().checked_add(1).map(EntryId::new);
        let after =
            after.ok_or_else(|| Problem::new(place(), format!("the id {id} is the last")))?;
        next = next.max(after);
        let entry = Entry::new(&info, id, info.ProviderId, &path, row.categories)
            .map_err(|refusal| Problem::new(place(), refusal))?;
        entries.push(Arc::new(entry));
    }
    Ok(List::restored(entries, next))
}

/// A PackedCatalogItem.
fn pack(path: &str, info: &WSAPROTOCOL_INFOW, page: CodePage) -> Result<Vec<u8>, Refusal> {
    let encoded = (page.encode)(path).ok_or(Refusal::PathNotRepresentable)?;
    if encoded.len() >= MAX_PATH {
        return Err(Refusal::PathTooLong);
    }
    let mut item = Vec::with_capacity(ITEM);
    item.extend(encoded);
    item.resize(MAX_PATH, 0);
    let mut number = |number: u32| item.extend(number.to_le_bytes());
    number(info.dwServiceFlags1);
    number(info.dwServiceFlags2);
    number(info.dwServiceFlags3);
    number(info.dwServiceFlags4);
    number(info.dwProviderFlags);
    let provider = info.ProviderId;
    number(provider.data1);
    number(u32::from(provider.data2) | u32::from(provider.data3) << 16);
    for half in provider.data4.chunks_exact(4) {
        number(
            half.iter()
                .rev()
                .fold(0, |all, byte| all << 8 | u32::from(*byte)),
        );
    }
    number(info.dwCatalogEntryId);
    number(info.ProtocolChain.ChainLen as u32);
    info.ProtocolChain
        .ChainEntries
        .iter()
        .copied()
        .for_each(&mut number);
    number(info.iVersion as u32);
    number(info.iAddressFamily as u32);
    number(info.iMaxSockAddr as u32);
    number(info.iMinSockAddr as u32);
    number(info.iSocketType as u32);
    number(info.iProtocol as u32);
    number(info.iProtocolMaxOffset as u32);
    number(info.iNetworkByteOrder as u32);
    number(info.iSecurityScheme as u32);
    number(info.dwMessageSize);
    number(info.dwProviderReserved);
    for unit in info.szProtocol {
        item.extend(unit.to_le_bytes());
    }
    Ok(item)
}

/// Path and structure of a PackedCatalogItem.
fn unpack(item: &[u8], page: CodePage) -> Result<(Arc<str>, WSAPROTOCOL_INFOW), String> {
    if item.len() < ITEM {
        return Err(format!("has {} bytes, not {ITEM}", item.len()));
    }
    let (path, rest) = item.split_at(MAX_PATH);
    let end = path.iter().position(|byte| *byte == 0);
    let path = &path[..end.ok_or("has a path without an end")?];
    let mut rest = rest.iter().copied();
    let mut byte = || rest.next().unwrap_or_default();
    let mut half = || u16::from_le_bytes([byte(), byte()]);
    let mut number = || u32::from(half()) | u32::from(half()) << 16;
    let mut info = WSAPROTOCOL_INFOW {
        dwServiceFlags1: number(),
        dwServiceFlags2: number(),
        dwServiceFlags3: number(),
        dwServiceFlags4: number(),
        dwProviderFlags: number(),
        ..WSAPROTOCOL_INFOW::EMPTY
    };
    let (data1, middle) = (number(), number());
    let (low, high) = (number().to_le_bytes(), number().to_le_bytes());
    let mut data4 = [0; 8];
    data4[..4].copy_from_slice(&low);
    data4[4..].copy_from_slice(&high);
    info.ProviderId = GUID {
        data1,
        data2: middle as u16,
        data3: (middle >> 16) as u16,
        data4,
    };
    info.dwCatalogEntryId = number();
    info.ProtocolChain.ChainLen = number() as i32;
    for cell in &mut info.ProtocolChain.ChainEntries {
        *cell = number();
    }
    info.iVersion = number() as i32;
    info.iAddressFamily = number() as i32;
    info.iMaxSockAddr = number() as i32;
    info.iMinSockAddr = number() as i32;
    info.iSocketType = number() as i32;
    info.iProtocol = number() as i32;
    info.iProtocolMaxOffset = number() as i32;
    info.iNetworkByteOrder = number() as i32;
    info.iSecurityScheme = number() as i32;
    info.dwMessageSize = number();
    info.dwProviderReserved = number();
    for unit in &mut info.szProtocol {
        *unit = half();
    }
    Ok((Arc::from((page.decode)(path)), info))
}
