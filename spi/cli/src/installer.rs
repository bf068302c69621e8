//! Installing a layer: its own entry, a chain over each base protocol, and the order, with the `WSC*` functions, as the installers of
//! layers do it on Windows.

use crate::winsock;
use std::iter;
use std::ptr::null;
use ws2spi_abi::*;

/// What is to be installed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The path of the module, as the catalog keeps it; `%VAR%` allowed.
    pub path: String,
    /// The name, at most 200 characters.
    pub name: String,
    /// Whether the layer hands out the handles of the provider below (`XP1_IFS_HANDLES`).
    pub handles: Handles,
    /// The GUID of the layer's own entry; the chains get GUIDs derived from it.
    pub id: GUID,
}

/// Whose socket handles a layer hands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handles {
    /// Those of the provider below: an IFS layer.
    System,
    /// Its own, minted by the client DLL: a non-IFS layer.
    Minted,
}

/// An installed layer.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The id of the layer's own entry (`ChainLen` 0).
    pub own: u32,
    /// The chains, in catalog order.
    pub chains: Vec<WSAPROTOCOL_INFOW>,
    /// All GUIDs that were used, the layer's own first: what [`remove`] takes.
    pub ids: Vec<GUID>,
}

/// `SOCKET_ERROR` and `*lpErrno` as a result.
fn checked(result: i32, errno: i32) -> Result<i32, Errno> {
    if result == SOCKET_ERROR {
        Err(Errno::new(errno).unwrap_or(Errno::SYSCALLFAILURE))
    } else {
        Ok(result)
    }
}

/// All entries of the catalog, hidden and layers' own ones included.
///
/// # Errors
/// Those of `WSCEnumProtocols`.
pub fn entries() -> Result<Vec<WSAPROTOCOL_INFOW>, Errno> {
    let mut buffer: Vec<WSAPROTOCOL_INFOW> = Vec::new();
    loop {
        let mut bytes = (buffer.capacity() * size_of::<WSAPROTOCOL_INFOW>()) as u32;
        let mut errno = 0;
        // SAFETY: the buffer has `bytes` bytes; the other pointers are live locals.
        let count = unsafe {
            winsock::WSCEnumProtocols(null(), buffer.as_mut_ptr(), &raw mut bytes, &raw mut errno)
        };
        match checked(count, errno) {
            Ok(count) => {
                // SAFETY: so many entries were written.
                unsafe { buffer.set_len(count as usize) };
                return Ok(buffer);
            }
            Err(Errno::NOBUFS) => {
                buffer.reserve(bytes as usize / size_of::<WSAPROTOCOL_INFOW>() + 1)
            }
            Err(error) => return Err(error),
        }
    }
}

fn install_entry(
    id: &GUID,
    path: &str,
    info: &WSAPROTOCOL_INFOW,
) -> Result<WSAPROTOCOL_INFOW, Errno> {
    let path: Vec<u16> = path.encode_utf16().chain(Some(0)).collect();
    let mut errno = 0;
    // SAFETY: all pointers are live locals; the path is NUL-terminated.
    let result = unsafe { winsock::WSCInstallProvider(id, path.as_ptr(), info, 1, &raw mut errno) };
    checked(result, errno)?;
    entries()?
        .into_iter()
        .find(|entry| entry.ProviderId == *id)
        .ok_or(Errno::NO_RECOVERY)
}

fn name_units(name: &str) -> [u16; 256] {
    let mut units = [0; 256];
    for (cell, unit) in units.iter_mut().take(255).zip(name.encode_utf16()) {
        *cell = unit;
    }
    units
}

/// The GUID of the layer's chain number `index`.
fn chain_id(layer: &GUID, index: usize) -> GUID {
    GUID::from_u128(layer.to_u128().wrapping_add(1 + index as u128))
}

/// Installs a layer above the top-most entry of each family, type and protocol for which `wanted` is true, and puts its chains first.
/// Running processes see it after their next first `WSAStartup`.
///
/// # Errors
/// Those of the `WSC*` functions; nothing stays installed then. `WSAEINVAL`: no entry is wanted.
pub fn install(
    layer: &Layer,
    wanted: impl Fn(&WSAPROTOCOL_INFOW) -> bool,
) -> Result<Installed, Errno> {
    let mut installed = Installed {
        own: 0,
        chains: Vec::new(),
        ids: Vec::new(),
    };
    match install_parts(layer, wanted, &mut installed) {
        Ok(()) => Ok(installed),
        Err(error) => {
            for id in &installed.ids {
                let _ = remove(id);
            }
            Err(error)
        }
    }
}

