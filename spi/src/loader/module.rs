//! Modules: what `LoadLibrary` loads and the catalog's paths name. A shared library, or a provider linked into the program.
//!
//! One record per library whoever loads it, counted; its `DllMain`, if it exports one, runs with `DLL_PROCESS_ATTACH` when the first
//! user comes and with `DLL_PROCESS_DETACH` when the last one goes, as on Windows. Used by [`super::Loader`] for providers and by the
//! exported `LoadLibrary` family.
//!
//! When the process exits, those that are still loaded hear of it, the last one first, unless another thread uses this runtime.
//!
//! DIFFERS: Windows ends the other threads first. Here they go on, and a module that takes itself apart would take it from under them.
//!
//! Locks: the registry's mutex, for its maps only. No code of a module runs under it.

use super::library::Library;
use super::{linked, path};
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeMap;
use std::thread::{self, ThreadId};
use ws2spi_abi::ffi::native;
#[cfg(all(target_arch = "x86_64", not(windows)))]
use ws2spi_abi::ffi::{bridge, win64};
use ws2spi_abi::{BOOL, RawCallback};

/// One use of a loaded module. Dropping it gives the use back; the last one runs `DllMain` and unloads.
#[derive(Debug)]
pub struct Module {
    id: usize,
}

/// Why a module could not be loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The system could not load it; its own sentence.
    System(String),
    /// No provider of that name is linked into the program.
    NotLinked,
    /// Its `DllMain` returned FALSE.
    Refused,
    /// It was asked for by its own `DllMain` while it is being unloaded.
    Unloading,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System(text) => f.write_str(text),
            Self::NotLinked => f.write_str("no provider of that name is linked into the program"),
            Self::Refused => f.write_str("its DllMain returned FALSE"),
            Self::Unloading => f.write_str("it is being unloaded"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads a module, or adds a use to a loaded one. `%NAME%` in the path is expanded; `linked:NAME` names a linked provider.
///
/// Blocks while another thread loads or unloads the same module.
///
/// # Errors
/// [`LoadError`]; nothing stays loaded then.
pub fn load(stored_path: &str) -> Result<Module, LoadError> {
    if stored_path.starts_with(linked::SCHEME) {
        let startup = linked::find(stored_path).ok_or(LoadError::NotLinked)?;
        return Ok(Module {
            id: REGISTRY.add_linked(stored_path, startup),
        });
    }
    let expanded = path::expand(stored_path);
    let library = Library::open(&expanded).map_err(LoadError::System)?;
    let id = match REGISTRY.enter(library, &expanded) {
        Entered::Loaded(id) => {
            // The record has its own reference to the library.
            close(library);
            id
        }
        Entered::First(id) => {
            if library.entry() != 0 {
                // Once for each: so it comes before what the module's own initialisers left for the end.
                Library::at_exit(detach_last);
            }
            let accepted = call_entry(library, id, DLL_PROCESS_ATTACH, Loaded::AtRunTime);
            if !accepted {
                REGISTRY.leave(id);
                close(library);
                return Err(LoadError::Refused);
            }
            REGISTRY.set_ready(id);
            id
        }
        Entered::Unloading => {
            close(library);
            return Err(LoadError::Unloading);
        }
    };
    Ok(Module { id })
}

/// Another use of the loaded module with this number, `None` when there is none: what `FreeLibrary` and `GetProcAddress` start from.
#[must_use]
pub fn find(id: usize) -> Option<Module> {
    REGISTRY.add_use(id).then_some(Module { id })
}

/// Gives back the use that [`Module::into_id`] kept under this number, as dropping the [`Module`] would have: what `FreeLibrary` does.
/// `false` when no module of that number is loaded. Blocks while `DllMain` runs.
#[must_use]
pub fn release(id: usize) -> bool {
    let loaded = REGISTRY.is_loaded(id);
    if loaded {
        drop(Module { id });
    }
    loaded
}

/// The number of the loaded module with this path, `None` when it is not loaded: what `GetModuleHandle` answers.
#[must_use]
pub fn find_path(stored_path: &str) -> Option<usize> {
    let expanded = path::expand(stored_path);
    let records = REGISTRY.records.lock();
    records
        .by_id
        .iter()
        .find(|(_, record)| record.path == expanded)
        .map(|(id, _)| *id)
}

/// The number of a loaded module whose file has this name, whatever its folder; case does not matter, nor a `.dll` that is not there.
#[must_use]
pub fn find_name(name: &str) -> Option<usize> {
    let records = REGISTRY.records.lock();
    let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    let found = records.by_id.iter().find(|(_, record)| {
        let file = file(&record.path);
        file.eq_ignore_ascii_case(name) || file.eq_ignore_ascii_case(&format!("{name}.dll"))
    });
    found.map(|(id, _)| *id)
}

/// Has a module's `DllMain` hear of threads no more: what `DisableThreadLibraryCalls` does. `false` when it is not loaded.
#[must_use]
pub fn silence(id: usize) -> bool {
    let mut records = REGISTRY.records.lock();
    let record = records.by_id.get_mut(&id);
    record.map(|record| record.hears_threads = false).is_some()
}

/// Tells every loaded library that a thread has started (`DLL_THREAD_ATTACH`, 2) or is ending (`DLL_THREAD_DETACH`, 3), on that
/// thread.
pub fn notify_thread(reason: u32) {
    let records = REGISTRY.records.lock();
    let told = records
        .by_id
        .iter()
        .filter(|(_, record)| record.hears_threads && record.state == State::Ready);
    let ids: Vec<usize> = told.map(|(id, _)| *id).collect();
    drop(records);
    for module in ids.into_iter().filter_map(find) {
        if let Some(library) = module.library() {
            // The answer means nothing for threads.
            let _ = call_entry(library, module.id, reason, Loaded::AtRunTime);
        }
    }
}

impl Module {
    /// The module's number: what `LoadLibrary` returns and `DllMain` receives. Never 0.
    #[must_use]
    pub fn id(&self) -> usize {
        self.id
    }

    /// Keeps this use as the module's number, until [`release`] gives it back.
    #[must_use]
    pub fn into_id(self) -> usize {
        let id = self.id;
        std::mem::forget(self);
        id
    }

    /// The path it was loaded from, expanded.
    #[must_use]
    pub fn path(&self) -> String {
        REGISTRY
            .records
            .lock()
            .by_id
            .get(&self.id)
            .map_or_else(String::new, |record| record.path.clone())
    }

    /// The address of an exported symbol, NULL when the module has none of that name. A linked provider has `WSPStartup` only.
    #[must_use]
    pub fn symbol(&self, name: &str) -> RawCallback {
        let image = REGISTRY
            .records
            .lock()
            .by_id
            .get(&self.id)
            .map(|record| record.image);
        match image {
            Some(Image::Library(library)) => RawCallback::from_raw(library.symbol(name)),
            Some(Image::Linked(startup)) if name == STARTUP => {
                RawCallback::from_raw(startup as usize)
            }
            Some(Image::Linked(_)) | None => RawCallback::NULL,
        }
    }

    /// The module's `WSPStartup`, `None` when it exports none. One in Microsoft's convention, which a module exports as
    /// [`STARTUP_WIN64`], comes as a function of the native convention that calls it.
    #[doc(alias = "WSPStartup")]
    #[must_use]
    pub fn startup(&self) -> Option<native::StartupFn> {
        let symbol = self.symbol(STARTUP);
        if symbol.is_null() {
            return self.startup_from_win64();
        }
        // SAFETY: ws2spi.h fixes the type of the symbol of that name; the module answers for exporting a function of that type.
        Some(unsafe { std::mem::transmute::<usize, native::StartupFn>(symbol.as_raw()) })
    }

    #[cfg(not(all(target_arch = "x86_64", not(windows))))]
    fn startup_from_win64(&self) -> Option<native::StartupFn> {
        None
    }

    #[cfg(all(target_arch = "x86_64", not(windows)))]
    fn startup_from_win64(&self) -> Option<native::StartupFn> {
        let symbol = self.symbol(STARTUP_WIN64);
        if symbol.is_null() {
            return None;
        }
        // SAFETY: ws2spi.h gives this name to functions of this type only; the module answers for exporting one.
        let startup = unsafe { std::mem::transmute::<usize, win64::StartupFn>(symbol.as_raw()) };
        bridge::to_native::startup(startup)
    }

    fn library(&self) -> Option<Library> {
        match REGISTRY.records.lock().by_id.get(&self.id)?.image {
            Image::Library(library) => Some(library),
            Image::Linked(_) => None,
        }
    }
}

impl Clone for Module {
    fn clone(&self) -> Self {
        REGISTRY.add_use(self.id);
        Self { id: self.id }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        if let Some(library) = REGISTRY.last_use(self.id) {
            let _ = call_entry(library, self.id, DLL_PROCESS_DETACH, Loaded::AtRunTime);
            close(library);
            REGISTRY.leave(self.id);
        }
    }
}

#[derive(Clone, Copy)]
enum Image {
    Library(Library),
    Linked(native::StartupFn),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// This thread runs `DllMain`; others wait.
    Attaching(ThreadId),
    Ready,
    /// As for attaching.
    Detaching(ThreadId),
}

struct Record {
    path: String,
    image: Image,
    state: State,
    uses: usize,
    hears_threads: bool,
}

#[derive(Default)]
struct Records {
    by_id: BTreeMap<usize, Record>,
    issued: usize,
}

struct Registry {
    records: Mutex<Records>,
    changed: Condvar,
}

enum Entered {
    /// Somebody loaded it before: a use was added.
    Loaded(usize),
    /// The caller is the first and runs `DllMain`.
    First(usize),
    Unloading,
}

static REGISTRY: Registry = Registry {
    records: Mutex::new(Records {
        by_id: BTreeMap::new(),
        issued: 0,
    }),
    changed: Condvar::new(),
};

impl Registry {
    fn enter(&self, library: Library, path: &str) -> Entered {
        let mut records = self.records.lock();
        let me = thread::current().id();
        loop {
            let found = records.by_id.iter_mut().find(
                |(_, record)| matches!(record.image, Image::Library(have) if have == library),
            );
            match found {
                None => {
                    let image = Image::Library(library);
                    return Entered::First(records.add(path, image, State::Attaching(me)));
                }
                Some((id, record)) => match record.state {
                    State::Detaching(by) if by == me => return Entered::Unloading,
                    State::Attaching(by) if by != me => {}
                    State::Detaching(_) => {}
                    State::Ready | State::Attaching(_) => {
                        record.uses += 1;
                        return Entered::Loaded(*id);
                    }
                },
            }
            self.changed.wait(&mut records);
        }
    }

    fn add_linked(&self, path: &str, startup: native::StartupFn) -> usize {
        let mut records = self.records.lock();
        let found = records.by_id.iter_mut().find(|(_, record)| {
            record.path == path
                && matches!(record.image, Image::Linked(have) if have as usize == startup as usize)
        });
        if let Some((id, record)) = found {
            record.uses += 1;
            return *id;
        }
        records.add(path, Image::Linked(startup), State::Ready)
    }

    fn add_use(&self, id: usize) -> bool {
        match self.records.lock().by_id.get_mut(&id) {
            Some(record) if !matches!(record.state, State::Detaching(_)) => {
                record.uses += 1;
                true
            }
            _ => false,
        }
    }

    fn is_loaded(&self, id: usize) -> bool {
        let records = self.records.lock();
        let record = records.by_id.get(&id);
        record.is_some_and(|record| !matches!(record.state, State::Detaching(_)))
    }

    /// Gives one use back; the library when it was the last one of a shared library, whose `DllMain` the caller now runs.
    fn last_use(&self, id: usize) -> Option<Library> {
        let mut records = self.records.lock();
        let record = records.by_id.get_mut(&id)?;
        if matches!(record.state, State::Detaching(_)) {
            // Somebody gave back one use too many: the last one is gone already.
            return None;
        }
        record.uses = record.uses.saturating_sub(1);
        if record.uses > 0 {
            return None;
        }
        match record.image {
            Image::Library(library) => {
                record.state = State::Detaching(thread::current().id());
                Some(library)
            }
            Image::Linked(_) => {
                records.by_id.remove(&id);
                None
            }
        }
    }

    /// The libraries that are loaded, the last one first.
    fn loaded(&self) -> Vec<(usize, Library)> {
        let records = self.records.lock();
        let ready = records.by_id.iter().rev();
        let ready = ready.filter(|(_, record)| record.state == State::Ready);
        let libraries = ready.filter_map(|(id, record)| match record.image {
            Image::Library(library) => Some((*id, library)),
            Image::Linked(_) => None,
        });
        libraries.collect()
    }

    /// The caller runs the library's `DllMain` for the last time.
    fn set_detaching(&self, id: usize) {
        if let Some(record) = self.records.lock().by_id.get_mut(&id) {
            record.state = State::Detaching(thread::current().id());
        }
    }

    fn set_ready(&self, id: usize) {
        if let Some(record) = self.records.lock().by_id.get_mut(&id) {
            record.state = State::Ready;
        }
        self.changed.notify_all();
    }

    fn leave(&self, id: usize) {
        self.records.lock().by_id.remove(&id);
        self.changed.notify_all();
    }
}

impl Records {
    fn add(&mut self, path: &str, image: Image, state: State) -> usize {
        self.issued += 1;
        // As on Windows, where a module's number is its address: aligned to 64 KiB and no handle.
        let id = self.issued << 16;
        self.by_id.insert(
            id,
            Record {
                path: path.to_owned(),
                image,
                state,
                uses: 1,
                hears_threads: true,
            },
        );
        id
    }
}

/// The process exits: the library that was loaded last hears of it, and stays loaded.
extern "C" fn detach_last() {
    // A panic must not get into the C library.
    let _ = std::panic::catch_unwind(|| {
        ws2spi_kernel::thread::if_last(|| {
            let loaded = REGISTRY.loaded();
            let last = loaded.into_iter().find(|(_, library)| library.entry() != 0);
            if let Some((id, library)) = last {
                REGISTRY.set_detaching(id);
                let _ = call_entry(library, id, DLL_PROCESS_DETACH, Loaded::ForProcess);
            }
        });
    });
}

/// What the third argument of `DllMain` tells.
#[derive(Clone, Copy)]
enum Loaded {
    /// NULL: for a module that is loaded, or unloaded, while the process runs.
    AtRunTime,
    /// Not NULL: the process ends.
    ForProcess,
}

/// Calls the library's `DllMain`, if it exports one. No lock is held.
fn call_entry(library: Library, id: usize, reason: u32, loaded: Loaded) -> bool {
    type DllMain = unsafe extern "system" fn(usize, u32, *mut std::ffi::c_void) -> BOOL;
    let address = library.entry();
    if address == 0 {
        return true;
    }
    // SAFETY: windows.h fixes the type of the symbol of that name; the module answers for exporting a function of that type.
    let entry = unsafe { std::mem::transmute::<usize, DllMain>(address) };
    let reserved = match loaded {
        Loaded::AtRunTime => std::ptr::null_mut(),
        Loaded::ForProcess => std::ptr::dangling_mut(),
    };
    // SAFETY: as above; the third argument is looked at and not used.
    unsafe { entry(id, reason, reserved) != 0 }
}

fn close(library: Library) {
    // A library that cannot be closed stays mapped; nobody refers to it any more.
    let _ = library.close();
}

const STARTUP: &str = "WSPStartup";

/// The name of a `WSPStartup` in Microsoft's x64 convention: what a module exports one as, and by what name a caller of that convention
/// asks for any.
pub const STARTUP_WIN64: &str = "WSPStartup_win64";

const DLL_PROCESS_DETACH: u32 = 0;
const DLL_PROCESS_ATTACH: u32 = 1;
