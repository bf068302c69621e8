//! `RegistryCatalog`: a catalog in the registry, where Windows has it and installers look for it.
//!
//! What stands where: see `layout`. A change touches several values, and the registry has no
//! transactions:
//!
//! - Writers of ours take turns by a named mutex, which the system frees when its owner dies.
//! - A writer first puts the whole new content into one value, [`PENDING`], then brings the values up
//!   to it, `Serial_Access_Num` last, and deletes the value. While it is there it is the content; the
//!   next writer finishes what a killed one left.
//! - Readers take no turn: they read again when the serial number or the pending value moved meanwhile.
//!
//! Who writes the values directly, as some installers do, is seen as on Windows; values that need
//! no change are not written, so what else stands in a key stays.
//!
//! Relies on `layout`, `document` and the system's registry. Used by `Catalog` only.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories::Identity;
use super::document;
use super::error::CatalogError;
use super::error::StoreError;
use super::layout;
use super::layout::CodePage;
use super::layout::Image;
use super::layout::Problem;
use super::layout::Row;
use super::shared::Catalog;
use super::shared::PATIENCE;
use super::state::Bits;
use super::state::State;
use super::store::Patience;
use super::store::Store;
use super::store::Writing;
use crate::system::code_page;
use crate::system::mutex::Owned;
use crate::system::mutex::Turns;
use crate::system::registry::Key;
use crate::system::registry::Watcher;

/// The key on Windows, below HKEY_LOCAL_MACHINE.
pub(super) const PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\WinSock2\Parameters";

/// The key of the catalog below the parameters', unless [`CURRENT`] names another.
const CATALOG: &str = "Protocol_Catalog9";
const CURRENT: &str = "Current_Protocol_Catalog";
const VERSION: (&str, &str) = ("WinSock_Registry_Version", "2.0");

const NEXT: &str = "Next_Catalog_Entry_ID";
const SERIAL: &str = "Serial_Access_Num";
const ITEM: &str = "PackedCatalogItem";
const NAME: &str = "ProtocolName";
const CATEGORIES: &str = "LspCategories";

const APPLICATIONS: &str = "AppId_Catalog";
const APPLICATION: &str = "AppFullPath";
const EXTRA: &str = "AppArgs";
const PERMITTED: &str = "PermittedLspCategories";

/// The whole content that a writer is putting in place, as a catalog file has it.
const PENDING: &str = "ws2spi_Pending";

/// How often a reader that is disturbed by writers starts anew before it takes its turn with them.
const ATTEMPTS: usize = 16;

const PAGE: CodePage = CodePage {
    encode: code_page::encode,
    decode: code_page::decode,
};

/// The catalog of a process that names none: the system's.
pub(super) fn of_the_system(
    path: &str,
    base: &[WSAPROTOCOL_INFOW],
) -> Result<Catalog, CatalogError> {
    Catalog::in_registry(PARAMETERS, path, base)
}

impl Catalog {
    /// The catalog below the key `parameters` of HKEY_LOCAL_MACHINE, in the layout of Windows. Where
    /// there is none, a fresh one as [`Catalog::new`] makes it is put there, if there are base entries
    /// and the system permits it.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when it exists and cannot be read or understood;
    /// [`CatalogError::Refused`] when a base entry cannot be.
    pub fn in_registry(
        parameters: &str,
        path: &str,
        base: &[WSAPROTOCOL_INFOW],
    ) -> Result<Self, CatalogError> {
        let store = RegistryCatalog::new(parameters, State::fresh(path, base)?)?;
        store.read()?;
        if !base.is_empty() {
            // Who may not write can do without: the content is taken to be the fresh one.
            let _ = store.establish(PATIENCE);
        }
        Ok(Self::over(store))
    }
}

/// A catalog below a key of the registry, and what it is taken to contain while nothing is there.
pub(super) struct RegistryCatalog {
    parameters: String,
    fresh: Arc<State>,
    turns: Turns,
    watcher: Mutex<Option<Watcher>>,
}

impl RegistryCatalog {
    /// The catalog below the key `parameters` of HKEY_LOCAL_MACHINE, which need not exist.
    pub(super) fn new(parameters: &str, fresh: State) -> Result<Self, StoreError> {
        let turns = Turns::new(&format!("ws2spi catalog {parameters}"));
        Ok(Self {
            turns: turns.map_err(|error| failed(parameters, "find the lock of", error))?,
            parameters: parameters.to_owned(),
            fresh: Arc::new(fresh),
            watcher: Mutex::new(None),
        })
    }

