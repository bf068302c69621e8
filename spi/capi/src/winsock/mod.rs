//! The client DLL's functions under their Windows names, over `ws2spi::api`.
//!
//! Each file has the rows of its functions; what they do, and with which errors, is said where the row points. BSD names that libc
//! owns carry the prefix `ws2_`: nothing in libc's name space is exported. The headers in `spi/include` declare the same list.

pub mod address_text;
pub mod blocking;
pub mod byte_order;
pub mod configuration;
pub mod connection;
pub mod event;
pub mod native;
pub mod option;
pub mod resolver;
pub mod socket;
pub mod startup;
pub mod transfer;
pub mod upcall;