fn install_parts(
    layer: &Layer,
    wanted: impl Fn(&WSAPROTOCOL_INFOW) -> bool,
    installed: &mut Installed,
) -> Result<(), Errno> {
    let before = entries()?;
    let mut targets: Vec<&WSAPROTOCOL_INFOW> = Vec::new();
    for entry in before
        .iter()
        .filter(|entry| entry.ProtocolChain.ChainLen != 0 && wanted(entry))
    {
        let same = |other: &&WSAPROTOCOL_INFOW| {
            (other.iAddressFamily, other.iSocketType, other.iProtocol)
                == (entry.iAddressFamily, entry.iSocketType, entry.iProtocol)
        };
        if !targets.iter().any(same) {
            targets.push(entry);
        }
    }
    let mut own = **targets.first().ok_or(Errno::INVAL)?;
    own.szProtocol = name_units(&layer.name);
    own.iSocketType = 0;
    own.iProtocol = 0;
    own.dwProviderFlags = (own.dwProviderFlags | PFL_HIDDEN) & !PFL_MATCHES_PROTOCOL_ZERO;
    own.ProtocolChain.ChainLen = 0;
    set_handles(&mut own, layer.handles);
    let own = install_entry(&layer.id, &layer.path, &own)?;
    installed.own = own.dwCatalogEntryId;
    installed.ids.push(layer.id);
    for (index, target) in targets.into_iter().enumerate() {
        let id = chain_id(&layer.id, index);
        let chain = chain_over(layer, installed.own, target)?;
        installed
            .chains
            .push(install_entry(&id, &layer.path, &chain)?);
        installed.ids.push(id);
    }
    let first = installed.chains.iter().map(|chain| chain.dwCatalogEntryId);
    let rest = before
        .iter()
        .map(|entry| entry.dwCatalogEntryId)
        .chain(Some(installed.own));
    let mut order: Vec<u32> = first.chain(rest).collect();
    // SAFETY: the array lives for the call.
    let code = unsafe { winsock::WSCWriteProviderOrder(order.as_mut_ptr(), order.len() as u32) };
    Errno::new(code).map_or(Ok(()), Err)
}

fn set_handles(entry: &mut WSAPROTOCOL_INFOW, handles: Handles) {
    match handles {
        Handles::System => entry.dwServiceFlags1 |= XP1_IFS_HANDLES,
        Handles::Minted => entry.dwServiceFlags1 &= !XP1_IFS_HANDLES,
    }
}

/// The chain of the layer whose own entry is `own` over `target`: the layer first, then what was there.
fn chain_over(
    layer: &Layer,
    own: u32,
    target: &WSAPROTOCOL_INFOW,
) -> Result<WSAPROTOCOL_INFOW, Errno> {
    let mut chain = *target;
    // What a base entry has in its array means nothing. A chain's first is the own entry of its layer, which has no type and protocol:
    // installers name the chain itself there (Windows-classic-samples, netds/winsock/lsp/install/lspadd.cpp), and layers take it for
    // the provider to ask for sockets.
    let len = usize::try_from(target.ProtocolChain.ChainLen).unwrap_or(0);
    let rest = target.ProtocolChain.ChainEntries.iter().take(len).skip(1);
    let below: Vec<u32> = iter::once(target.dwCatalogEntryId)
        .chain(rest.copied())
        .collect();
    if below.len() >= MAX_PROTOCOL_CHAIN {
        return Err(Errno::NO_RECOVERY);
    }
    chain.ProtocolChain.ChainLen = below.len() as i32 + 1;
    chain.ProtocolChain.ChainEntries[0] = own;
    chain.ProtocolChain.ChainEntries[1..=below.len()].copy_from_slice(&below);
    let end = target
        .szProtocol
        .iter()
        .position(|unit| *unit == 0)
        .unwrap_or(256);
    let name = String::from_utf16_lossy(&target.szProtocol[..end]);
    chain.szProtocol = name_units(&format!("{} over [{name}]", layer.name));
    // Above a chain that has none, no layer can hand out system handles.
    if layer.handles == Handles::Minted || target.dwServiceFlags1 & XP1_IFS_HANDLES == 0 {
        set_handles(&mut chain, Handles::Minted);
    }
    Ok(chain)
}

/// Removes the entries of one GUID.
///
/// # Errors
/// Those of `WSCDeinstallProvider`.
pub fn remove(id: &GUID) -> Result<(), Errno> {
    let mut errno = 0;
    // SAFETY: both pointers are live locals.
    let result = unsafe { winsock::WSCDeinstallProvider(id, &raw mut errno) };
    checked(result, errno).map(drop)
}

/// TCP/IP and UDP/IP of both families: what layers are usually installed over.
#[must_use]
pub fn is_tcp_or_udp(entry: &WSAPROTOCOL_INFOW) -> bool {
    let ip = matches!(entry.iAddressFamily, AF_INET | AF_INET6);
    let tcp = (entry.iSocketType, entry.iProtocol) == (SOCK_STREAM, IPPROTO_TCP);
    let udp = (entry.iSocketType, entry.iProtocol) == (SOCK_DGRAM, IPPROTO_UDP);
    ip && (tcp || udp)
}
