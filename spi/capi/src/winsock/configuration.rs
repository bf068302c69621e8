//! The catalog's configuration functions. They need no `WSAStartup`, so each may be the first to open the process's catalog.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    before crate::boundary::prepare;
    "WSCGetApplicationCategory" wsc_get_application_category(
        path: *const u16, path_len: u32, extra: *const u16, extra_len: u32, permitted: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_get_application_category;
    "WSCSetApplicationCategory" wsc_set_application_category(
        path: *const u16, path_len: u32, extra: *const u16, extra_len: u32, categories: u32, previous: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_set_application_category;
    "WSCEnumProtocols" wsc_enum_protocols(
        protocols: *const i32, infos: *mut WSAPROTOCOL_INFOW, bytes: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_enum_protocols;
    "WSCEnumProtocols32" wsc_enum_protocols32(
        protocols: *const i32, infos: *mut WSAPROTOCOL_INFOW, bytes: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_enum_protocols32;
    "WSCGetProviderInfo" wsc_get_provider_info(
        provider: *const GUID, class: i32, info: *mut u8, size: *mut usize, flags: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_get_provider_info;
    "WSCGetProviderInfo32" wsc_get_provider_info32(
        provider: *const GUID, class: i32, info: *mut u8, size: *mut usize, flags: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_get_provider_info32;
    "WSCSetProviderInfo" wsc_set_provider_info(
        provider: *const GUID, class: i32, info: *const u8, size: usize, flags: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_set_provider_info;
    "WSCSetProviderInfo32" wsc_set_provider_info32(
        provider: *const GUID, class: i32, info: *const u8, size: usize, flags: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_set_provider_info32;
    "WSCInstallProvider" wsc_install_provider(
        provider: *const GUID, path: *const u16, infos: *const WSAPROTOCOL_INFOW, count: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_install_provider;
    "WSCInstallProvider64_32" wsc_install_provider64_32(
        provider: *const GUID, path: *const u16, infos: *const WSAPROTOCOL_INFOW, count: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_install_provider64_32;
    "WSCUpdateProvider" wsc_update_provider(
        provider: *const GUID, path: *const u16, infos: *const WSAPROTOCOL_INFOW, count: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_update_provider;
    "WSCUpdateProvider32" wsc_update_provider32(
        provider: *const GUID, path: *const u16, infos: *const WSAPROTOCOL_INFOW, count: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_update_provider32;
    "WSCDeinstallProvider" wsc_deinstall_provider(
        provider: *const GUID, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_deinstall_provider;
    "WSCDeinstallProvider32" wsc_deinstall_provider32(
        provider: *const GUID, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_deinstall_provider32;
    "WSCInstallProviderAndChains" wsc_install_provider_and_chains(
        provider: *const GUID, path: *const u16, name: *const u16, service_flags: u32, infos: *const WSAPROTOCOL_INFOW, count: u32,
        id: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_install_provider_and_chains;
    "WSCInstallProviderAndChains64_32" wsc_install_provider_and_chains64_32(
        provider: *const GUID, path: *const u16, path32: *const u16, name: *const u16, service_flags: u32,
        infos: *const WSAPROTOCOL_INFOW, count: u32, id: *mut u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_install_provider_and_chains64_32;
    "WSCWriteProviderOrder" wsc_write_provider_order(
        ids: *const u32, count: u32
    ) -> i32 = WSASYSCALLFAILURE => api::wsc_write_provider_order;
    "WSCWriteProviderOrder32" wsc_write_provider_order32(
        ids: *const u32, count: u32
    ) -> i32 = WSASYSCALLFAILURE => api::wsc_write_provider_order32;
    "WSCGetProviderPath" wsc_get_provider_path(
        provider: *const GUID, path: *mut u16, len: *mut i32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_get_provider_path;
    "WSCGetProviderPath32" wsc_get_provider_path32(
        provider: *const GUID, path: *mut u16, len: *mut i32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => api::wsc_get_provider_path32;
}