    /// Writes the fresh content where there is none, so that who reads the registry directly finds
    /// the base entries too.
    pub(super) fn establish(&self, patience: Patience) -> Result<(), CatalogError> {
        if self.image()?.native.is_some() {
            return Ok(());
        }
        let turn = self.turn(patience)?;
        match self.image()?.native {
            Some(_) => Ok(()),
            None => turn.put_in_place(&turn.current),
        }
    }

    /// The content, when nobody wrote while it was read.
    fn look(&self) -> Result<Option<Arc<State>>, StoreError> {
        let (before, pending) = self.stamp()?;
        if let Some(pending) = pending {
            return self.restore_pending(&pending).map(Some);
        }
        let image = self.image()?;
        match self.stamp()? {
            (after, None) if after == before => self.restore(image).map(Some),
            (_, Some(pending)) => self.restore_pending(&pending).map(Some),
            _ => Ok(None),
        }
    }

    /// The serial number and what is pending.
    fn stamp(&self) -> Result<(Option<u32>, Option<Vec<u8>>), StoreError> {
        let Some(catalog) = self.open_catalog()? else {
            return Ok((None, None));
        };
        let serial = catalog.number(SERIAL).map_err(self.reading(""))?;
        let pending = catalog.bytes(PENDING).map_err(self.reading(""))?;
        Ok((serial, pending))
    }

    fn restore(&self, image: Image) -> Result<Arc<State>, StoreError> {
        let restored = image.restore(PAGE, &self.fresh);
        restored
            .map(Arc::new)
            .map_err(|problem| self.invalid(problem))
    }

    fn restore_pending(&self, text: &[u8]) -> Result<Arc<State>, StoreError> {
        document::read(&self.place(&format!("{CATALOG}\\{PENDING}")), text).map(Arc::new)
    }

    /// The values as they stand there.
    fn image(&self) -> Result<Image, StoreError> {
        let mut image = Image::default();
        if let Some(catalog) = self.open_catalog()? {
            image.next_id = catalog.number(NEXT).map_err(self.reading(""))?;
            image.serial = catalog
                .number(SERIAL)
                .map_err(self.reading(""))?
                .unwrap_or(0);
            image.native = self.rows(&catalog, Bits::SixtyFour)?;
            image.compatible = self.rows(&catalog, Bits::ThirtyTwo)?;
        }
        for (_, application) in self.applications()? {
            image.applications.push(application);
        }
        Ok(image)
    }

    fn rows(&self, catalog: &Key, bits: Bits) -> Result<Option<Vec<Row>>, StoreError> {
        let count = catalog
            .number(count_value(bits))
            .map_err(self.reading(""))?;
        let Some(count) = count else { return Ok(None) };
        let mut rows = Vec::new();
        for index in 0..count as usize {
            let name = layout::row_key(bits, index);
            let key = catalog.subkey(&name).map_err(self.reading(&name))?;
            let key = key.ok_or_else(|| self.invalid(Problem::new(&name, "is not there")))?;
            let item = key.bytes(ITEM).map_err(self.reading(&name))?;
            let missing = || self.invalid(Problem::new(&name, format!("has no {ITEM}")));
            rows.push(Row {
                item: item.ok_or_else(missing)?,
                name: key
                    .text(NAME)
                    .map_err(self.reading(&name))?
                    .unwrap_or_default(),
                categories: key.number(CATEGORIES).map_err(self.reading(&name))?,
            });
        }
        Ok(Some(rows))
    }

