//! Layers written in Rust: providers that sit on another provider.
//!
//! A [`Layer`] is a [`Provider`](crate::provider::Provider) whose methods pass on to the provider below unless they are written; it
//! finds that provider, starts it and keeps it in its [`Chains`]. The default behaviour is a layer over IFS providers: the handle of
//! the provider below is the layer's own, registered under the layer's chain entry.

mod adapter;
mod chains;
mod lower;
mod next;

pub use adapter::Stacked;
pub use chains::Chains;
pub use lower::Lower;
pub use next::Next;

use crate::args::*;
use crate::provider::{ConnectExtras, Ioctl, Receive, StartupRequest, Transfer, Transmit, Version};
use crate::*;
use core::ffi::c_long;

/// Two operations tell of the entry that a socket was made through, which is the layer's for those above it.
macro_rules! pass_down {
    (get_sock_opt, $lower:ident, $($arg:ident),*) => { $lower.get_sock_opt($($arg),*) };
    (duplicate_socket, $lower:ident, $($arg:ident),*) => { $lower.duplicate_socket($($arg),*) };
    ($name:ident, $lower:ident, $($arg:ident),*) => { $lower.next().$name($($arg),*) };
}

macro_rules! layer_trait {
    ($($c:literal $doc:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        /// A layer written in Rust. Every method passes on to the provider below unless it is written.
        ///
        /// There is one instance per type in a process, a `static`; what differs by chain is in its [`Chains`]. Methods may be
        /// called from any thread.
        pub trait Layer: Send + Sync + 'static {
            /// The layer's name in findings.
            const NAME: &'static str;

            /// The GUID under which the layer's own entry (`ChainLen` 0) is installed: how it finds its place in a chain.
            const ID: GUID;

            /// The one instance.
            fn instance() -> &'static Self;

            /// The chains that the layer has been started for.
            fn chains(&self) -> &Chains;

            /// `WSPStartup`: finds and starts the provider below for the chain in `request.info`.
            ///
            /// # Errors
            /// `WSAEPROVIDERFAILEDINIT`: the chain does not name this layer, or the provider below did not start;
            /// `WSAEINVALIDPROCTABLE`: its table has a NULL slot.
            #[doc(alias = "WSPStartup")]
            fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
                self.chains().start(&Self::ID, request)
            }

            /// `WSPCleanup`: the last one cleans up the providers below.
            ///
            /// # Errors
            /// `WSANOTINITIALISED`.
            #[doc(alias = "WSPCleanup")]
            fn cleanup(&self) -> Result<(), Errno> {
                self.chains().cleanup()
            }

            /// `WSPSocket`: a socket of the provider below, registered under the chain.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPSocket")]
            fn socket(&self, family: i32, kind: i32, protocol: i32, info: Option<&WSAPROTOCOL_INFOW>, group: GROUP, flags: u32) -> Result<SOCKET, Errno> {
                let lower = self.chains().of_info(info)?;
                let s = lower.next().socket(family, kind, protocol, Some(&lower.info_below(info)), group, flags)?;
                self.chains().adopt(s, &lower)
            }

            /// `WSPSelect`: asked of the provider below the first socket.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPSelect")]
            fn select(&self, read: FdSet<'_>, write: FdSet<'_>, except: FdSet<'_>, timeout: Option<TIMEVAL>) -> Result<i32, Errno> {
                let first = read.get(0).or_else(|| write.get(0)).or_else(|| except.get(0)).ok_or(Errno::INVAL)?;
                self.chains().of_socket(first)?.next().select(read, write, except, timeout)
            }

            /// `WSPAddressToString`.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPAddressToString")]
            fn address_to_string(&self, address: AddressIn<'_>, info: Option<&WSAPROTOCOL_INFOW>, text: TextOut<'_>) -> Result<(), Errno> {
                let lower = self.chains().of_info(info)?;
                lower.next().address_to_string(address, Some(&lower.info_below(info)), text)
            }

            /// `WSPStringToAddress`.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPStringToAddress")]
            fn string_to_address(&self, text: TextIn<'_>, family: i32, info: Option<&WSAPROTOCOL_INFOW>, address: AddressOut<'_>) -> Result<(), Errno> {
                let lower = self.chains().of_info(info)?;
                lower.next().string_to_address(text, family, Some(&lower.info_below(info)), address)
            }

            /// `WSPCancelBlockingCall`: asked of the providers below, until one had a call to cancel.
            ///
            /// # Errors
            /// `WSAEINVAL`: none had.
            #[doc(alias = "WSPCancelBlockingCall")]
            fn cancel_blocking_call(&self) -> Result<(), Errno> {
                let lowers = self.chains().all();
                lowers.iter().find_map(|lower| lower.next().cancel_blocking_call().ok()).ok_or(Errno::INVAL)
            }

            $(
                #[doc = concat!("`", $c, "`: ", $doc)]
                ///
                /// # Errors
                /// As on the function's page.
                #[doc(alias = $c)]
                fn $name(&self, s: SOCKET $(, $arg: $ty)*) -> Result<$ret, Errno> {
                    let lower = self.chains().of_socket(s)?;
                    let answer = pass_down!($name, lower, s $(, $arg)*)?;
                    self.chains().after(s, $c, &lower, answer)
                }
            )*
        }
    };
}
socket_operations!(layer_trait);
