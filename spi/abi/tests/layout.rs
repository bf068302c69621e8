//! Every structure of `ws2spi_abi::types` against windows-sys: size, alignment, the offset and
//! size of every field, and that no field is missing or unknown to this list.

#![allow(
    unused_unsafe,
    reason = "before Rust 1.92 the address of a union's member is unsafe"
)]

use core::mem::offset_of;

use windows_sys::Win32::Foundation as foundation;
use windows_sys::Win32::Networking::WinSock as winsock;
use windows_sys::Win32::Security as security;
use windows_sys::Win32::System::IO as io;
use windows_sys::Win32::UI::WindowsAndMessaging as windows;
use ws2spi_abi as ours;

/// Size of the field that `pick` selects.
fn field_size<S, F>(_pick: impl Fn(&S) -> *const F) -> usize {
    size_of::<F>()
}

/// `check_struct!(Name, theirs; field, field = their.nested.field, …)`.
macro_rules! check_struct {
    ($name:ident, $theirs:ty; $( $field:ident $(= $($path:ident).+)? ),+ $(,)?) => {{
        type Ours = ours::$name;
        type Theirs = $theirs;
        let name = stringify!($name);
        assert_eq!(size_of::<Ours>(), size_of::<Theirs>(), "size of {name}");
        assert_eq!(align_of::<Ours>(), align_of::<Theirs>(), "alignment of {name}");
        $(
            let field = concat!(stringify!($name), ".", stringify!($field));
            assert_eq!(
                offset_of!(Ours, $field),
                check_struct!(@offset Theirs, $field $(, $($path).+)?),
                "offset of {field}",
            );
            assert_eq!(
                field_size(|s: &Ours| &raw const s.$field),
                check_struct!(@size Theirs, $field $(, $($path).+)?),
                "size of {field}",
            );
        )+
        // A field that the list forgets does not compile.
        let Ours { $( $field: _, )+ } = Ours::EMPTY;
        name
    }};
    (@offset $type:ty, $field:ident) => { offset_of!($type, $field) };
    (@offset $type:ty, $field:ident, $($path:ident).+) => { offset_of!($type, $($path).+) };
    (@size $type:ty, $field:ident) => { field_size(|s: &$type| &raw const s.$field) };
    (@size $type:ty, $field:ident, $($path:ident).+) => {
        // SAFETY: the address of a union's member is taken, nothing is read.
        field_size(|s: &$type| unsafe { &raw const s.$($path).+ })
    };
}

// U4: WSPDATA 516, WSATHREADID 16, WSAPROTOCOL_INFOW 628, WSAPROTOCOL_INFOA 372, WSAOVERLAPPED 32.
#[test]
fn documented_sizes_hold() {
    assert_eq!(size_of::<ours::WSPDATA>(), 516);
    assert_eq!(offset_of!(ours::WSPDATA, szDescription), 4);
    assert_eq!(size_of::<ours::WSADATA>(), 408);
    assert_eq!(size_of::<ours::WSATHREADID>(), 16);
    assert_eq!(size_of::<ours::WSAPROTOCOL_INFOW>(), 628);
    assert_eq!(offset_of!(ours::WSAPROTOCOL_INFOW, ProtocolChain), 40);
    assert_eq!(offset_of!(ours::WSAPROTOCOL_INFOW, szProtocol), 116);
    assert_eq!(size_of::<ours::WSAPROTOCOL_INFOA>(), 372);
    assert_eq!(size_of::<ours::WSAOVERLAPPED>(), 32);
    assert_eq!(size_of::<ours::WSAMSG>(), 56);
    assert_eq!(size_of::<ours::WSANETWORKEVENTS>(), 44);
    assert_eq!(size_of::<ours::FD_SET>(), 520);
    assert_eq!(size_of::<ours::CSADDR_INFO>(), 40);
    assert_eq!(size_of::<ours::INTERFACE_INFO>(), 76);
    assert_eq!(size_of::<ours::QOS>(), 80);
    assert_eq!(size_of::<ours::TIMEVAL>(), 8);
    assert_eq!(size_of::<ours::LINGER>(), 4);
}