    /// The applications, each with the name of its key.
    fn applications(&self) -> Result<Vec<(String, (Identity, u32))>, StoreError> {
        let parameters = Key::open(&self.parameters).map_err(self.reading(""))?;
        let Some(parameters) = parameters else {
            return Ok(Vec::new());
        };
        let all = parameters
            .subkey(APPLICATIONS)
            .map_err(self.reading(APPLICATIONS))?;
        let Some(all) = all else {
            return Ok(Vec::new());
        };
        let mut found: Vec<(String, (Identity, u32))> = Vec::new();
        for name in all.subkeys().map_err(self.reading(APPLICATIONS))? {
            let place = format!("{APPLICATIONS}\\{name}");
            let Some(key) = all.subkey(&name).map_err(self.reading(&place))? else {
                continue;
            };
            let path = key.text(APPLICATION).map_err(self.reading(&place))?;
            let permitted = key.number(PERMITTED).map_err(self.reading(&place))?;
            let (Some(path), Some(permitted)) = (path, permitted) else {
                continue;
            };
            let extra = key.text(EXTRA).map_err(self.reading(&place))?;
            let identity = Identity { path, extra };
            if found.iter().all(|(_, (known, _))| *known != identity) {
                found.push((name, (identity, permitted)));
            }
        }
        Ok(found)
    }

    fn open_catalog(&self) -> Result<Option<Key>, StoreError> {
        let parameters = Key::open(&self.parameters).map_err(self.reading(""))?;
        let Some(parameters) = parameters else {
            return Ok(None);
        };
        let name = self.catalog_name(&parameters)?;
        parameters.subkey(&name).map_err(self.reading(&name))
    }

    fn catalog_name(&self, parameters: &Key) -> Result<String, StoreError> {
        let name = parameters.text(CURRENT).map_err(self.reading(CURRENT))?;
        Ok(name.unwrap_or_else(|| CATALOG.to_owned()))
    }

    /// The writers' turn.
    fn turn(&self, patience: Patience) -> Result<Turn<'_>, StoreError> {
        let limit = match patience {
            Patience::Wait(limit) => limit,
            Patience::Refuse => Duration::ZERO,
        };
        let owned = self.turns.take(limit);
        let owned = owned.map_err(|error| failed(&self.parameters, "lock", error))?;
        let owned = owned.ok_or_else(|| StoreError::Busy {
            file: self.place(""),
        })?;
        let mut turn = Turn {
            store: self,
            current: Arc::clone(&self.fresh),
            _owned: owned,
        };
        // What a killed writer left is finished by the first change.
        turn.current = match self.stamp()? {
            (_, Some(pending)) => self.restore_pending(&pending)?,
            (_, None) => self.restore(self.image()?)?,
        };
        Ok(turn)
    }

    fn place(&self, below: &str) -> PathBuf {
        place(&self.parameters, below)
    }

    fn reading(&self, below: &str) -> impl FnOnce(io::Error) -> StoreError {
        self.failing("read", below)
    }

    fn failing(&self, action: &'static str, below: &str) -> impl FnOnce(io::Error) -> StoreError {
        let file = self.place(below);
        move |source| StoreError::Io {
            file,
            action,
            source,
        }
    }

    fn invalid(&self, problem: Problem) -> StoreError {
        StoreError::Invalid {
            file: self.place(CATALOG),
            field: problem.field,
            problem: problem.what,
        }
    }
}

impl Store for RegistryCatalog {
    fn read(&self) -> Result<Arc<State>, StoreError> {
        for _ in 0..ATTEMPTS {
            if let Some(state) = self.look()? {
                return Ok(state);
            }
        }
        Ok(Arc::clone(&self.turn(PATIENCE)?.current))
    }

    fn begin(&self, patience: Patience) -> Result<Box<dyn Writing + '_>, StoreError> {
        Ok(Box::new(self.turn(patience)?))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn may_have_changed(&self) -> bool {
        let mut watcher = self.watcher.lock();
        match &*watcher {
            Some(watcher) => watcher.changed(),
            None => {
                // From now on. Without the key, or when the system refuses, each look counts.
                *watcher = Watcher::new(&self.parameters).ok();
                true
            }
        }
    }
}

impl fmt::Debug for RegistryCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RegistryCatalog");
        shown
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

/// The writers' turn: the mutex, and what was read under it.
struct Turn<'a> {
    store: &'a RegistryCatalog,
    current: Arc<State>,
    _owned: Owned<'a>,
}

