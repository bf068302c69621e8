//! What the command-line tool is made of: [`installer`] puts layers into a catalog as an installer on Windows does, [`winsock`] and
//! [`Socket`] speak the Winsock API through the exported C names. The tests use the same parts.

pub mod installer;
pub mod socket;
pub mod winsock;

pub use socket::Socket;
