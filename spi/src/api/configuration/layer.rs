//! Installing a layer with its chains in one call: WSCInstallProviderAndChains and the variant that
//! installs for 64-bit and 32-bit programs.
//!
//! Order of checks: NULL GUID, path or name (WSAEINVAL), their lengths and the flags, the list, what
//! the catalog refuses, the module, and last whether the catalog can be written.

use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::MAX_PATH;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::WSAPROTOCOL_LEN;

use super::arguments;
use crate::catalog;
use crate::catalog::Bits;
use crate::catalog::CatalogError;
use crate::catalog::LayerInstallation;
use crate::catalog::Refusal;
use crate::catalog::Targets;
use crate::loader::module;

/// Installs a layer for 64-bit programs: a hidden entry that names it, and chains of it over existing
/// entries, which go to the head of the catalog. `*id` becomes the hidden entry's id unless `id` is
/// NULL. Each chain gets a GUID of its own.
///
/// `infos` NULL: a chain over the base entry of every address family, type and protocol; else over the
/// topmost entry with those of each of the `count` structures. `service_flags` is XP1_IFS_HANDLES or 0.
///
/// Returns 0, or SOCKET_ERROR with `*errno`: WSAEINVAL (NULL or too long arguments, other flags, an
/// empty list, GUID or name installed already, no entry that matches), WSAEINPROGRESS while another
/// installation runs, WSAEINVALIDPROCTABLE when the module does not load or lacks WSPStartup,
/// WSANO_RECOVERY (no base entry, a chain of seven, the catalog cannot be written), WSAENOBUFS. Needs
/// no WSAStartup. Loads the module to look at it; does not wait for other writers. Any thread.
/// Microsoft: "WSCInstallProviderAndChains function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid: `path` and `name` NUL-terminated, `infos` with `count` elements.
#[doc(alias = "WSCInstallProviderAndChains")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsc_install_provider_and_chains(
    provider: *const GUID,
    path: *const u16,
    name: *const u16,
    service_flags: u32,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    id: *mut u32,
    errno: *mut i32,
) -> i32 {
    let function = "WSCInstallProviderAndChains";
    // SAFETY: the caller's contract.
    let request = unsafe { Request::read(provider, path, name, service_flags, infos, count) };
    let result = request.and_then(|request| {
        let id_of_layer = install(&[(Bits::SixtyFour, request.layer(&request.path))], function)?;
        // SAFETY: the caller's contract.
        unsafe { arguments::store(id, id_of_layer) };
        Ok(0)
    });
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_install_provider_and_chains`] for 64-bit and for 32-bit programs: for both or neither. The
/// module for 32-bit programs is at `path32`; `*id` is the hidden entry's id for 64-bit programs.
///
/// The 32-bit module cannot be loaded here and is not looked at.
/// Microsoft: "WSCInstallProviderAndChains64_32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_install_provider_and_chains`]; `path32` is null or NUL-terminated.
// DIFFERS: with path32 NULL Windows demands the path to be below %windir%\system32 and takes the
// module of that name from syswow64. There are no such folders here: the same path serves both.
#[doc(alias = "WSCInstallProviderAndChains64_32")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsc_install_provider_and_chains64_32(
    provider: *const GUID,
    path: *const u16,
    path32: *const u16,
    name: *const u16,
    service_flags: u32,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    id: *mut u32,
    errno: *mut i32,
) -> i32 {
    let function = "WSCInstallProviderAndChains64_32";
    // SAFETY: the caller's contract.
    let request = unsafe { Request::read(provider, path, name, service_flags, infos, count) };
    let result = request.and_then(|request| {
        let path32 = match path32.is_null() {
            true => request.path.clone(),
            // SAFETY: the caller's contract.
            false => unsafe { read_text(path32, MAX_PATH - 1) }
                .and_then(|path| arguments::well_formed(&path))?,
        };
        let layers = [
            (Bits::SixtyFour, request.layer(&request.path)),
            (Bits::ThirtyTwo, request.layer(&path32)),
        ];
        let id_of_layer = install(&layers, function)?;
        // SAFETY: the caller's contract.
        unsafe { arguments::store(id, id_of_layer) };
        Ok(0)
    });
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// The arguments both functions have.
struct Request {
    provider: GUID,
    path: String,
    name: Vec<u16>,
    service_flags: u32,
    targets: Option<Vec<WSAPROTOCOL_INFOW>>,
}

impl Request {
    /// # Safety
    /// As [`wsc_install_provider_and_chains`].
    unsafe fn read(
        provider: *const GUID,
        path: *const u16,
        name: *const u16,
        service_flags: u32,
        infos: *const WSAPROTOCOL_INFOW,
        count: u32,
    ) -> Result<Self, Errno> {
        // SAFETY: the caller's contract.
        let provider = unsafe { arguments::guid(provider) }.map_err(|_| Errno::INVAL)?;
        // SAFETY: the caller's contract.
        let path = unsafe { read_text(path, MAX_PATH - 1) }?;
        // SAFETY: the caller's contract.
        let name = unsafe { read_text(name, WSAPROTOCOL_LEN) }?;
        let targets = match infos.is_null() {
            true => None,
            // SAFETY: the caller's contract.
            false => Some(unsafe { arguments::items(infos, count as usize) }?),
        };
        let path = arguments::well_formed(&path)?;
        Ok(Self {
            provider,
            path,
            name,
            service_flags,
            targets,
        })
    }

    fn layer<'a>(&'a self, path: &'a str) -> LayerInstallation<'a> {
        LayerInstallation {
            provider: self.provider,
            path,
            name: &self.name,
            service_flags: self.service_flags,
            targets: self
                .targets
                .as_deref()
                .map_or(Targets::EveryBase, Targets::TopOf),
        }
    }
}

/// [`arguments::text`] where NULL is WSAEINVAL.
///
/// # Safety
/// As [`arguments::text`].
unsafe fn read_text(text: *const u16, limit: usize) -> Result<Vec<u16>, Errno> {
    // SAFETY: the caller's contract.
    unsafe { arguments::text(text, limit) }.map_err(|_| Errno::INVAL)
}

/// Installs in all lists or none; the id of the hidden entry in the first.
fn install(layers: &[(Bits, LayerInstallation<'_>)], function: &'static str) -> Result<u32, Errno> {
    let catalog = catalog::process_catalog().map_err(arguments::code(function))?;
    match catalog.install_layer(layers, &serves) {
        Ok(id) => Ok(id.get()),
        // The page gives both WSAEINVAL and WSANO_RECOVERY for it (U138).
        Err(CatalogError::Refused(Refusal::DuplicateProvider(_))) => Err(Errno::INVAL),
        Err(error) => Err(arguments::code(function)(error)),
    }
}

/// Whether a module can serve as a provider: it loads and exports WSPStartup. It is not started,
/// because a layer looks for its own entries in the catalog then, which are not there yet.
fn serves(bits: Bits, layer: &LayerInstallation<'_>) -> bool {
    match bits {
        Bits::SixtyFour => module::load(layer.path).is_ok_and(|module| module.startup().is_some()),
        Bits::ThirtyTwo => true,
    }
}
