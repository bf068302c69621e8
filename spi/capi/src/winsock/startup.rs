//! Starting and ending, the thread's last error, and the protocols there are.

use crate::boundary;
use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

/// [`api::wsa_startup`] in a process whose base provider is this library's, unless it has named another.
///
/// # Safety
/// As [`api::wsa_startup`].
#[doc(alias = "WSAStartup")]
pub unsafe fn start_up(requested: u16, data: *mut WSADATA) -> i32 {
    boundary::prepare();
    // SAFETY: the caller's contract.
    unsafe { api::wsa_startup(requested, data) }
}

exports! {
    "WSAStartup" wsa_startup(requested: u16, data: *mut WSADATA) -> i32 = WSASYSCALLFAILURE => start_up;
    "WSACleanup" wsa_cleanup() -> i32 = SOCKET_ERROR => api::wsa_cleanup;
    "WSAGetLastError" wsa_get_last_error() -> i32 = 0 => api::wsa_get_last_error;
    "WSASetLastError" wsa_set_last_error(error: i32) => api::wsa_set_last_error;
    "WSAEnumProtocolsA" wsa_enum_protocols_a(
        protocols: *const i32, infos: *mut WSAPROTOCOL_INFOA, bytes: *mut u32
    ) -> i32 = SOCKET_ERROR => api::wsa_enum_protocols_a;
    "WSAEnumProtocolsW" wsa_enum_protocols_w(
        protocols: *const i32, infos: *mut WSAPROTOCOL_INFOW, bytes: *mut u32
    ) -> i32 = SOCKET_ERROR => api::wsa_enum_protocols_w;
    "WSAProviderConfigChange" wsa_provider_config_change(
        handle: *mut HANDLE, overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_provider_config_change;
}
