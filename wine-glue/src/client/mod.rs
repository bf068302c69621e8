//! The client DLL for programs in Wine: what `ws2spi-core.dll` exports.
//!
//! The Winsock API comes in the same rows as in the C library for other systems, `spi/capi`: the files are that crate's. Here each row
//! runs in a `boundary` of its own, which keeps the thread's last error. The front, whose name programs know, calls these exports by the
//! names that they have there (`ws2_send`), and those of `start` first. `WSPStartup` is that of the base provider: layers load the
//! module that the catalog names for it, which is this one.
//!
//! Name resolution, name spaces and the functions with `Async` in their names are not here: the front hands them on to Wine's own
//! ws2_32.

pub mod boundary;
mod crash;
pub mod start;

#[path = "../../../spi/capi/src/winsock/address_text.rs"]
pub mod address_text;
#[path = "../../../spi/capi/src/winsock/blocking.rs"]
pub mod blocking;
#[path = "../../../spi/capi/src/winsock/byte_order.rs"]
pub mod byte_order;
#[path = "../../../spi/capi/src/winsock/configuration.rs"]
pub mod configuration;
#[path = "../../../spi/capi/src/winsock/connection.rs"]
pub mod connection;
#[path = "../../../spi/capi/src/winsock/event.rs"]
pub mod event;
#[path = "../../../spi/capi/src/winsock/option.rs"]
pub mod option;
#[path = "../../../spi/capi/src/winsock/socket.rs"]
pub mod socket;
#[path = "../../../spi/capi/src/winsock/startup.rs"]
pub mod startup;
#[path = "../../../spi/capi/src/winsock/transfer.rs"]
pub mod transfer;
#[path = "../../../spi/capi/src/winsock/upcall.rs"]
pub mod upcall;
