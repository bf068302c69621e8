//! `Catalog`: the one place where the catalog lives, in memory, in a file or in the registry, and
//! the operations on it.
//!
//! Each change is made on a copy and put in place whole, how is the store's affair (`store`). A
//! reader takes the current state and holds no lock while it reads.
//!
//! Used by the faces of the WSC* functions in `api` and, for the snapshot, by WSAStartup.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ws2spi_abi::GUID;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories;
use super::categories::Identity;
use super::chains::LayerInstallation;
use super::entry::EntryId;
use super::error::CatalogError;
use super::error::Refusal;
use super::error::StoreError;
use super::file::CatalogFile;
use super::list::List;
use super::memory::Memory;
use super::of_the_system;
use super::snapshot::Snapshot;
use super::state::Bits;
use super::state::State;
use super::store::Patience;
use super::store::Store;
use super::watch::Watch;

/// A catalog of transport providers. Shared by reference; every method may be called by any thread.
#[derive(Debug)]
pub struct Catalog {
    store: Arc<dyn Store>,
    installing: AtomicBool,
    watch: Arc<Watch>,
}

/// How long a change waits for a writer in another process. Windows waits for minutes.
pub(super) const PATIENCE: Patience = Patience::Wait(Duration::from_secs(30));

/// The environment variable that names the catalog's file.
pub const ENVIRONMENT: &str = "WS2SPI_CATALOG";

impl Catalog {
    /// A catalog in memory with these base entries, numbered from 1001, all of them provided by the
    /// module at `path`.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] when a base entry cannot be.
    pub fn new(path: &str, base: &[WSAPROTOCOL_INFOW]) -> Result<Self, CatalogError> {
        let state = State::fresh(path, base)?;
        Ok(Self::over(Memory::new(state)))
    }

    /// The catalog in `file`. While there is no such file the catalog is a fresh one, as
    /// [`Catalog::new`] makes it; the first change makes the file.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when the file exists and cannot be read or understood;
    /// [`CatalogError::Refused`] when a base entry cannot be.
    pub fn open(file: &Path, path: &str, base: &[WSAPROTOCOL_INFOW]) -> Result<Self, CatalogError> {
        let file = CatalogFile::new(file, State::fresh(path, base)?)?;
        file.read()?;
        Ok(Self::over(file))
    }

    /// The catalog in the file that the environment variable `WS2SPI_CATALOG` names. When it is not
    /// set or empty, the one of the system: on Windows in the registry, elsewhere one in memory.
    ///
    /// # Errors
    /// As [`Catalog::open`].
    pub fn from_environment(path: &str, base: &[WSAPROTOCOL_INFOW]) -> Result<Self, CatalogError> {
        match std::env::var_os(ENVIRONMENT).filter(|file| !file.is_empty()) {
            Some(file) => Self::open(Path::new(&file), path, base),
            None => of_the_system(path, base),
        }
    }

    pub(super) fn over(store: impl Store + 'static) -> Self {
        let store: Arc<dyn Store> = Arc::new(store);
        Self {
            watch: Arc::new(Watch::new(Arc::clone(&store))),
            store,
            installing: AtomicBool::new(false),
        }
    }

    /// Who is told of changes.
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Whether other processes see the catalog, and can change it.
    pub fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    /// The catalog's content as it is now.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when its file cannot be read.
    pub fn state(&self) -> Result<Arc<State>, CatalogError> {
        Ok(self.store.read()?)
    }

