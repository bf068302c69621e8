//! The base provider `tests/c/base_pipe.c`: streams of a family of their own between names of the process.

use crate::{Socket, providers, socket, winsock};
use ws2spi::loader::module;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;
use ws2spi_cli::installer;

/// The address family.
pub const FAMILY: i32 = 0x7a01;

/// The GUID that [`install`] is usually given.
pub const ID: GUID = GUID::from_u128(0x91f1_30d2_0f2c_4a41_8f5e_b1be_0000_0001);

/// The provider's path.
///
/// # Panics
/// When the path is not UTF-8.
#[must_use]
pub fn path() -> String {
    let path = providers::path("base_pipe");
    path.to_str().expect("the path is UTF-8").to_owned()
}

/// The catalog entry that the provider's module says it wants.
///
/// # Panics
/// When the module cannot be loaded.
#[must_use]
pub fn wanted_entry() -> WSAPROTOCOL_INFOW {
    let module = module::load(&path()).expect("the module can be loaded");
    let symbol = module.symbol("ws2spi_pipe_entry");
    assert!(!symbol.is_null(), "base_pipe.c exports its entry");
    // SAFETY: base_pipe.h: the function of this name takes a pointer to an entry.
    let fill = unsafe {
        std::mem::transmute::<usize, extern "C" fn(*mut WSAPROTOCOL_INFOW)>(symbol.as_raw())
    };
    let mut entry = WSAPROTOCOL_INFOW::EMPTY;
    fill(&raw mut entry);
    entry
}

/// Installs an entry under a GUID and the path of a module; the entry with its id. Processes see it after their next first
/// `WSAStartup`.
///
/// # Panics
/// When that fails.
#[must_use]
pub fn install_entry(id: GUID, path: &str, entry: &WSAPROTOCOL_INFOW) -> WSAPROTOCOL_INFOW {
    let path: Vec<u16> = path.encode_utf16().chain(Some(0)).collect();
    let mut errno = 0;
    // SAFETY: all pointers are live locals; the path is NUL-terminated.
    let result = unsafe {
        winsock::WSCInstallProvider(&raw const id, path.as_ptr(), entry, 1, &raw mut errno)
    };
    assert_eq!((result, errno), (0, 0), "an entry can be installed");
    let entries = installer::entries().expect("the catalog can be read");
    let installed = entries.into_iter().find(|entry| entry.ProviderId == id);
    installed.expect("what is installed is in the catalog")
}

/// Installs the provider.
///
/// # Panics
/// When that fails.
#[must_use]
pub fn install(id: GUID) -> WSAPROTOCOL_INFOW {
    install_entry(id, &path(), &wanted_entry())
}

/// Installs the provider and starts the runtime.
///
/// # Panics
/// When that fails.
pub fn start() -> WSAPROTOCOL_INFOW {
    let entry = install(ID);
    crate::configuration::startup();
    entry
}

/// The address of a name, which is shorter than 30 bytes.
///
/// # Panics
/// When it is longer.
#[must_use]
pub fn address(name: &str) -> Address {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&(FAMILY as u16).to_ne_bytes());
    bytes[2..2 + name.len()].copy_from_slice(name.as_bytes());
    assert_eq!(bytes[31], 0, "a name ends with a NUL");
    Address::from_bytes(&bytes)
}

/// The name in an address.
#[must_use]
pub fn name_in(address: &Address) -> String {
    let name = address.as_bytes().get(2..).unwrap_or_default();
    let end = name.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&name[..end.unwrap_or(name.len())]).into_owned()
}

/// A socket of the first entry of the family.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn socket() -> Socket {
    Socket::new(FAMILY, SOCK_STREAM, 0).expect("a socket of the pipe")
}

/// A socket of this entry.
///
/// # Errors
/// The last error.
pub fn socket_of(entry: &WSAPROTOCOL_INFOW) -> Result<Socket, Errno> {
    let any = FROM_PROTOCOL_INFO;
    // SAFETY: the entry is the caller's.
    socket::checked_socket(unsafe { winsock::WSASocketW(any, any, any, entry, 0, 0) })
}

/// A socket that listens under a name.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn listener(name: &str) -> Socket {
    let listener = socket();
    listener.bind_address(&address(name)).expect("a name binds");
    listener.listen(16).expect("a bound socket listens");
    listener
}

/// Two connected sockets: the client's, the server's.
///
/// # Panics
/// When they cannot be made.
#[must_use]
pub fn pair(name: &str) -> (Socket, Socket) {
    let listener = listener(name);
    let client = socket();
    client
        .connect_address(&address(name))
        .expect("a listener is found");
    let (server, _) = listener.accept().expect("the connection is there");
    (client, server)
}

/// `SIO_BASE_HANDLE`: the handle as the base provider got it.
///
/// # Errors
/// The last error.
pub fn base_handle(s: &Socket) -> Result<SOCKET, Errno> {
    let answer = s.ioctl(SIO_BASE_HANDLE, &[], size_of::<SOCKET>())?;
    let mut bytes = [0; size_of::<SOCKET>()];
    bytes[..answer.len()].copy_from_slice(&answer);
    Ok(SOCKET::from_ne_bytes(bytes))
}
