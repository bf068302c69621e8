/*
 * Prints every struct's size, alignment and field offsets and every constant's value, one
 * "name value" a line, for whichever winsock2.h, ws2spi.h, ... the include path has: ours, or
 * mingw-w64's as the oracle. layout_constants.h has the constants.
 *
 * Nothing needs to run for the oracle: the numbers are records in the sections "layout" and "guids"
 * of the object file, where mingw_probe.py reads them. What mingw-w64 10 lacks is marked so.
 */
#include <stddef.h>
#include <stdio.h>

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <ws2spi.h>
#include <sporder.h>
#include <afunix.h>
#include <windows.h>
#include <objbase.h>
#include <rpc.h>
#include <iphlpapi.h>

#if defined(__APPLE__)
#define IN_SECTION(name) __attribute__((section("__DATA," name), used))
#else
#define IN_SECTION(name) __attribute__((section(name), used))
#endif

/* 128 bytes each, so that no alignment puts a gap between the arrays of a section. */
struct number {
  char name[120];
  long long value;
};

struct identifier {
  char name[112];
  GUID guid;
};

#define CONSTANT(name) \
  { #name, (long long)(name) }
#define HANDLE_VALUE(name) \
  { #name, (long long)(INT_PTR)(name) }
#define IDENTIFIER(name) \
  { #name, name }
#define TYPE(type) \
  {"sizeof " #type, (long long)sizeof(type)}, { "alignof " #type, (long long)__alignof__(type) }
#define FIELD(type, field) \
  { "offsetof " #type " " #field, (long long)offsetof(type, field) }

#include "layout_constants.h"

/* One struct a paragraph. */
/* clang-format off */
static const struct number types[] IN_SECTION("layout") = {
  TYPE(CHAR), TYPE(UCHAR), TYPE(BYTE), TYPE(BOOLEAN), TYPE(SHORT), TYPE(USHORT), TYPE(WORD),
  TYPE(INT), TYPE(UINT), TYPE(LONG), TYPE(ULONG), TYPE(DWORD), TYPE(BOOL), TYPE(LONGLONG),
  TYPE(ULONGLONG), TYPE(INT64), TYPE(UINT64), TYPE(LONG32), TYPE(ULONG64), TYPE(DWORD64),
  TYPE(INT_PTR), TYPE(UINT_PTR), TYPE(LONG_PTR), TYPE(ULONG_PTR), TYPE(DWORD_PTR), TYPE(SIZE_T),
  TYPE(SSIZE_T), TYPE(WCHAR), TYPE(ATOM), TYPE(HANDLE), TYPE(HWND), TYPE(HINSTANCE), TYPE(WPARAM),
  TYPE(LPARAM), TYPE(LRESULT), TYPE(HRESULT), TYPE(PVOID), TYPE(FARPROC), TYPE(u_char),
  TYPE(u_short), TYPE(u_int), TYPE(u_long), TYPE(SOCKET), TYPE(GROUP), TYPE(WSAEVENT),
  TYPE(socklen_t), TYPE(ADDRESS_FAMILY), TYPE(WSAOVERLAPPED), TYPE(LPCONDITIONPROC),
  TYPE(LPWSAUSERAPC), TYPE(MULTICAST_MODE_TYPE), TYPE(PMTUD_STATE), TYPE(RCVALL_VALUE),
  TYPE(WSC_PROVIDER_INFO_TYPE), TYPE(SERVICETYPE)};

static const struct number structs[] IN_SECTION("layout") = {
  TYPE(GUID), FIELD(GUID, Data1), FIELD(GUID, Data2), FIELD(GUID, Data3), FIELD(GUID, Data4),
  TYPE(POINT), FIELD(POINT, x), FIELD(POINT, y),
  TYPE(SIZE), FIELD(SIZE, cx), FIELD(SIZE, cy),
  TYPE(RECT), FIELD(RECT, left), FIELD(RECT, top), FIELD(RECT, right), FIELD(RECT, bottom),
  TYPE(FILETIME), FIELD(FILETIME, dwLowDateTime), FIELD(FILETIME, dwHighDateTime),
  TYPE(LARGE_INTEGER), FIELD(LARGE_INTEGER, LowPart), FIELD(LARGE_INTEGER, HighPart),
  FIELD(LARGE_INTEGER, u), FIELD(LARGE_INTEGER, QuadPart),
  TYPE(ULARGE_INTEGER), FIELD(ULARGE_INTEGER, LowPart), FIELD(ULARGE_INTEGER, HighPart),
  FIELD(ULARGE_INTEGER, u), FIELD(ULARGE_INTEGER, QuadPart),
  TYPE(LIST_ENTRY), FIELD(LIST_ENTRY, Flink), FIELD(LIST_ENTRY, Blink),
  TYPE(CRITICAL_SECTION), FIELD(CRITICAL_SECTION, DebugInfo), FIELD(CRITICAL_SECTION, LockCount),
  FIELD(CRITICAL_SECTION, RecursionCount), FIELD(CRITICAL_SECTION, OwningThread),
  FIELD(CRITICAL_SECTION, LockSemaphore), FIELD(CRITICAL_SECTION, SpinCount),
  TYPE(SRWLOCK), TYPE(CONDITION_VARIABLE), TYPE(INIT_ONCE),
  TYPE(SYSTEM_INFO), FIELD(SYSTEM_INFO, wProcessorArchitecture), FIELD(SYSTEM_INFO, dwPageSize),
  FIELD(SYSTEM_INFO, lpMinimumApplicationAddress), FIELD(SYSTEM_INFO, lpMaximumApplicationAddress),
  FIELD(SYSTEM_INFO, dwActiveProcessorMask), FIELD(SYSTEM_INFO, dwNumberOfProcessors),
  FIELD(SYSTEM_INFO, dwProcessorType), FIELD(SYSTEM_INFO, dwAllocationGranularity),
  FIELD(SYSTEM_INFO, wProcessorLevel), FIELD(SYSTEM_INFO, wProcessorRevision),
  TYPE(STARTUPINFOA), FIELD(STARTUPINFOA, dwFlags), FIELD(STARTUPINFOA, hStdError),
  TYPE(STARTUPINFOW), FIELD(STARTUPINFOW, wShowWindow), FIELD(STARTUPINFOW, hStdInput),
  TYPE(PROCESS_INFORMATION), FIELD(PROCESS_INFORMATION, dwThreadId),
  TYPE(OSVERSIONINFOA), TYPE(OSVERSIONINFOW), TYPE(OSVERSIONINFOEXA), TYPE(OSVERSIONINFOEXW),
  FIELD(OSVERSIONINFOEXA, wProductType), FIELD(OSVERSIONINFOEXW, wProductType),
  TYPE(EXCEPTION_RECORD), TYPE(EXCEPTION_POINTERS),
  TYPE(SECURITY_ATTRIBUTES), FIELD(SECURITY_ATTRIBUTES, nLength),
  FIELD(SECURITY_ATTRIBUTES, lpSecurityDescriptor), FIELD(SECURITY_ATTRIBUTES, bInheritHandle),
  TYPE(OVERLAPPED), FIELD(OVERLAPPED, Internal), FIELD(OVERLAPPED, InternalHigh),
  FIELD(OVERLAPPED, Offset), FIELD(OVERLAPPED, OffsetHigh), FIELD(OVERLAPPED, Pointer),
  FIELD(OVERLAPPED, hEvent),
  TYPE(OVERLAPPED_ENTRY), FIELD(OVERLAPPED_ENTRY, lpCompletionKey),
  FIELD(OVERLAPPED_ENTRY, lpOverlapped), FIELD(OVERLAPPED_ENTRY, Internal),
  FIELD(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred),
  TYPE(WNDCLASSA), FIELD(WNDCLASSA, style), FIELD(WNDCLASSA, lpfnWndProc),
  FIELD(WNDCLASSA, cbClsExtra), FIELD(WNDCLASSA, cbWndExtra), FIELD(WNDCLASSA, hInstance),
  FIELD(WNDCLASSA, hIcon), FIELD(WNDCLASSA, hCursor), FIELD(WNDCLASSA, hbrBackground),
  FIELD(WNDCLASSA, lpszMenuName), FIELD(WNDCLASSA, lpszClassName),
  TYPE(WNDCLASSW), FIELD(WNDCLASSW, style), FIELD(WNDCLASSW, lpfnWndProc),
  FIELD(WNDCLASSW, cbClsExtra), FIELD(WNDCLASSW, cbWndExtra), FIELD(WNDCLASSW, hInstance),
  FIELD(WNDCLASSW, hIcon), FIELD(WNDCLASSW, hCursor), FIELD(WNDCLASSW, hbrBackground),
  FIELD(WNDCLASSW, lpszMenuName), FIELD(WNDCLASSW, lpszClassName),
  TYPE(MSG), FIELD(MSG, hwnd), FIELD(MSG, message), FIELD(MSG, wParam), FIELD(MSG, lParam),
  FIELD(MSG, time), FIELD(MSG, pt),
  TYPE(IN_ADDR), FIELD(IN_ADDR, S_un.S_un_b.s_b1), FIELD(IN_ADDR, S_un.S_un_b.s_b2),
  FIELD(IN_ADDR, S_un.S_un_b.s_b3), FIELD(IN_ADDR, S_un.S_un_b.s_b4), FIELD(IN_ADDR, S_un.S_un_b),
  FIELD(IN_ADDR, S_un.S_un_w.s_w1), FIELD(IN_ADDR, S_un.S_un_w.s_w2), FIELD(IN_ADDR, S_un.S_un_w),
  FIELD(IN_ADDR, S_un.S_addr), FIELD(IN_ADDR, S_un),
  TYPE(IN6_ADDR), FIELD(IN6_ADDR, u.Byte), FIELD(IN6_ADDR, u.Word), FIELD(IN6_ADDR, u),
  TYPE(SOCKADDR), FIELD(SOCKADDR, sa_family), FIELD(SOCKADDR, sa_data),
  TYPE(SOCKADDR_IN), FIELD(SOCKADDR_IN, sin_family), FIELD(SOCKADDR_IN, sin_port),
  FIELD(SOCKADDR_IN, sin_addr), FIELD(SOCKADDR_IN, sin_zero),
  TYPE(SOCKADDR_STORAGE), FIELD(SOCKADDR_STORAGE, ss_family), FIELD(SOCKADDR_STORAGE, __ss_pad1),
  FIELD(SOCKADDR_STORAGE, __ss_align), FIELD(SOCKADDR_STORAGE, __ss_pad2),
  TYPE(SOCKET_ADDRESS), FIELD(SOCKET_ADDRESS, lpSockaddr), FIELD(SOCKET_ADDRESS, iSockaddrLength),
  TYPE(SOCKET_ADDRESS_LIST), FIELD(SOCKET_ADDRESS_LIST, iAddressCount),
  FIELD(SOCKET_ADDRESS_LIST, Address),
  TYPE(CSADDR_INFO), FIELD(CSADDR_INFO, LocalAddr), FIELD(CSADDR_INFO, RemoteAddr),
  FIELD(CSADDR_INFO, iSocketType), FIELD(CSADDR_INFO, iProtocol),
  TYPE(WSABUF), FIELD(WSABUF, len), FIELD(WSABUF, buf),
  TYPE(IP_ADAPTER_ADDRESSES), FIELD(IP_ADAPTER_ADDRESSES, FirstUnicastAddress),
  FIELD(IP_ADAPTER_ADDRESSES, IfType), FIELD(IP_ADAPTER_ADDRESSES, Ipv6IfIndex),
  FIELD(IP_ADAPTER_ADDRESSES, Luid), FIELD(IP_ADAPTER_ADDRESSES, FirstDnsSuffix),
  TYPE(IP_ADAPTER_UNICAST_ADDRESS), FIELD(IP_ADAPTER_UNICAST_ADDRESS, Address),
  FIELD(IP_ADAPTER_UNICAST_ADDRESS, OnLinkPrefixLength), TYPE(MIB_IPADDRROW),
  FIELD(MIB_IPADDRROW, wType), TYPE(MIB_IPADDRTABLE),
  TYPE(WSAMSG), FIELD(WSAMSG, name), FIELD(WSAMSG, namelen), FIELD(WSAMSG, lpBuffers),
  FIELD(WSAMSG, dwBufferCount), FIELD(WSAMSG, Control), FIELD(WSAMSG, dwFlags),
  TYPE(WSACMSGHDR), FIELD(WSACMSGHDR, cmsg_len), FIELD(WSACMSGHDR, cmsg_level),
  FIELD(WSACMSGHDR, cmsg_type),
  TYPE(ADDRINFOA), FIELD(ADDRINFOA, ai_flags), FIELD(ADDRINFOA, ai_family),
  FIELD(ADDRINFOA, ai_socktype), FIELD(ADDRINFOA, ai_protocol), FIELD(ADDRINFOA, ai_addrlen),
  FIELD(ADDRINFOA, ai_canonname), FIELD(ADDRINFOA, ai_addr), FIELD(ADDRINFOA, ai_next),
  TYPE(ADDRINFOW), FIELD(ADDRINFOW, ai_flags), FIELD(ADDRINFOW, ai_family),
  FIELD(ADDRINFOW, ai_socktype), FIELD(ADDRINFOW, ai_protocol), FIELD(ADDRINFOW, ai_addrlen),
  FIELD(ADDRINFOW, ai_canonname), FIELD(ADDRINFOW, ai_addr), FIELD(ADDRINFOW, ai_next),
  TYPE(FLOWSPEC), FIELD(FLOWSPEC, TokenRate), FIELD(FLOWSPEC, TokenBucketSize),
  FIELD(FLOWSPEC, PeakBandwidth), FIELD(FLOWSPEC, Latency), FIELD(FLOWSPEC, DelayVariation),
  FIELD(FLOWSPEC, ServiceType), FIELD(FLOWSPEC, MaxSduSize), FIELD(FLOWSPEC, MinimumPolicedSize),
  TYPE(SCOPE_ID), FIELD(SCOPE_ID, Value),
  TYPE(SOCKADDR_IN6), FIELD(SOCKADDR_IN6, sin6_family), FIELD(SOCKADDR_IN6, sin6_port),
  FIELD(SOCKADDR_IN6, sin6_flowinfo), FIELD(SOCKADDR_IN6, sin6_addr),
  FIELD(SOCKADDR_IN6, sin6_scope_id), FIELD(SOCKADDR_IN6, sin6_scope_struct),
  TYPE(struct sockaddr_in6_old), FIELD(struct sockaddr_in6_old, sin6_family),
  FIELD(struct sockaddr_in6_old, sin6_port), FIELD(struct sockaddr_in6_old, sin6_flowinfo),
  FIELD(struct sockaddr_in6_old, sin6_addr),
  TYPE(sockaddr_gen), FIELD(sockaddr_gen, Address), FIELD(sockaddr_gen, AddressIn),
  FIELD(sockaddr_gen, AddressIn6),
  TYPE(INTERFACE_INFO), FIELD(INTERFACE_INFO, iiFlags), FIELD(INTERFACE_INFO, iiAddress),
  FIELD(INTERFACE_INFO, iiBroadcastAddress), FIELD(INTERFACE_INFO, iiNetmask),
  TYPE(INTERFACE_INFO_EX), FIELD(INTERFACE_INFO_EX, iiFlags), FIELD(INTERFACE_INFO_EX, iiAddress),
  FIELD(INTERFACE_INFO_EX, iiBroadcastAddress), FIELD(INTERFACE_INFO_EX, iiNetmask),
  TYPE(SOCKADDR_IN6_PAIR), FIELD(SOCKADDR_IN6_PAIR, SourceAddress),
  FIELD(SOCKADDR_IN6_PAIR, DestinationAddress),
  TYPE(SOCKADDR_INET), FIELD(SOCKADDR_INET, Ipv4), FIELD(SOCKADDR_INET, Ipv6),
  FIELD(SOCKADDR_INET, si_family),
  TYPE(IP_MREQ), FIELD(IP_MREQ, imr_multiaddr), FIELD(IP_MREQ, imr_interface),
  TYPE(IP_MREQ_SOURCE), FIELD(IP_MREQ_SOURCE, imr_multiaddr),
  FIELD(IP_MREQ_SOURCE, imr_sourceaddr), FIELD(IP_MREQ_SOURCE, imr_interface),
  TYPE(IPV6_MREQ), FIELD(IPV6_MREQ, ipv6mr_multiaddr), FIELD(IPV6_MREQ, ipv6mr_interface),
  TYPE(IP_MSFILTER), FIELD(IP_MSFILTER, imsf_multiaddr), FIELD(IP_MSFILTER, imsf_interface),
  FIELD(IP_MSFILTER, imsf_fmode), FIELD(IP_MSFILTER, imsf_numsrc), FIELD(IP_MSFILTER, imsf_slist),
  TYPE(GROUP_REQ), FIELD(GROUP_REQ, gr_interface), FIELD(GROUP_REQ, gr_group),
  TYPE(GROUP_SOURCE_REQ), FIELD(GROUP_SOURCE_REQ, gsr_interface),
  FIELD(GROUP_SOURCE_REQ, gsr_group), FIELD(GROUP_SOURCE_REQ, gsr_source),
  TYPE(GROUP_FILTER), FIELD(GROUP_FILTER, gf_interface), FIELD(GROUP_FILTER, gf_group),
  FIELD(GROUP_FILTER, gf_fmode), FIELD(GROUP_FILTER, gf_numsrc), FIELD(GROUP_FILTER, gf_slist),
  TYPE(IN_PKTINFO), FIELD(IN_PKTINFO, ipi_addr), FIELD(IN_PKTINFO, ipi_ifindex),
  TYPE(IN6_PKTINFO), FIELD(IN6_PKTINFO, ipi6_addr), FIELD(IN6_PKTINFO, ipi6_ifindex),
  TYPE(SOCKADDR_UN), FIELD(SOCKADDR_UN, sun_family), FIELD(SOCKADDR_UN, sun_path),
  TYPE(fd_set), FIELD(fd_set, fd_count), FIELD(fd_set, fd_array),
  TYPE(TIMEVAL), FIELD(TIMEVAL, tv_sec), FIELD(TIMEVAL, tv_usec),
  TYPE(HOSTENT), FIELD(HOSTENT, h_name), FIELD(HOSTENT, h_aliases), FIELD(HOSTENT, h_addrtype),
  FIELD(HOSTENT, h_length), FIELD(HOSTENT, h_addr_list),
  TYPE(struct netent), FIELD(struct netent, n_name), FIELD(struct netent, n_aliases),
  FIELD(struct netent, n_addrtype), FIELD(struct netent, n_net),
  TYPE(SERVENT), FIELD(SERVENT, s_name), FIELD(SERVENT, s_aliases), FIELD(SERVENT, s_proto),
  FIELD(SERVENT, s_port),
  TYPE(PROTOENT), FIELD(PROTOENT, p_name), FIELD(PROTOENT, p_aliases), FIELD(PROTOENT, p_proto),
  TYPE(WSADATA), FIELD(WSADATA, wVersion), FIELD(WSADATA, wHighVersion),
  FIELD(WSADATA, iMaxSockets), FIELD(WSADATA, iMaxUdpDg), FIELD(WSADATA, lpVendorInfo),
  FIELD(WSADATA, szDescription), FIELD(WSADATA, szSystemStatus),
  TYPE(LINGER), FIELD(LINGER, l_onoff), FIELD(LINGER, l_linger),
  TYPE(struct sockproto), FIELD(struct sockproto, sp_family), FIELD(struct sockproto, sp_protocol),
  TYPE(QOS), FIELD(QOS, SendingFlowspec), FIELD(QOS, ReceivingFlowspec),
  FIELD(QOS, ProviderSpecific),
  TYPE(WSANETWORKEVENTS), FIELD(WSANETWORKEVENTS, lNetworkEvents),
  FIELD(WSANETWORKEVENTS, iErrorCode),
  TYPE(WSAPROTOCOLCHAIN), FIELD(WSAPROTOCOLCHAIN, ChainLen), FIELD(WSAPROTOCOLCHAIN, ChainEntries),
  TYPE(WSAPROTOCOL_INFOA), FIELD(WSAPROTOCOL_INFOA, dwServiceFlags1),
  FIELD(WSAPROTOCOL_INFOA, dwServiceFlags2), FIELD(WSAPROTOCOL_INFOA, dwServiceFlags3),
  FIELD(WSAPROTOCOL_INFOA, dwServiceFlags4), FIELD(WSAPROTOCOL_INFOA, dwProviderFlags),
  FIELD(WSAPROTOCOL_INFOA, ProviderId), FIELD(WSAPROTOCOL_INFOA, dwCatalogEntryId),
  FIELD(WSAPROTOCOL_INFOA, ProtocolChain), FIELD(WSAPROTOCOL_INFOA, iVersion),
  FIELD(WSAPROTOCOL_INFOA, iAddressFamily), FIELD(WSAPROTOCOL_INFOA, iMaxSockAddr),
  FIELD(WSAPROTOCOL_INFOA, iMinSockAddr), FIELD(WSAPROTOCOL_INFOA, iSocketType),
  FIELD(WSAPROTOCOL_INFOA, iProtocol), FIELD(WSAPROTOCOL_INFOA, iProtocolMaxOffset),
  FIELD(WSAPROTOCOL_INFOA, iNetworkByteOrder), FIELD(WSAPROTOCOL_INFOA, iSecurityScheme),
  FIELD(WSAPROTOCOL_INFOA, dwMessageSize), FIELD(WSAPROTOCOL_INFOA, dwProviderReserved),
  FIELD(WSAPROTOCOL_INFOA, szProtocol),
  TYPE(WSAPROTOCOL_INFOW), FIELD(WSAPROTOCOL_INFOW, dwServiceFlags1),
  FIELD(WSAPROTOCOL_INFOW, dwServiceFlags2), FIELD(WSAPROTOCOL_INFOW, dwServiceFlags3),
  FIELD(WSAPROTOCOL_INFOW, dwServiceFlags4), FIELD(WSAPROTOCOL_INFOW, dwProviderFlags),
  FIELD(WSAPROTOCOL_INFOW, ProviderId), FIELD(WSAPROTOCOL_INFOW, dwCatalogEntryId),
  FIELD(WSAPROTOCOL_INFOW, ProtocolChain), FIELD(WSAPROTOCOL_INFOW, iVersion),
  FIELD(WSAPROTOCOL_INFOW, iAddressFamily), FIELD(WSAPROTOCOL_INFOW, iMaxSockAddr),
  FIELD(WSAPROTOCOL_INFOW, iMinSockAddr), FIELD(WSAPROTOCOL_INFOW, iSocketType),
  FIELD(WSAPROTOCOL_INFOW, iProtocol), FIELD(WSAPROTOCOL_INFOW, iProtocolMaxOffset),
  FIELD(WSAPROTOCOL_INFOW, iNetworkByteOrder), FIELD(WSAPROTOCOL_INFOW, iSecurityScheme),
  FIELD(WSAPROTOCOL_INFOW, dwMessageSize), FIELD(WSAPROTOCOL_INFOW, dwProviderReserved),
  FIELD(WSAPROTOCOL_INFOW, szProtocol),
  TYPE(WSAPOLLFD), FIELD(WSAPOLLFD, fd), FIELD(WSAPOLLFD, events), FIELD(WSAPOLLFD, revents),
  TYPE(TRANSMIT_FILE_BUFFERS), FIELD(TRANSMIT_FILE_BUFFERS, Head),
  FIELD(TRANSMIT_FILE_BUFFERS, HeadLength), FIELD(TRANSMIT_FILE_BUFFERS, Tail),
  FIELD(TRANSMIT_FILE_BUFFERS, TailLength),
  TYPE(TRANSMIT_PACKETS_ELEMENT), FIELD(TRANSMIT_PACKETS_ELEMENT, dwElFlags),
  FIELD(TRANSMIT_PACKETS_ELEMENT, cLength), FIELD(TRANSMIT_PACKETS_ELEMENT, nFileOffset),
  FIELD(TRANSMIT_PACKETS_ELEMENT, hFile), FIELD(TRANSMIT_PACKETS_ELEMENT, pBuffer),
  TYPE(WSAPOLLDATA), FIELD(WSAPOLLDATA, result), FIELD(WSAPOLLDATA, fds),
  FIELD(WSAPOLLDATA, timeout), FIELD(WSAPOLLDATA, fdArray),
  TYPE(WSASENDMSG), FIELD(WSASENDMSG, lpMsg), FIELD(WSASENDMSG, dwFlags),
  FIELD(WSASENDMSG, lpNumberOfBytesSent), FIELD(WSASENDMSG, lpOverlapped),
  FIELD(WSASENDMSG, lpCompletionRoutine),
  TYPE(struct tcp_keepalive), FIELD(struct tcp_keepalive, onoff),
  FIELD(struct tcp_keepalive, keepalivetime), FIELD(struct tcp_keepalive, keepaliveinterval),
  TYPE(TCP_INITIAL_RTO_PARAMETERS), FIELD(TCP_INITIAL_RTO_PARAMETERS, Rtt),
  FIELD(TCP_INITIAL_RTO_PARAMETERS, MaxSynRetransmissions),
  TYPE(TCP_INFO_v0), FIELD(TCP_INFO_v0, State), FIELD(TCP_INFO_v0, Mss),
  FIELD(TCP_INFO_v0, ConnectionTimeMs), FIELD(TCP_INFO_v0, TimestampsEnabled),
  FIELD(TCP_INFO_v0, RttUs), FIELD(TCP_INFO_v0, MinRttUs), FIELD(TCP_INFO_v0, BytesInFlight),
  FIELD(TCP_INFO_v0, Cwnd), FIELD(TCP_INFO_v0, SndWnd), FIELD(TCP_INFO_v0, RcvWnd),
  FIELD(TCP_INFO_v0, RcvBuf), FIELD(TCP_INFO_v0, BytesOut), FIELD(TCP_INFO_v0, BytesIn),
  FIELD(TCP_INFO_v0, BytesReordered), FIELD(TCP_INFO_v0, BytesRetrans),
  FIELD(TCP_INFO_v0, FastRetrans), FIELD(TCP_INFO_v0, DupAcksIn),
  FIELD(TCP_INFO_v0, TimeoutEpisodes), FIELD(TCP_INFO_v0, SynRetrans),
  TYPE(TCP_INFO_v1), FIELD(TCP_INFO_v1, State), FIELD(TCP_INFO_v1, Mss),
  FIELD(TCP_INFO_v1, ConnectionTimeMs), FIELD(TCP_INFO_v1, TimestampsEnabled),
  FIELD(TCP_INFO_v1, RttUs), FIELD(TCP_INFO_v1, MinRttUs), FIELD(TCP_INFO_v1, BytesInFlight),
  FIELD(TCP_INFO_v1, Cwnd), FIELD(TCP_INFO_v1, SndWnd), FIELD(TCP_INFO_v1, RcvWnd),
  FIELD(TCP_INFO_v1, RcvBuf), FIELD(TCP_INFO_v1, BytesOut), FIELD(TCP_INFO_v1, BytesIn),
  FIELD(TCP_INFO_v1, BytesReordered), FIELD(TCP_INFO_v1, BytesRetrans),
  FIELD(TCP_INFO_v1, FastRetrans), FIELD(TCP_INFO_v1, DupAcksIn),
  FIELD(TCP_INFO_v1, TimeoutEpisodes), FIELD(TCP_INFO_v1, SynRetrans),
  FIELD(TCP_INFO_v1, SndLimTransRwin), FIELD(TCP_INFO_v1, SndLimTimeRwin),
  FIELD(TCP_INFO_v1, SndLimBytesRwin), FIELD(TCP_INFO_v1, SndLimTransCwnd),
  FIELD(TCP_INFO_v1, SndLimTimeCwnd), FIELD(TCP_INFO_v1, SndLimBytesCwnd),
  FIELD(TCP_INFO_v1, SndLimTransSnd), FIELD(TCP_INFO_v1, SndLimTimeSnd),
  FIELD(TCP_INFO_v1, SndLimBytesSnd),
  TYPE(WSPDATA), FIELD(WSPDATA, wVersion), FIELD(WSPDATA, wHighVersion),
  FIELD(WSPDATA, szDescription),
  TYPE(WSATHREADID), FIELD(WSATHREADID, ThreadHandle), FIELD(WSATHREADID, Reserved),
  TYPE(WSPPROC_TABLE), FIELD(WSPPROC_TABLE, lpWSPAccept),
  FIELD(WSPPROC_TABLE, lpWSPAddressToString), FIELD(WSPPROC_TABLE, lpWSPAsyncSelect),
  FIELD(WSPPROC_TABLE, lpWSPBind), FIELD(WSPPROC_TABLE, lpWSPCancelBlockingCall),
  FIELD(WSPPROC_TABLE, lpWSPCleanup), FIELD(WSPPROC_TABLE, lpWSPCloseSocket),
  FIELD(WSPPROC_TABLE, lpWSPConnect), FIELD(WSPPROC_TABLE, lpWSPDuplicateSocket),
  FIELD(WSPPROC_TABLE, lpWSPEnumNetworkEvents), FIELD(WSPPROC_TABLE, lpWSPEventSelect),
  FIELD(WSPPROC_TABLE, lpWSPGetOverlappedResult), FIELD(WSPPROC_TABLE, lpWSPGetPeerName),
  FIELD(WSPPROC_TABLE, lpWSPGetSockName), FIELD(WSPPROC_TABLE, lpWSPGetSockOpt),
  FIELD(WSPPROC_TABLE, lpWSPGetQOSByName), FIELD(WSPPROC_TABLE, lpWSPIoctl),
  FIELD(WSPPROC_TABLE, lpWSPJoinLeaf), FIELD(WSPPROC_TABLE, lpWSPListen),
  FIELD(WSPPROC_TABLE, lpWSPRecv), FIELD(WSPPROC_TABLE, lpWSPRecvDisconnect),
  FIELD(WSPPROC_TABLE, lpWSPRecvFrom), FIELD(WSPPROC_TABLE, lpWSPSelect),
  FIELD(WSPPROC_TABLE, lpWSPSend), FIELD(WSPPROC_TABLE, lpWSPSendDisconnect),
  FIELD(WSPPROC_TABLE, lpWSPSendTo), FIELD(WSPPROC_TABLE, lpWSPSetSockOpt),
  FIELD(WSPPROC_TABLE, lpWSPShutdown), FIELD(WSPPROC_TABLE, lpWSPSocket),
  FIELD(WSPPROC_TABLE, lpWSPStringToAddress),
  TYPE(WSPUPCALLTABLE), FIELD(WSPUPCALLTABLE, lpWPUCloseEvent),
  FIELD(WSPUPCALLTABLE, lpWPUCloseSocketHandle), FIELD(WSPUPCALLTABLE, lpWPUCreateEvent),
  FIELD(WSPUPCALLTABLE, lpWPUCreateSocketHandle), FIELD(WSPUPCALLTABLE, lpWPUFDIsSet),
  FIELD(WSPUPCALLTABLE, lpWPUGetProviderPath), FIELD(WSPUPCALLTABLE, lpWPUModifyIFSHandle),
  FIELD(WSPUPCALLTABLE, lpWPUPostMessage), FIELD(WSPUPCALLTABLE, lpWPUQueryBlockingCallback),
  FIELD(WSPUPCALLTABLE, lpWPUQuerySocketHandleContext), FIELD(WSPUPCALLTABLE, lpWPUQueueApc),
  FIELD(WSPUPCALLTABLE, lpWPUResetEvent), FIELD(WSPUPCALLTABLE, lpWPUSetEvent),
  FIELD(WSPUPCALLTABLE, lpWPUOpenCurrentThread), FIELD(WSPUPCALLTABLE, lpWPUCloseThread),
  TYPE(WSC_PROVIDER_AUDIT_INFO), FIELD(WSC_PROVIDER_AUDIT_INFO, RecordSize),
  FIELD(WSC_PROVIDER_AUDIT_INFO, Reserved)};

static const struct number handles[] IN_SECTION("layout") = {
  HANDLE_VALUE(INVALID_HANDLE_VALUE), HANDLE_VALUE(WSA_INVALID_EVENT), HANDLE_VALUE(HWND_MESSAGE),
  HANDLE_VALUE(HWND_BROADCAST)};

static const struct identifier identifiers[] IN_SECTION("guids") = {
  IDENTIFIER(WSAID_TRANSMITFILE), IDENTIFIER(WSAID_ACCEPTEX),
  IDENTIFIER(WSAID_GETACCEPTEXSOCKADDRS), IDENTIFIER(WSAID_TRANSMITPACKETS),
  IDENTIFIER(WSAID_CONNECTEX), IDENTIFIER(WSAID_DISCONNECTEX), IDENTIFIER(WSAID_WSARECVMSG),
  IDENTIFIER(WSAID_WSASENDMSG), IDENTIFIER(WSAID_WSAPOLL)};

#ifndef __MINGW32__
static const struct number more_structs[] IN_SECTION("layout") = {
  TYPE(ICMP_ERROR_INFO), FIELD(ICMP_ERROR_INFO, srcaddress), FIELD(ICMP_ERROR_INFO, protocol),
  FIELD(ICMP_ERROR_INFO, type), FIELD(ICMP_ERROR_INFO, code)};

static const struct identifier more_identifiers[] IN_SECTION("guids") = {
  IDENTIFIER(WSAID_MULTIPLE_RIO)};
#endif
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_numbers(const struct number *number, size_t count) {
  for (; count > 0; count--, number++) printf("%s %lld\n", number->name, number->value);
}

static void print_identifiers(const struct identifier *identifier, size_t count) {
  int byte;
  for (; count > 0; count--, identifier++) {
    const GUID *guid = &identifier->guid;
    printf("%s %08x-%04x-%04x-", identifier->name, (unsigned int)guid->Data1, guid->Data2,
           guid->Data3);
    for (byte = 0; byte < 8; byte++) printf("%02x", guid->Data4[byte]);
    printf("\n");
  }
}

int main(void) {
  print_numbers(types, COUNT(types));
  print_numbers(structs, COUNT(structs));
  print_numbers(handles, COUNT(handles));
  print_numbers(constants, COUNT(constants));
  print_identifiers(identifiers, COUNT(identifiers));
#ifndef __MINGW32__
  print_numbers(more_structs, COUNT(more_structs));
  print_numbers(more_constants, COUNT(more_constants));
  print_identifiers(more_identifiers, COUNT(more_identifiers));
#endif
  return 0;
}