    /// The catalog as this process is to see it from now on: its entries, without the chains that
    /// the categories of this application exclude. Microsoft: WSAStartup.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when its file cannot be read.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, CatalogError> {
        self.snapshot_for(&categories::this_process())
    }

    /// The catalog as a process sees it that is to have no layers: its base entries.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when its file cannot be read.
    pub fn snapshot_without_layers(&self) -> Result<Arc<Snapshot>, CatalogError> {
        let state = self.state()?;
        let base = state.native.without_layers();
        Ok(Arc::new(Snapshot::new(&base, None, state.serial)))
    }

    /// The catalog as the given application sees it.
    ///
    /// # Errors
    /// [`CatalogError::Store`] when its file cannot be read.
    pub fn snapshot_for(&self, application: &Identity) -> Result<Arc<Snapshot>, CatalogError> {
        let state = self.state()?;
        let permitted = state.applications().of_process(application);
        Ok(Arc::new(Snapshot::new(
            &state.native,
            permitted,
            state.serial,
        )))
    }

    /// Installs entries under one GUID and path in each of `lists`: in all of them or in none.
    ///
    /// # Errors
    /// As [`List::install`], and [`CatalogError::Store`].
    #[doc(alias = "WSCInstallProvider")]
    #[doc(alias = "WSCInstallProvider64_32")]
    pub fn install(
        &self,
        lists: &[Bits],
        provider: GUID,
        path: &str,
        infos: &[WSAPROTOCOL_INFOW],
    ) -> Result<(), CatalogError> {
        let path: Arc<str> = Arc::from(path);
        self.change_lists(lists, |list| list.install(provider, &path, infos))
    }

    /// Installs a layer and its chains in each of the lists: in all of them or in none. Returns the
    /// id of the layer's own entry in the first.
    ///
    /// `serves` says whether the module at a path can serve as a provider of such programs; it is
    /// called with no lock held, after everything that can be checked without it.
    ///
    /// # Errors
    /// As [`LayerInstallation::apply`]; [`Refusal::NoEntries`] without layers; [`Refusal::BadModule`]
    /// when `serves` says no; [`CatalogError::Installing`] while another thread is in here or another
    /// program is changing the catalog; [`CatalogError::Store`].
    #[doc(alias = "WSCInstallProviderAndChains")]
    #[doc(alias = "WSCInstallProviderAndChains64_32")]
    pub fn install_layer(
        &self,
        layers: &[(Bits, LayerInstallation<'_>)],
        serves: &dyn Fn(Bits, &LayerInstallation<'_>) -> bool,
    ) -> Result<EntryId, CatalogError> {
        if self.installing.swap(true, Ordering::AcqRel) {
            return Err(CatalogError::Installing);
        }
        let _installing = Installing(&self.installing);
        apply(&*self.state()?, layers)?;
        if !layers.iter().all(|(bits, layer)| serves(*bits, layer)) {
            return Err(Refusal::BadModule.into());
        }
        let installed = self.change(Patience::Refuse, |state| apply(state, layers));
        installed.map_err(|error| match error {
            CatalogError::Store(StoreError::Busy { .. }) => CatalogError::Installing,
            error => error,
        })
    }

    /// Removes all entries of a provider. Chains that name them stay; what runs keeps running.
    ///
    /// # Errors
    /// As [`List::deinstall`], and [`CatalogError::Store`].
    #[doc(alias = "WSCDeinstallProvider")]
    pub fn deinstall(&self, bits: Bits, provider: GUID) -> Result<(), CatalogError> {
        self.change_lists(&[bits], |list| list.deinstall(provider))
    }

    /// Replaces path and entries of a provider.
    ///
    /// # Errors
    /// As [`List::update`], and [`CatalogError::Store`].
    #[doc(alias = "WSCUpdateProvider")]
    pub fn update(
        &self,
        bits: Bits,
        provider: GUID,
        path: &str,
        infos: &[WSAPROTOCOL_INFOW],
    ) -> Result<(), CatalogError> {
        let path: Arc<str> = Arc::from(path);
        self.change_lists(&[bits], |list| list.update(provider, &path, infos))
    }

    /// Puts a list in this order.
    ///
    /// # Errors
    /// As [`List::reorder`], and [`CatalogError::Store`]: [`StoreError::Busy`] at once while
    /// another program is changing the catalog.
    #[doc(alias = "WSCWriteProviderOrder")]
    pub fn reorder(&self, bits: Bits, order: &[EntryId]) -> Result<(), CatalogError> {
        self.change_lists_with(Patience::Refuse, &[bits], |list| list.reorder(order))
    }

    /// Declares a provider's categories.
    ///
    /// # Errors
    /// As [`List::categorize`], and [`CatalogError::Store`].
    #[doc(alias = "WSCSetProviderInfo")]
    pub fn categorize(
        &self,
        bits: Bits,
        provider: GUID,
        categories: u32,
    ) -> Result<(), CatalogError> {
        self.change_lists(&[bits], |list| list.categorize(provider, categories))
    }

    /// Adds to the categories an application permits; returns those it permitted before.
    ///
    /// # Errors
    /// [`CatalogError::Store`].
    #[doc(alias = "WSCSetApplicationCategory")]
    pub fn permit(&self, application: Identity, categories: u32) -> Result<u32, CatalogError> {
        self.change(PATIENCE, |state| {
            let mut changed = state.clone();
            let previous = changed.applications.permit(application, categories);
            Ok((changed, previous))
        })
    }

    fn change_lists(
        &self,
        lists: &[Bits],
        change: impl Fn(&List) -> Result<List, Refusal>,
    ) -> Result<(), CatalogError> {
        self.change_lists_with(PATIENCE, lists, change)
    }

    fn change_lists_with(
        &self,
        patience: Patience,
        lists: &[Bits],
        change: impl Fn(&List) -> Result<List, Refusal>,
    ) -> Result<(), CatalogError> {
        self.change(patience, |state| {
            let mut changed = state.clone();
            for bits in lists {
                let list = change(changed.list(*bits))?;
                changed = changed.with_list(*bits, list);
            }
            Ok((changed, ()))
        })
    }

    /// Makes the next state from the current one, puts it in place with its serial counted up, and
    /// tells who waits for that.
    fn change<R>(
        &self,
        patience: Patience,
        change: impl FnOnce(&State) -> Result<(State, R), Refusal>,
    ) -> Result<R, CatalogError> {
        let writing = self.store.begin(patience)?;
        let (mut changed, result) = change(writing.current())?;
        changed.serial = writing.current().serial + 1;
        writing.put(changed)?;
        self.watch.tell();
        Ok(result)
    }
}

/// The state with all layers installed, and the id of the first one's own entry.
fn apply(
    state: &State,
    layers: &[(Bits, LayerInstallation<'_>)],
) -> Result<(State, EntryId), Refusal> {
    let mut changed = state.clone();
    let mut first = None;
    for (bits, layer) in layers {
        let (list, id) = layer.apply(changed.list(*bits))?;
        changed = changed.with_list(*bits, list);
        first = first.or(Some(id));
    }
    Ok((changed, first.ok_or(Refusal::NoEntries)?))
}

/// Ends an installation when it goes out of scope.
struct Installing<'a>(&'a AtomicBool);

impl Drop for Installing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