#[test]
fn scalars_are_as_wide_as_windows_has_them() {
    assert_eq!(size_of::<ours::SOCKET>(), size_of::<winsock::SOCKET>());
    assert_eq!(size_of::<ours::WSAEVENT>(), size_of::<winsock::WSAEVENT>());
    assert_eq!(size_of::<ours::HANDLE>(), size_of::<foundation::HANDLE>());
    assert_eq!(size_of::<ours::HWND>(), size_of::<foundation::HWND>());
    assert_eq!(size_of::<ours::WPARAM>(), size_of::<foundation::WPARAM>());
    assert_eq!(size_of::<ours::LPARAM>(), size_of::<foundation::LPARAM>());
    assert_eq!(size_of::<ours::LRESULT>(), size_of::<foundation::LRESULT>());
    assert_eq!(
        size_of::<ours::BOOL>(),
        size_of::<windows_sys::core::BOOL>()
    );
    assert_eq!(
        size_of::<ours::RawCallback>(),
        size_of::<winsock::LPCONDITIONPROC>()
    );
    assert_eq!(ours::INVALID_SOCKET, winsock::INVALID_SOCKET);
    assert_eq!(ours::SOCKET_ERROR, winsock::SOCKET_ERROR);
    assert_eq!(
        ours::INVALID_HANDLE_VALUE,
        foundation::INVALID_HANDLE_VALUE as usize
    );
    assert_eq!(ours::WSA_INVALID_EVENT, winsock::WSA_INVALID_EVENT as usize);
}

#[test]
fn catalog_structures_match() {
    check_struct!(GUID, windows_sys::core::GUID; data1, data2, data3, data4);
    check_struct!(WSADATA, winsock::WSADATA;
        wVersion, wHighVersion, iMaxSockets, iMaxUdpDg, lpVendorInfo, szDescription,
        szSystemStatus);
    check_struct!(WSPDATA, winsock::WSPDATA; wVersion, wHighVersion, szDescription);
    check_struct!(WSAPROTOCOLCHAIN, winsock::WSAPROTOCOLCHAIN; ChainLen, ChainEntries);
    check_struct!(WSAPROTOCOL_INFOW, winsock::WSAPROTOCOL_INFOW;
        dwServiceFlags1, dwServiceFlags2, dwServiceFlags3, dwServiceFlags4, dwProviderFlags,
        ProviderId, dwCatalogEntryId, ProtocolChain, iVersion, iAddressFamily, iMaxSockAddr,
        iMinSockAddr, iSocketType, iProtocol, iProtocolMaxOffset, iNetworkByteOrder,
        iSecurityScheme, dwMessageSize, dwProviderReserved, szProtocol);
    check_struct!(WSAPROTOCOL_INFOA, winsock::WSAPROTOCOL_INFOA;
        dwServiceFlags1, dwServiceFlags2, dwServiceFlags3, dwServiceFlags4, dwProviderFlags,
        ProviderId, dwCatalogEntryId, ProtocolChain, iVersion, iAddressFamily, iMaxSockAddr,
        iMinSockAddr, iSocketType, iProtocol, iProtocolMaxOffset, iNetworkByteOrder,
        iSecurityScheme, dwMessageSize, dwProviderReserved, szProtocol);
}

