//! The provider below a layer in one chain: found in the catalog, loaded and started, as the documents tell layers to.

use super::Next;
use crate::args::{OptionOut, Out};
use crate::diagnostic::{self, Diagnostic};
use crate::ffi::{Procs, native};
use crate::provider::{StartupRequest, Version};
use crate::types::Plain;
use crate::*;

/// What a layer links against, as every layer on Windows does. The names are the client DLL's and the system's exports: a program or
/// library that uses layers must contain or link them.
#[allow(non_snake_case, reason = "Microsoft's names")]
mod imports {
    use crate::*;

    unsafe extern "system" {
        pub fn WSCEnumProtocols(
            protocols: *const i32,
            buffer: *mut WSAPROTOCOL_INFOW,
            len: *mut u32,
            errno: *mut i32,
        ) -> i32;
        pub fn ExpandEnvironmentStringsW(source: PCWSTR, target: PWSTR, size: u32) -> u32;
        pub fn LoadLibraryW(path: PCWSTR) -> HANDLE;
        pub fn GetProcAddress(
            module: HANDLE,
            name: PCSTR,
        ) -> Option<unsafe extern "system" fn() -> isize>;
        pub fn FreeLibrary(module: HANDLE) -> BOOL;
    }
}

/// A started provider below.
pub struct Lower {
    /// The layer's chain entry.
    chain: WSAPROTOCOL_INFOW,
    /// What goes down as protocol info: the base's own entry, or the chain's unmodified when another layer follows.
    below: Option<WSAPROTOCOL_INFOW>,
    next: Next,
    module: HANDLE,
}

impl Lower {
    /// Finds, loads and starts the provider below the layer `id` in the chain of `request`.
    pub(super) fn start(id: &GUID, request: &StartupRequest<'_>) -> Result<Self, Errno> {
        let catalog = enumerate()?;
        let chain = *request.info;
        let following = next_entry(id, &chain, &catalog)?;
        let below = (following.ProtocolChain.ChainLen == 1).then_some(following);
        let path = request.upcalls.get_provider_path(&following.ProviderId)?;
        let (module, startup) = load(&path)?;
        let mut lower = Self {
            chain,
            below,
            next: Next::new(Procs::Native(native::ProcTable::EMPTY)),
            module,
        };
        let mut procs = native::ProcTable::EMPTY;
        let mut data = WSPDATA {
            wVersion: 0,
            wHighVersion: 0,
            szDescription: [0; 256],
        };
        let info = below.unwrap_or(chain);
        let Some(table) = request.upcalls.native() else {
            return Err(Errno::PROVIDERFAILEDINIT);
        };
        // SAFETY: `startup` is the module's WSPStartup; every pointer is a live local.
        let code = unsafe {
            startup(
                Version::V2_2.0,
                &raw mut data,
                &raw const info,
                *table,
                &raw mut procs,
            )
        };
        if code != 0 {
            return Err(Errno::PROVIDERFAILEDINIT);
        }
        if let Some(missing) = procs.first_missing() {
            diagnostic::report(&Diagnostic {
                provider: String::from_utf16_lossy(&path),
                function: "WSPStartup",
                what: format!("succeeded, but {missing} is NULL"),
            });
            return Err(Errno::INVALIDPROCTABLE);
        }
        lower.next = Next::new(Procs::Native(procs));
        Ok(lower)
    }

    /// The id of the layer's chain entry.
    #[must_use]
    pub const fn chain(&self) -> u32 {
        self.chain.dwCatalogEntryId
    }

    /// The provider below.
    #[must_use]
    pub const fn next(&self) -> &Next {
        &self.next
    }

    /// Whether calls with this protocol info belong to the chain. Another layer above passes its own chain on, so every entry of
    /// the provider below counts.
    pub(super) fn serves(&self, info: &WSAPROTOCOL_INFOW) -> bool {
        info.dwCatalogEntryId == self.chain.dwCatalogEntryId
    }

    /// What to pass down as protocol info in place of `info`; `dwProviderReserved` is kept, it carries duplicated sockets.
    #[must_use]
    pub fn info_below(&self, info: Option<&WSAPROTOCOL_INFOW>) -> WSAPROTOCOL_INFOW {
        let mut below = self.below.unwrap_or(self.chain);
        if let Some(info) = info {
            below.dwProviderReserved = info.dwProviderReserved;
        }
        below
    }

    /// An option of a socket of the chain. The provider below tells its own entry for `SO_PROTOCOL_INFOW`; the layer's takes its
    /// place, so that the layer claims the socket.
    pub(super) fn get_sock_opt(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: OptionOut<'_>,
    ) -> Result<(), Errno> {
        self.next.get_sock_opt(s, level, option, value)?;
        if (level, option) == (SOL_SOCKET, SO_PROTOCOL_INFOW) {
            let mut bytes = [0; size_of::<WSAPROTOCOL_INFOW>()];
            self.chain.encode(&mut bytes).ok_or(Errno::FAULT)?;
            value.write_bytes(&bytes)?;
        }
        Ok(())
    }

