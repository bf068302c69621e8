//! [`Provider`] for every [`Layer`]: the same thunks and tables serve both.

use super::Layer;
use crate::args::*;
use crate::provider::{
    ConnectExtras, Ioctl, Provider, Receive, StartupRequest, Transfer, Transmit, Version,
};
use crate::*;
use core::ffi::c_long;
use std::marker::PhantomData;

/// A [`Layer`] as a [`Provider`]: `provider::entry::<Stacked<MyLayer>>()`, `export_provider!(Stacked<MyLayer>)`.
pub struct Stacked<L>(PhantomData<fn() -> L>);

impl<L: Layer> Stacked<L> {
    const INSTANCE: &'static Self = &Self(PhantomData);
}

macro_rules! forward {
    ($($c:literal $doc:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        impl<L: Layer> Provider for Stacked<L> {
            const NAME: &'static str = L::NAME;

            fn instance() -> &'static Self {
                Self::INSTANCE
            }

            fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
                L::instance().startup(request)
            }

            fn cleanup(&self) -> Result<(), Errno> {
                L::instance().cleanup()
            }

            fn socket(&self, family: i32, kind: i32, protocol: i32, info: Option<&WSAPROTOCOL_INFOW>, group: GROUP, flags: u32) -> Result<SOCKET, Errno> {
                L::instance().socket(family, kind, protocol, info, group, flags)
            }

            fn select(&self, read: FdSet<'_>, write: FdSet<'_>, except: FdSet<'_>, timeout: Option<TIMEVAL>) -> Result<i32, Errno> {
                L::instance().select(read, write, except, timeout)
            }

            fn address_to_string(&self, address: AddressIn<'_>, info: Option<&WSAPROTOCOL_INFOW>, text: TextOut<'_>) -> Result<(), Errno> {
                L::instance().address_to_string(address, info, text)
            }

            fn string_to_address(&self, text: TextIn<'_>, family: i32, info: Option<&WSAPROTOCOL_INFOW>, address: AddressOut<'_>) -> Result<(), Errno> {
                L::instance().string_to_address(text, family, info, address)
            }

            fn cancel_blocking_call(&self) -> Result<(), Errno> {
                L::instance().cancel_blocking_call()
            }

            $(
                fn $name(&self, s: SOCKET $(, $arg: $ty)*) -> Result<$ret, Errno> {
                    L::instance().$name(s $(, $arg)*)
                }
            )*
        }
    };
}
socket_operations!(forward);
