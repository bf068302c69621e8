//! The tables in Microsoft's x64 convention, used by C code that is compiled for it.
#![cfg(target_arch = "x86_64")]

use core::ffi::c_void;
use ws2spi_abi::ffi::win64::UpcallTable;
use ws2spi_abi::*;
use ws2spi_cli::installer;
use ws2spi_tests::{configuration, isolated};

unsafe extern "C" {
    fn win64_host_echo(
        startup: *const c_void,
        upcalls: *const UpcallTable,
        info: *const WSAPROTOCOL_INFOW,
    ) -> i32;
}

// U5, U6: the by-value table and the procedure table arrive intact, here in Microsoft's convention, and data goes through them.
#[test]
fn c_code_in_microsofts_convention_echoes_through_the_base_provider() {
    isolated!();
    configuration::startup();
    let entries = installer::entries().expect("the catalog can be read");
    let tcp = entries
        .iter()
        .find(|entry| entry.iAddressFamily == AF_INET && entry.iProtocol == IPPROTO_TCP);
    let tcp = tcp.expect("the base has TCP");
    let startup = ws2spi_wine::win64::base_startup();
    // SAFETY: the function is given what it declares, and the tables live for ever.
    let failed =
        unsafe { win64_host_echo(startup as *const c_void, &ws2spi_wine::win64::UPCALLS, tcp) };
    // base-provider.md, the table of ioctls: the extension function is called as well.
    assert_eq!(
        failed, 0,
        "the step that failed, as numbered in win64_host.c"
    );
}