    /// Whoever redeems the info must come to the layer: all of it is the chain's but `dwProviderReserved`, where the provider below
    /// keeps what it needs to find the socket again.
    pub(super) fn duplicate_socket(
        &self,
        s: SOCKET,
        process: u32,
        info: Out<'_, WSAPROTOCOL_INFOW>,
    ) -> Result<(), Errno> {
        let mut below = WSAPROTOCOL_INFOW::EMPTY;
        let place = if info.is_null() {
            // It fails, after the other checks.
            info
        } else {
            // SAFETY: a live local.
            unsafe { Out::new(&raw mut below) }
        };
        self.next.duplicate_socket(s, process, place)?;
        info.set(WSAPROTOCOL_INFOW {
            dwProviderReserved: below.dwProviderReserved,
            ..self.chain
        })
    }

    /// Cleans up the provider below.
    pub(super) fn cleanup(&self) {
        let _ = self.next.cleanup();
    }
}

impl Drop for Lower {
    fn drop(&mut self) {
        // SAFETY: the module was loaded by `start` and the table is not used any more.
        unsafe { imports::FreeLibrary(self.module) };
    }
}

/// All entries of the catalog.
fn enumerate() -> Result<Vec<WSAPROTOCOL_INFOW>, Errno> {
    let mut entries: Vec<WSAPROTOCOL_INFOW> = Vec::new();
    loop {
        let mut bytes = (entries.capacity() * size_of::<WSAPROTOCOL_INFOW>()) as u32;
        let mut errno = 0;
        // SAFETY: the buffer has `bytes` bytes; the other pointers are live locals.
        let count = unsafe {
            imports::WSCEnumProtocols(
                std::ptr::null(),
                entries.as_mut_ptr(),
                &raw mut bytes,
                &raw mut errno,
            )
        };
        if let Ok(count) = usize::try_from(count) {
            // SAFETY: so many entries were written, and they fit.
            unsafe { entries.set_len(count.min(entries.capacity())) };
            return Ok(entries);
        }
        if errno != Errno::NOBUFS.code() {
            return Err(Errno::new(errno).unwrap_or(Errno::SYSCALLFAILURE));
        }
        entries.reserve(bytes as usize / size_of::<WSAPROTOCOL_INFOW>() + 1);
    }
}

/// The entry that follows the layer `id` in `chain`. Chain members are ids of layers' own entries, of bases, or of chains that were
/// layered over; the layer may be named by its own entry or by a chain that it heads.
fn next_entry(
    id: &GUID,
    chain: &WSAPROTOCOL_INFOW,
    catalog: &[WSAPROTOCOL_INFOW],
) -> Result<WSAPROTOCOL_INFOW, Errno> {
    let find = |entry: u32| catalog.iter().find(|info| info.dwCatalogEntryId == entry);
    let own = catalog
        .iter()
        .find(|info| info.ProviderId == *id && info.ProtocolChain.ChainLen == 0);
    let own = own.ok_or(Errno::PROVIDERFAILEDINIT)?.dwCatalogEntryId;
    let len = usize::try_from(chain.ProtocolChain.ChainLen)
        .unwrap_or(0)
        .min(7);
    let members = &chain.ProtocolChain.ChainEntries[..len];
    let heads = |member: u32| {
        member == own
            || find(member).is_some_and(|info| {
                info.ProtocolChain.ChainLen > 1 && info.ProtocolChain.ChainEntries[0] == own
            })
    };
    let at = members
        .iter()
        .position(|member| heads(*member))
        .ok_or(Errno::PROVIDERFAILEDINIT)?;
    members
        .get(at + 1)
        .and_then(|member| find(*member))
        .copied()
        .ok_or(Errno::PROVIDERFAILEDINIT)
}

/// Loads a provider's module and finds its `WSPStartup`.
fn load(path: &[u16]) -> Result<(HANDLE, native::StartupFn), Errno> {
    let source: Vec<u16> = path.iter().copied().chain(Some(0)).collect();
    let mut expanded = vec![0u16; 1024];
    // SAFETY: the source is NUL-terminated, the target has the size given.
    let needed = unsafe {
        imports::ExpandEnvironmentStringsW(
            source.as_ptr(),
            expanded.as_mut_ptr(),
            expanded.len() as u32,
        )
    };
    if needed == 0 || needed as usize > expanded.len() {
        return Err(Errno::PROVIDERFAILEDINIT);
    }
    // SAFETY: the path is NUL-terminated.
    let module = unsafe { imports::LoadLibraryW(expanded.as_ptr()) };
    if module == 0 {
        return Err(Errno::PROVIDERFAILEDINIT);
    }
    // SAFETY: the module is loaded, the name is NUL-terminated.
    let Some(found) = (unsafe { imports::GetProcAddress(module, c"WSPStartup".as_ptr().cast()) })
    else {
        // SAFETY: the module was just loaded.
        unsafe { imports::FreeLibrary(module) };
        return Err(Errno::PROVIDERFAILEDINIT);
    };
    // SAFETY: the symbol of this name has this type, or the module is not a provider.
    let startup = unsafe {
        std::mem::transmute::<unsafe extern "system" fn() -> isize, native::StartupFn>(found)
    };
    Ok((module, startup))
}