#[test]
fn transfer_structures_match() {
    check_struct!(WSABUF, winsock::WSABUF; len, buf);
    check_struct!(OVERLAPPED, io::OVERLAPPED;
        Internal, InternalHigh, Offset = Anonymous.Anonymous.Offset,
        OffsetHigh = Anonymous.Anonymous.OffsetHigh, hEvent);
    check_struct!(WSATHREADID, winsock::WSATHREADID; ThreadHandle, Reserved);
    check_struct!(WSAMSG, winsock::WSAMSG;
        name, namelen, lpBuffers, dwBufferCount, Control, dwFlags);
    check_struct!(CMSGHDR, winsock::CMSGHDR; cmsg_len, cmsg_level, cmsg_type);
    check_struct!(FLOWSPEC, winsock::FLOWSPEC;
        TokenRate, TokenBucketSize, PeakBandwidth, Latency, DelayVariation, ServiceType,
        MaxSduSize, MinimumPolicedSize);
    check_struct!(QOS, winsock::QOS; SendingFlowspec, ReceivingFlowspec, ProviderSpecific);
    check_struct!(TRANSMIT_FILE_BUFFERS, winsock::TRANSMIT_FILE_BUFFERS;
        Head, HeadLength, Tail, TailLength);
    check_struct!(TRANSMIT_PACKETS_ELEMENT_0_0, winsock::TRANSMIT_PACKETS_ELEMENT_0_0;
        nFileOffset, hFile);
    check_struct!(TRANSMIT_PACKETS_ELEMENT, winsock::TRANSMIT_PACKETS_ELEMENT;
        dwElFlags, cLength, Anonymous);
    assert_eq!(offset_of!(ours::TRANSMIT_PACKETS_ELEMENT_0, pBuffer), 0);
}

#[test]
fn event_structures_match() {
    check_struct!(WSANETWORKEVENTS, winsock::WSANETWORKEVENTS; lNetworkEvents, iErrorCode);
    check_struct!(FD_SET, winsock::FD_SET; fd_count, fd_array);
    check_struct!(TIMEVAL, winsock::TIMEVAL; tv_sec, tv_usec);
    check_struct!(WSAPOLLFD, winsock::WSAPOLLFD; fd, events, revents);
}

#[test]
fn address_structures_match() {
    check_struct!(IN_ADDR, winsock::IN_ADDR; S_addr = S_un.S_addr);
    check_struct!(IN6_ADDR, winsock::IN6_ADDR; Byte = u.Byte);
    check_struct!(SOCKADDR, winsock::SOCKADDR; sa_family, sa_data);
    check_struct!(SOCKADDR_IN, winsock::SOCKADDR_IN; sin_family, sin_port, sin_addr, sin_zero);
    check_struct!(SOCKADDR_IN6, winsock::SOCKADDR_IN6;
        sin6_family, sin6_port, sin6_flowinfo, sin6_addr,
        sin6_scope_id = Anonymous.sin6_scope_id);
    check_struct!(sockaddr_in6_old, winsock::sockaddr_in6_old;
        sin6_family, sin6_port, sin6_flowinfo, sin6_addr);
    check_struct!(SOCKADDR_UN, winsock::SOCKADDR_UN; sun_family, sun_path);
    check_struct!(SOCKADDR_STORAGE, winsock::SOCKADDR_STORAGE;
        ss_family, __ss_pad1, __ss_align, __ss_pad2);
    check_struct!(SOCKET_ADDRESS, winsock::SOCKET_ADDRESS; lpSockaddr, iSockaddrLength);
    check_struct!(SOCKET_ADDRESS_LIST, winsock::SOCKET_ADDRESS_LIST; iAddressCount, Address);
    check_struct!(CSADDR_INFO, winsock::CSADDR_INFO;
        LocalAddr, RemoteAddr, iSocketType, iProtocol);
    assert_eq!(
        size_of::<ours::sockaddr_gen>(),
        size_of::<winsock::sockaddr_gen>()
    );
    assert_eq!(
        align_of::<ours::sockaddr_gen>(),
        align_of::<winsock::sockaddr_gen>()
    );
}

