//! Worlds with several providers in C: base_upcalls.c as each compiler makes it, installed under GUIDs of their own.

use std::mem::ManuallyDrop;
use std::path::Path;
use ws2spi::loader::module;
use ws2spi_abi::*;
use ws2spi_cli::installer::{self, Handles, Installed, Layer};
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::upcalls::{ID, Provider};
use ws2spi_tests::{Socket, configuration, pipe, providers, socket, wait, winsock};

/// An installed provider.
pub struct Base {
    pub provider: Provider,
    pub entry: WSAPROTOCOL_INFOW,
}

impl Base {
    /// Installs one.
    pub fn install(library: &Path, id: GUID, flags: u32) -> Self {
        let provider = Provider::load_from(library);
        let entry = provider.install(id, flags);
        Self { provider, entry }
    }

    /// Makes sure that the client DLL has started it.
    pub fn start(&self) {
        drop(self.socket());
    }

    /// A socket of it.
    pub fn socket(&self) -> Socket {
        pipe::socket_of(&self.entry).expect("the provider makes sockets")
    }
}

/// Runs the body on a thread of its own with each compiler's provider and up to two others beside it, installed with these service
/// flags before all other entries but not started, each time in a run of its own; nothing is left over.
pub fn with_bases<const N: usize>(flags: [u32; N], body: fn(&[Base; N])) {
    let variants = providers::variants("base_upcalls");
    for at in 0..variants.len() {
        let before = Census::take();
        let next = variants[(at + 1) % variants.len()].clone();
        let libraries = [variants[at].clone(), next, providers::path("base_upcalls")];
        let bases = std::array::from_fn(|n| {
            let id = GUID::from_u128(ID.to_u128() + n as u128);
            Base::install(&libraries[n], id, flags[n])
        });
        put_first(&bases);
        configuration::startup();
        let bases = wait::within_patience("the test", move || {
            body(&bases);
            bases
        });
        cleanup();
        for base in &bases {
            // A test may have removed it.
            let _ = installer::remove(&base.entry.ProviderId);
        }
        drop(bases);
        before.expect_no_more();
    }
}

/// Puts the providers' entries before all others, in this order.
fn put_first(bases: &[Base]) {
    let first: Vec<u32> = bases
        .iter()
        .map(|base| base.entry.dwCatalogEntryId)
        .collect();
    let entries = installer::entries().expect("the catalog can be read");
    let others = entries.iter().map(|entry| entry.dwCatalogEntryId);
    let mut order = first.clone();
    order.extend(others.filter(|id| !first.contains(id)));
    // SAFETY: as many ids as are said.
    let code = unsafe { winsock::WSCWriteProviderOrder(order.as_mut_ptr(), order.len() as u32) };
    assert_eq!(code, 0);
}

/// Installs a layer in C above the entries that `wanted` says.
pub fn install_layer(
    library: &Path,
    handles: Handles,
    id: u128,
    wanted: impl Fn(&WSAPROTOCOL_INFOW) -> bool,
) -> Installed {
    let layer = Layer {
        path: library.to_string_lossy().into_owned(),
        name: format!("layer {id:x}"),
        handles,
        id: GUID::from_u128(0x8c31_5e02_4f7a_4b0d_9d52_0000_0000_0000 | id << 16),
    };
    installer::install(&layer, wanted).expect("the layer can be installed")
}

/// Removes it again.
pub fn remove_layer(installed: &Installed) {
    for id in &installed.ids {
        installer::remove(id).expect("it is installed");
    }
}

/// Runs the body with each layer of `kinds` installed above TCP over IPv4, as each compiler makes it, each time in a run of its own;
/// nothing is left over.
pub fn with_layers(kinds: &[(&str, Handles)], body: fn(&Path, &WSAPROTOCOL_INFOW)) {
    for (name, handles) in kinds {
        for library in providers::variants(name) {
            let before = Census::take();
            let installed = install_layer(&library, *handles, 1, |entry| {
                (entry.iAddressFamily, entry.iProtocol) == (AF_INET, IPPROTO_TCP)
            });
            let chain = installed.chains[0];
            configuration::startup();
            let path = library.clone();
            wait::within_patience("the test", move || body(&path, &chain));
            cleanup();
            remove_layer(&installed);
            before.expect_no_more();
        }
    }
}

/// What a function of a module without arguments returns, as a word.
pub fn word_of(library: &Path, name: &str) -> usize {
    let module = module::load(&library.to_string_lossy()).expect("the module can be loaded");
    let symbol = module.symbol(name);
    assert!(!symbol.is_null(), "{} exports {name}", library.display());
    // SAFETY: the functions that the tests name here take nothing and return a word.
    let function =
        unsafe { std::mem::transmute::<usize, extern "C" fn() -> usize>(symbol.as_raw()) };
    function()
}

/// Another handle of the same object, of which the client DLL knows nothing: as a process inherits one.
pub fn inherited(handle: HANDLE) -> HANDLE {
    let mut twin = 0;
    // SAFETY: no arguments.
    let process = unsafe { winsock::GetCurrentProcess() };
    // SAFETY: the place for the handle is a live local.
    let duplicated = unsafe {
        winsock::DuplicateHandle(
            process,
            handle,
            process,
            &raw mut twin,
            0,
            FALSE,
            DUPLICATE_SAME_ACCESS,
        )
    };
    assert_ne!(duplicated, FALSE, "a handle can be duplicated");
    twin
}

/// Closes a handle that is no socket, or no longer one.
pub fn close_handle(handle: HANDLE) {
    // SAFETY: no pointers.
    assert_ne!(unsafe { winsock::CloseHandle(handle) }, FALSE);
}

/// A number as a socket, which stays open.
pub fn borrowed(s: SOCKET) -> ManuallyDrop<Socket> {
    ManuallyDrop::new(Socket::from_raw(s))
}

/// `listen`, on a number.
pub fn listen(s: SOCKET) -> Result<(), Errno> {
    borrowed(s).listen(1)
}

/// `closesocket`, on a number.
pub fn close(s: SOCKET) -> Result<(), Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::closesocket(s) }).map(drop)
}

/// Two events at which receives of a provider stop; closed when dropped.
pub struct Gate {
    pub entered: HANDLE,
    pub released: HANDLE,
}

impl Gate {
    pub fn new(provider: &Provider) -> Self {
        // SAFETY: no arguments.
        let event = || unsafe { winsock::WSACreateEvent() };
        let gate = Self {
            entered: event(),
            released: event(),
        };
        provider.gate(gate.entered, gate.released);
        gate
    }

    /// Waits until a receive has come.
    pub fn wait_entered(&self) {
        // SAFETY: no pointers.
        let waited = unsafe { winsock::WaitForSingleObject(self.entered, 30_000) };
        assert_eq!(waited, WAIT_OBJECT_0, "a receive comes");
    }

    /// Lets all go on.
    pub fn open(&self) {
        // SAFETY: no pointers.
        assert_ne!(unsafe { winsock::WSASetEvent(self.released) }, FALSE);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        close_handle(self.entered);
        close_handle(self.released);
    }
}
