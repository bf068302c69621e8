//! A layer in safe Rust that changes nothing: the configuration `rust` runs every test body above it.

use ws2spi_abi::GUID;
use ws2spi_abi::layer::{Chains, Layer};

/// Passes everything on.
pub struct PassThrough(Chains);

static INSTANCE: PassThrough = PassThrough(Chains::new());

impl Layer for PassThrough {
    const NAME: &'static str = "pass-through layer in Rust";
    const ID: GUID = GUID::from_u128(0x7f1d2a60_3c11_4b7e_9a02_510c77e40000);

    fn instance() -> &'static Self {
        &INSTANCE
    }

    fn chains(&self) -> &Chains {
        &self.0
    }
}
