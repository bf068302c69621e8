//! The catalog as a JSON document: what the catalog's file contains, field by field.
//!
//! The format is for people to read and repair: GUIDs in their text form, flags in hexadecimal,
//! names as text. Reading is strict, because a typo must not become a lost provider: unknown fields,
//! impossible values and later versions are errors that say where they are. Fields are append-only;
//! a change that older programs would misread takes a new `version`.
//!
//! Pure: bytes in, `State` out and back. The `file` module reads and writes the bytes.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de;
use ws2spi_abi::BASE_PROTOCOL;
use ws2spi_abi::GUID;
use ws2spi_abi::LAYERED_PROTOCOL;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories::Applications;
use super::categories::Identity;
use super::entry::Entry;
use super::entry::EntryId;
use super::entry::Kind;
use super::error::StoreError;
use super::list::List;
use super::state::State;

/// What `format` says in every catalog file.
const FORMAT: &str = "ws2spi catalog";

/// The newest version this program reads, and the one it writes.
const VERSION: u64 = 1;

/// The text of a catalog file with this content.
///
/// # Errors
/// That of the serializer; none is known to happen for a `State`.
pub(super) fn write(state: &State) -> Result<Vec<u8>, serde_json::Error> {
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        serial: state.serial,
        catalog: ListForm::of(&state.native),
        catalog32: ListForm::of(&state.compatible),
        applications: state.applications.iter().map(ApplicationForm::of).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

/// The content of a catalog file; `file` is named in errors.
///
/// # Errors
/// [`StoreError::Garbled`] with line and column, [`StoreError::FutureVersion`],
/// [`StoreError::Invalid`] with the field.
pub(super) fn read(file: &Path, text: &[u8]) -> Result<State, StoreError> {
    let garbled = |source| StoreError::Garbled {
        file: file.to_owned(),
        source,
    };
    let header: Header = serde_json::from_slice(text).map_err(garbled)?;
    if header.format != FORMAT {
        let problem = format!("is {:?}, not {FORMAT:?}", header.format);
        return Err(invalid(file, "format".to_owned(), problem));
    }
    if header.version > VERSION {
        return Err(StoreError::FutureVersion {
            file: file.to_owned(),
            found: header.version,
            supported: VERSION,
        });
    }
    let document: Document = serde_json::from_slice(text).map_err(garbled)?;
    let place = |problem: Problem| invalid(file, problem.field, problem.what);
    Ok(State {
        native: document.catalog.restore("catalog").map_err(place)?,
        compatible: document.catalog32.restore("catalog32").map_err(place)?,
        applications: restore_applications(document.applications).map_err(place)?,
        serial: document.serial,
    })
}

fn invalid(file: &Path, field: String, problem: String) -> StoreError {
    StoreError::Invalid {
        file: file.to_owned(),
        field,
        problem,
    }
}

/// A value that cannot be, and where it stands.
struct Problem {
    field: String,
    what: String,
}

impl Problem {
    fn new(field: impl Into<String>, what: impl fmt::Display) -> Self {
        Self {
            field: field.into(),
            what: what.to_string(),
        }
    }
}

/// What every version of the format starts with.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    serial: u64,
    catalog: ListForm,
    catalog32: ListForm,
    applications: Vec<ApplicationForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListForm {
    next_id: u32,
    entries: Vec<EntryForm>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindForm {
    Layer,
    Base,
    Chain,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryForm {
    id: u32,
    name: String,
    kind: KindForm,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    chain: Vec<u32>,
    provider: GuidText,
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    categories: Option<Hex>,
    address_family: i32,
    max_address_size: i32,
    min_address_size: i32,
    socket_type: i32,
    protocol: i32,
    protocol_max_offset: i32,
    protocol_version: i32,
    message_size: u32,
    network_byte_order: i32,
    security_scheme: i32,
    service_flags: Hex,
    #[serde(default, skip_serializing_if = "is_zero")]
    reserved_service_flags: [Hex; 3],
    provider_flags: Hex,
    #[serde(default, skip_serializing_if = "Hex::is_zero")]
    provider_reserved: Hex,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationForm {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
    categories: Hex,
}

impl ListForm {
    fn of(list: &List) -> Self {
        let entries = list
            .entries()
            .iter()
            .map(|entry| EntryForm::of(entry))
            .collect();
        Self {
            next_id: list.next_id().get(),
            entries,
        }
    }

    fn restore(self, field: &str) -> Result<List, Problem> {
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut seen = HashSet::new();
        for (index, form) in self.entries.into_iter().enumerate() {
            let place = |part: &str| format!("{field}.entries[{index}].{part}");
            if !seen.insert(form.id) {
                return Err(Problem::new(
                    place("id"),
                    format!("{} occurs twice", form.id),
                ));
            }
            if form.id >= self.next_id {
                let what = format!(
                    "{} is not below next_id, which is {}",
                    form.id, self.next_id
                );
                return Err(Problem::new(place("id"), what));
            }
            let restored = form.restore();
            let entry = restored.map_err(|inner| Problem::new(place(&inner.field), inner.what))?;
            entries.push(Arc::new(entry));
        }
        Ok(List::restored(entries, EntryId::new(self.next_id)))
    }
}

impl EntryForm {
    fn of(entry: &Entry) -> Self {
        let info = entry.info();
        Self {
            id: info.dwCatalogEntryId,
            name: entry.name(),
            kind: match entry.kind() {
                Kind::Layer => KindForm::Layer,
                Kind::Base => KindForm::Base,
                Kind::Chain => KindForm::Chain,
            },
            chain: entry.chain().map(EntryId::get).collect(),
            provider: GuidText(info.ProviderId),
            path: entry.path().to_owned(),
            categories: entry.categories().map(Hex),
            address_family: info.iAddressFamily,
            max_address_size: info.iMaxSockAddr,
            min_address_size: info.iMinSockAddr,
            socket_type: info.iSocketType,
            protocol: info.iProtocol,
            protocol_max_offset: info.iProtocolMaxOffset,
            protocol_version: info.iVersion,
            message_size: info.dwMessageSize,
            network_byte_order: info.iNetworkByteOrder,
            security_scheme: info.iSecurityScheme,
            service_flags: Hex(info.dwServiceFlags1),
            reserved_service_flags: [
                Hex(info.dwServiceFlags2),
                Hex(info.dwServiceFlags3),
                Hex(info.dwServiceFlags4),
            ],
            provider_flags: Hex(info.dwProviderFlags),
            provider_reserved: Hex(info.dwProviderReserved),
        }
    }

    fn restore(self) -> Result<Entry, Problem> {
        let [flags2, flags3, flags4] = self.reserved_service_flags;
        let mut info = WSAPROTOCOL_INFOW {
            dwServiceFlags1: self.service_flags.0,
            dwServiceFlags2: flags2.0,
            dwServiceFlags3: flags3.0,
            dwServiceFlags4: flags4.0,
            dwProviderFlags: self.provider_flags.0,
            iVersion: self.protocol_version,
            iAddressFamily: self.address_family,
            iMaxSockAddr: self.max_address_size,
            iMinSockAddr: self.min_address_size,
            iSocketType: self.socket_type,
            iProtocol: self.protocol,
            iProtocolMaxOffset: self.protocol_max_offset,
            iNetworkByteOrder: self.network_byte_order,
            iSecurityScheme: self.security_scheme,
            dwMessageSize: self.message_size,
            dwProviderReserved: self.provider_reserved.0,
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        self.restore_chain(&mut info)?;
        let name: Vec<u16> = self.name.encode_utf16().collect();
        // One unit stays for the NUL.
        if name.contains(&0) || name.len() >= info.szProtocol.len() {
            return Err(Problem::new(
                "name",
                "is longer than 255 characters or contains a NUL",
            ));
        }
        info.szProtocol[..name.len()].copy_from_slice(&name);
        let path: Arc<str> = Arc::from(self.path);
        let categories = self.categories.map(|Hex(categories)| categories);
        Entry::new(
            &info,
            EntryId::new(self.id),
            self.provider.0,
            &path,
            categories,
        )
        .map_err(|refusal| Problem::new("path", refusal))
    }

    fn restore_chain(&self, info: &mut WSAPROTOCOL_INFOW) -> Result<(), Problem> {
        let length = self.chain.len();
        let cells = &mut info.ProtocolChain.ChainEntries;
        info.ProtocolChain.ChainLen = match self.kind {
            KindForm::Chain if (2..=cells.len()).contains(&length) => {
                cells[..length].copy_from_slice(&self.chain);
                length as i32
            }
            KindForm::Layer if length == 0 => LAYERED_PROTOCOL,
            KindForm::Base if length == 0 => BASE_PROTOCOL,
            KindForm::Chain => {
                return Err(Problem::new(
                    "chain",
                    format!("has {length} ids, not 2 to 7"),
                ));
            }
            KindForm::Layer | KindForm::Base => {
                return Err(Problem::new(
                    "chain",
                    "belongs to entries of kind \"chain\" only",
                ));
            }
        };
        Ok(())
    }
}

impl ApplicationForm {
    fn of((identity, categories): &(Identity, u32)) -> Self {
        Self {
            path: identity.path.clone(),
            extra: identity.extra.clone(),
            categories: Hex(*categories),
        }
    }
}

fn restore_applications(forms: Vec<ApplicationForm>) -> Result<Applications, Problem> {
    let mut seen = HashSet::new();
    let mut applications = Vec::with_capacity(forms.len());
    for (index, form) in forms.into_iter().enumerate() {
        let identity = Identity {
            path: form.path,
            extra: form.extra,
        };
        if !seen.insert(identity.clone()) {
            let what = format!("{:?} occurs twice with the same extra", identity.path);
            return Err(Problem::new(format!("applications[{index}].path"), what));
        }
        applications.push((identity, form.categories.0));
    }
    Ok(Applications::restored(applications))
}

/// A number written as `"0x00020066"`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Hex(u32);

impl Hex {
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

fn is_zero(values: &[Hex; 3]) -> bool {
    values.iter().all(Hex::is_zero)
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:#010x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .filter(|digits| !digits.starts_with('+'));
        digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| de::Error::custom(format_args!("{text:?} is not a number like 0x1f")))
    }
}

/// A GUID in its text form.
struct GuidText(GUID);

impl Serialize for GuidText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for GuidText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|error| de::Error::custom(format_args!("{text:?}: {error}")))
    }
}
