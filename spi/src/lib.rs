//! The client DLL role of the Winsock 2 SPI: catalog, loader, dispatch, upcalls and the Winsock API.

pub mod catalog;
