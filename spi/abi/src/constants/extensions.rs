//! Identities of the extension functions, as SIO_GET_EXTENSION_FUNCTION_POINTER takes them.

use crate::guid::GUID;

/// TransmitFile.
pub const WSAID_TRANSMITFILE: GUID = GUID::from_u128(0xb5367df0_cbac_11cf_95ca_00805f48a192);
/// AcceptEx.
pub const WSAID_ACCEPTEX: GUID = GUID::from_u128(0xb5367df1_cbac_11cf_95ca_00805f48a192);
/// GetAcceptExSockaddrs.
pub const WSAID_GETACCEPTEXSOCKADDRS: GUID =
    GUID::from_u128(0xb5367df2_cbac_11cf_95ca_00805f48a192);
/// TransmitPackets.
pub const WSAID_TRANSMITPACKETS: GUID = GUID::from_u128(0xd9689da0_1f90_11d3_9971_00c04f68c876);
/// ConnectEx.
pub const WSAID_CONNECTEX: GUID = GUID::from_u128(0x25a207b9_ddf3_4660_8ee9_76e58c74063e);
/// DisconnectEx.
pub const WSAID_DISCONNECTEX: GUID = GUID::from_u128(0x7fda2e11_8630_436f_a031_f536a6eec157);
/// WSARecvMsg.
pub const WSAID_WSARECVMSG: GUID = GUID::from_u128(0xf689d7c8_6f1f_436b_8a53_e54fe351c322);
/// WSASendMsg.
pub const WSAID_WSASENDMSG: GUID = GUID::from_u128(0xa441e712_754f_43ca_84a7_0dee44cf606d);
/// WSAPoll.
pub const WSAID_WSAPOLL: GUID = GUID::from_u128(0x18c76f85_dc66_4964_972e_23c27238312b);
/// The table of registered I/O.
pub const WSAID_MULTIPLE_RIO: GUID = GUID::from_u128(0x8509e081_96dd_4005_b165_9e2ee8c79e3f);