#[test]
fn option_structures_match() {
    check_struct!(LINGER, winsock::LINGER; l_onoff, l_linger);
    check_struct!(tcp_keepalive, winsock::tcp_keepalive;
        onoff, keepalivetime, keepaliveinterval);
    check_struct!(WSA_COMPATIBILITY_MODE, winsock::WSA_COMPATIBILITY_MODE;
        BehaviorId, TargetOsVersion);
    check_struct!(IP_MREQ, winsock::IP_MREQ; imr_multiaddr, imr_interface);
    check_struct!(IP_MREQ_SOURCE, winsock::IP_MREQ_SOURCE;
        imr_multiaddr, imr_sourceaddr, imr_interface);
    check_struct!(IPV6_MREQ, winsock::IPV6_MREQ; ipv6mr_multiaddr, ipv6mr_interface);
    check_struct!(GROUP_REQ, winsock::GROUP_REQ; gr_interface, gr_group);
    check_struct!(GROUP_SOURCE_REQ, winsock::GROUP_SOURCE_REQ;
        gsr_interface, gsr_group, gsr_source);
    check_struct!(IN_PKTINFO, winsock::IN_PKTINFO; ipi_addr, ipi_ifindex);
    check_struct!(IN6_PKTINFO, winsock::IN6_PKTINFO; ipi6_addr, ipi6_ifindex);
    check_struct!(INTERFACE_INFO, winsock::INTERFACE_INFO;
        iiFlags, iiAddress, iiBroadcastAddress, iiNetmask);
    check_struct!(TCP_INFO_v0, winsock::TCP_INFO_v0;
        State, Mss, ConnectionTimeMs, TimestampsEnabled, RttUs, MinRttUs, BytesInFlight, Cwnd,
        SndWnd, RcvWnd, RcvBuf, BytesOut, BytesIn, BytesReordered, BytesRetrans, FastRetrans,
        DupAcksIn, TimeoutEpisodes, SynRetrans);
    check_struct!(TCP_INFO_v1, winsock::TCP_INFO_v1;
        State, Mss, ConnectionTimeMs, TimestampsEnabled, RttUs, MinRttUs, BytesInFlight, Cwnd,
        SndWnd, RcvWnd, RcvBuf, BytesOut, BytesIn, BytesReordered, BytesRetrans, FastRetrans,
        DupAcksIn, TimeoutEpisodes, SynRetrans, SndLimTransRwin, SndLimTimeRwin, SndLimBytesRwin,
        SndLimTransCwnd, SndLimTimeCwnd, SndLimBytesCwnd, SndLimTransSnd, SndLimTimeSnd,
        SndLimBytesSnd);
}

#[test]
fn resolver_structures_match() {
    check_struct!(ADDRINFOA, winsock::ADDRINFOA;
        ai_flags, ai_family, ai_socktype, ai_protocol, ai_addrlen, ai_canonname, ai_addr, ai_next);
    check_struct!(ADDRINFOW, winsock::ADDRINFOW;
        ai_flags, ai_family, ai_socktype, ai_protocol, ai_addrlen, ai_canonname, ai_addr, ai_next);
    check_struct!(HOSTENT, winsock::HOSTENT; h_name, h_aliases, h_addrtype, h_length, h_addr_list);
    check_struct!(SERVENT, winsock::SERVENT; s_name, s_aliases, s_proto, s_port);
    check_struct!(PROTOENT, winsock::PROTOENT; p_name, p_aliases, p_proto);
}

#[test]
fn kernel_structures_match() {
    check_struct!(OVERLAPPED_ENTRY, io::OVERLAPPED_ENTRY;
        lpCompletionKey, lpOverlapped, Internal, dwNumberOfBytesTransferred);
    check_struct!(SECURITY_ATTRIBUTES, security::SECURITY_ATTRIBUTES;
        nLength, lpSecurityDescriptor, bInheritHandle);
    check_struct!(FILETIME, foundation::FILETIME; dwLowDateTime, dwHighDateTime);
    check_struct!(POINT, foundation::POINT; x, y);
    check_struct!(MSG, windows::MSG; hwnd, message, wParam, lParam, time, pt);
    check_struct!(WNDCLASSA, windows::WNDCLASSA;
        style, lpfnWndProc, cbClsExtra, cbWndExtra, hInstance, hIcon, hCursor, hbrBackground,
        lpszMenuName, lpszClassName);
    check_struct!(WNDCLASSW, windows::WNDCLASSW;
        style, lpfnWndProc, cbClsExtra, cbWndExtra, hInstance, hIcon, hCursor, hbrBackground,
        lpszMenuName, lpszClassName);
}
