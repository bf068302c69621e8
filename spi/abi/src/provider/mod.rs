//! The safe faces of the SPI: [`Provider`], what a provider in Rust implements; [`Layer`](crate::layer::Layer), what sits on another;
//! [`Next`](crate::layer::Next), what is called below. All three have the methods of one list.
//!
//! A provider is a `static` of its type; [`Adapter`] turns the raw arguments of a call into safe ones and the answer back.
//! `export_provider!` makes the `WSPStartup` symbol; [`entry`] gives the same function for a provider that is linked in.

mod adapter;
mod calls;
mod startup;

pub use adapter::Adapter;
pub use calls::{ConnectExtras, Ioctl, IoctlOut, Receive, Transfer, Transmit};
#[cfg(target_arch = "x86_64")]
pub use startup::entry_win64;
pub use startup::{StartCount, StartupRequest, Version, entry};

use crate::args::*;
use crate::*;
use core::ffi::c_long;

/// Expands `$then!` over the operations on sockets: `"C name" "what it does" method(s, args...) -> Result<Ret, Errno>;`.
#[doc(hidden)]
#[macro_export]
macro_rules! socket_operations {
    ($then:ident) => { $then! {
        "WSPAccept" "Takes the oldest queued connection."
            accept(peer: AddressOut<'_>, condition: Option<Condition>) -> SOCKET;
        "WSPAsyncSelect" "Registers a window and a message for network events."
            async_select(hwnd: HWND, msg: u32, events: c_long) -> ();
        "WSPBind" "Gives the socket a local address."
            bind(name: AddressIn<'_>) -> ();
        "WSPCloseSocket" "Closes the socket; blocked calls on it end."
            close_socket() -> ();
        "WSPConnect" "Connects, or sets the default peer."
            connect(name: AddressIn<'_>, extras: ConnectExtras<'_>) -> ();
        "WSPDuplicateSocket" "Fills the block from which the process `pid` can make a socket that shares this one."
            duplicate_socket(pid: u32, info: Out<'_, WSAPROTOCOL_INFOW>) -> ();
        "WSPEnumNetworkEvents" "Reports and clears the recorded network events; resets the event if one is given."
            enum_network_events(event: WSAEVENT, events: Out<'_, WSANETWORKEVENTS>) -> ();
        "WSPEventSelect" "Registers an event for network events."
            event_select(event: WSAEVENT, mask: c_long) -> ();
        "WSPGetOverlappedResult" "Reports the outcome of an overlapped request, waiting for it if asked to."
            get_overlapped_result(overlapped: Option<Overlapped>, bytes: Out<'_, u32>, wait: bool, flags: Out<'_, u32>) -> ();
        "WSPGetPeerName" "Stores the peer's address."
            get_peer_name(name: AddressOut<'_>) -> ();
        "WSPGetSockName" "Stores the local address."
            get_sock_name(name: AddressOut<'_>) -> ();
        "WSPGetSockOpt" "Reads an option."
            get_sock_opt(level: i32, option: i32, value: OptionOut<'_>) -> ();
        "WSPGetQOSByName" "Looks up a quality-of-service template."
            get_qos_by_name(name: Buffers<'_>, qos: Out<'_, QOS>) -> ();
        "WSPIoctl" "Controls the socket's mode."
            ioctl(call: Ioctl<'_>) -> Transfer;
        "WSPJoinLeaf" "Joins a leaf to a multipoint session."
            join_leaf(name: AddressIn<'_>, extras: ConnectExtras<'_>, flags: u32) -> SOCKET;
        "WSPListen" "Makes the socket accept connections."
            listen(backlog: i32) -> ();
        "WSPRecv" "Receives."
            recv(call: Receive<'_>) -> Transfer;
        "WSPRecvDisconnect" "Ends reception and fetches disconnect data."
            recv_disconnect(data: BuffersMut<'_>) -> ();
        "WSPRecvFrom" "Receives with the source address."
            recv_from(call: Receive<'_>, from: AddressOut<'_>) -> Transfer;
        "WSPSend" "Sends."
            send(call: Transmit<'_>) -> Transfer;
        "WSPSendDisconnect" "Ends transmission and sends disconnect data."
            send_disconnect(data: Buffers<'_>) -> ();
        "WSPSendTo" "Sends to an address."
            send_to(call: Transmit<'_>, to: AddressIn<'_>) -> Transfer;
        "WSPSetSockOpt" "Sets an option."
            set_sock_opt(level: i32, option: i32, value: OptionIn<'_>) -> ();
        "WSPShutdown" "Ends one or both directions."
            shutdown(how: i32) -> ();
    } };
}

macro_rules! provider_trait {
    ($($c:literal $doc:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        /// A provider written in Rust.
        ///
        /// There is one instance per type in a process, a `static`: a WSP table carries no context pointer. It survives being
        /// cleaned up and started again. All methods may be called from any thread, before [`startup`](Self::startup) and after
        /// the last [`cleanup`](Self::cleanup) too, where `WSANOTINITIALISED` is the answer. Pointers among the arguments have not
        /// been checked: the order of checks is behaviour, so it is the provider's. Methods that are not written answer
        /// `WSAEOPNOTSUPP`. A panic becomes `WSASYSCALLFAILURE` and a finding that names the provider and the function.
        pub trait Provider: Send + Sync + 'static {
            /// The provider's name in findings.
            const NAME: &'static str;

            /// The one instance.
            fn instance() -> &'static Self;

            /// `WSPStartup`: counts one more user. The latest upcalls are the ones to use. Answers the version to speak.
            ///
            /// # Errors
            /// `WSAVERNOTSUPPORTED` and the others of the page; each fails the start.
            #[doc(alias = "WSPStartup")]
            fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno>;

            /// `WSPCleanup`: one user less; the last one tears down.
            ///
            /// # Errors
            /// `WSANOTINITIALISED` when the count is 0 already.
            #[doc(alias = "WSPCleanup")]
            fn cleanup(&self) -> Result<(), Errno>;

            /// `WSPSocket`: makes a socket. `info` is the catalog entry through which the application came.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPSocket")]
            fn socket(&self, family: i32, kind: i32, protocol: i32, info: Option<&WSAPROTOCOL_INFOW>, group: GROUP, flags: u32) -> Result<SOCKET, Errno> {
                let _ = (family, kind, protocol, info, group, flags);
                Err(Errno::OPNOTSUPP)
            }

            /// `WSPSelect`: reports the readiness of several sockets; the number of sockets left in the sets.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPSelect")]
            fn select(&self, read: FdSet<'_>, write: FdSet<'_>, except: FdSet<'_>, timeout: Option<TIMEVAL>) -> Result<i32, Errno> {
                let _ = (read, write, except, timeout);
                Err(Errno::OPNOTSUPP)
            }

            /// `WSPAddressToString`: an address as text.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPAddressToString")]
            fn address_to_string(&self, address: AddressIn<'_>, info: Option<&WSAPROTOCOL_INFOW>, text: TextOut<'_>) -> Result<(), Errno> {
                let _ = (address, info, text);
                Err(Errno::OPNOTSUPP)
            }

            /// `WSPStringToAddress`: text as an address.
            ///
            /// # Errors
            /// As on the function's page.
            #[doc(alias = "WSPStringToAddress")]
            fn string_to_address(&self, text: TextIn<'_>, family: i32, info: Option<&WSAPROTOCOL_INFOW>, address: AddressOut<'_>) -> Result<(), Errno> {
                let _ = (text, family, info, address);
                Err(Errno::OPNOTSUPP)
            }

            /// `WSPCancelBlockingCall`: ends the calling thread's blocking call.
            ///
            /// # Errors
            /// `WSAEINVAL`: there is none.
            #[doc(alias = "WSPCancelBlockingCall")]
            fn cancel_blocking_call(&self) -> Result<(), Errno> {
                Err(Errno::OPNOTSUPP)
            }

            $(
                #[doc = concat!("`", $c, "`: ", $doc)]
                ///
                /// # Errors
                /// As on the function's page.
                #[doc(alias = $c)]
                fn $name(&self, s: SOCKET $(, $arg: $ty)*) -> Result<$ret, Errno> {
                    let _ = (s $(, $arg)*);
                    Err(Errno::OPNOTSUPP)
                }
            )*
        }
    };
}
socket_operations!(provider_trait);