impl Turn<'_> {
    fn put_in_place(&self, state: &State) -> Result<(), CatalogError> {
        let store = self.store;
        let image = Image::of(state, PAGE)?;
        let text =
            document::write(state).map_err(|error| store.failing("write", "")(error.into()))?;
        self.write(&image, &text)
            .map_err(store.failing("write", ""))?;
        Ok(())
    }

    fn write(&self, image: &Image, text: &[u8]) -> io::Result<()> {
        let parameters = Key::create(&self.store.parameters)?;
        let name = match parameters.text(CURRENT)? {
            Some(name) => name,
            None => {
                parameters.set_text(VERSION.0, VERSION.1)?;
                parameters.set_text(CURRENT, CATALOG)?;
                CATALOG.to_owned()
            }
        };
        let catalog = parameters.create_subkey(&name)?;
        catalog.set_bytes(PENDING, text)?;
        for bits in [Bits::SixtyFour, Bits::ThirtyTwo] {
            write_list(&catalog, bits, image.rows(bits).unwrap_or_default())?;
        }
        self.write_applications(&parameters, image)?;
        if let Some(next) = image.next_id {
            set_number(&catalog, NEXT, next)?;
        }
        catalog.set_number(SERIAL, image.serial)?;
        catalog.delete_value(PENDING)
    }

    fn write_applications(&self, parameters: &Key, image: &Image) -> io::Result<()> {
        if image.applications.is_empty() {
            return Ok(());
        }
        let all = parameters.create_subkey(APPLICATIONS)?;
        let known = self.store.applications().map_err(io::Error::other)?;
        for (identity, permitted) in &image.applications {
            match known.iter().find(|(_, (known, _))| known == identity) {
                Some((_, (_, same))) if same == permitted => {}
                Some((name, _)) => all.create_subkey(name)?.set_number(PERMITTED, *permitted)?,
                None => {
                    let key = all.create_subkey(&free_name(&all, identity)?)?;
                    key.set_text(APPLICATION, &identity.path)?;
                    if let Some(extra) = &identity.extra {
                        key.set_text(EXTRA, extra)?;
                    }
                    key.set_number(PERMITTED, *permitted)?;
                }
            }
        }
        Ok(())
    }
}

impl Writing for Turn<'_> {
    fn current(&self) -> &State {
        &self.current
    }

    fn put(self: Box<Self>, mut state: State) -> Result<(), CatalogError> {
        // The number has 32 bits there.
        state.serial = u64::from(state.serial as u32);
        self.put_in_place(&state)
    }
}

fn write_list(catalog: &Key, bits: Bits, rows: &[Row]) -> io::Result<()> {
    let entries = catalog.create_subkey(layout::entries_key(bits))?;
    for (index, row) in rows.iter().enumerate() {
        let key = catalog.create_subkey(&layout::row_key(bits, index))?;
        if key.bytes(ITEM)?.as_deref() != Some(&row.item[..]) {
            key.set_bytes(ITEM, &row.item)?;
            key.set_text(NAME, &row.name)?;
        }
        match row.categories {
            Some(categories) => set_number(&key, CATEGORIES, categories)?,
            None => key.delete_value(CATEGORIES)?,
        }
    }
    set_number(catalog, count_value(bits), rows.len() as u32)?;
    for name in entries.subkeys()? {
        if name.parse().is_ok_and(|number: usize| number > rows.len()) {
            entries.delete_subkey(&name)?;
        }
    }
    Ok(())
}

/// The value that counts a list's entries.
const fn count_value(bits: Bits) -> &'static str {
    match bits {
        Bits::SixtyFour => "Num_Catalog_Entries64",
        Bits::ThirtyTwo => "Num_Catalog_Entries",
    }
}

fn set_number(key: &Key, name: &str, number: u32) -> io::Result<()> {
    if key.number(name)? == Some(number) {
        return Ok(());
    }
    key.set_number(name, number)
}

/// A key name for a new application: eight digits made of its identity, as Windows has them.
fn free_name(all: &Key, identity: &Identity) -> io::Result<String> {
    let text = identity
        .path
        .bytes()
        .chain(identity.extra.iter().flat_map(|extra| extra.bytes()));
    // FNV-1a.
    let mut number = text.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    loop {
        let name = format!("{number:08X}");
        if all.subkey(&name)?.is_none() {
            return Ok(name);
        }
        number = number.wrapping_add(1);
    }
}

fn place(parameters: &str, below: &str) -> PathBuf {
    let separator = if below.is_empty() { "" } else { "\\" };
    PathBuf::from(format!("HKLM\\{parameters}{separator}{below}"))
}

fn failed(parameters: &str, action: &'static str, source: io::Error) -> StoreError {
    let file = place(parameters, "");
    StoreError::Io {
        file,
        action,
        source,
    }
}
