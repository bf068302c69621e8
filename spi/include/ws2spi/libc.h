/*
 * Makes room for Winsock beside libc's sockets. winsock2.h's first include.
 *
 * 1. Includes every libc header that declares or uses a type of sockets; their guards make it
 *    harmless when a source includes them later.
 * 2. Fifteen functions bear common words (bind, connect, send...). If <sys/socket.h> and
 *    <sys/select.h> were not included yet, libc's declarations are renamed while they are read, the
 *    names stay free, and winsock2.h declares ours under them. Where libc was first, the names
 *    become macros for ws2_bind, ws2_connect...; in C++ bind, connect and select are overloaded
 *    instead, because std::bind and member functions of those names must survive.
 * 3. The remaining functions and all structs become macros in both cases, so that a type has one
 *    name in all sources of a C++ program.
 * 4. Constants are taken away by libc_undef.h and libc_undef_ip.h; the headers that include this
 *    define Windows'.
 *
 * What a source declares with libc's struct timeval, sockaddr... it must declare before including
 * this. A header that is not in list 1 and uses such types belongs before winsock2.h too.
 */
#ifndef WS2SPI_LIBC_H
#define WS2SPI_LIBC_H

#include "compiler.h"

/* What libc declared before us decides between renaming and macros (guards of glibc, musl, BSD). */
#if defined(_SYS_SOCKET_H) || defined(_SYS_SOCKET_H_)
#define WS2SPI_LIBC_SOCKET_FIRST 1
#endif
#if defined(_SYS_SELECT_H) || defined(_SYS_SELECT_H_) || defined(_SYS__SELECT_H_) ||               \
    defined(_SELECT_DECLARED)
#define WS2SPI_LIBC_SELECT_FIRST 1
#endif

/*
 * FD_SETSIZE belongs to the source if it was defined before libc could, or if it is not libc's
 * 1024. (glibc silently overwrites a definition that comes before <stdlib.h>: such a source defines
 * WS2SPI_FD_SETSIZE as well.)
 */
#if !defined(WS2SPI_FD_SETSIZE) && defined(FD_SETSIZE)
#if (!defined(WS2SPI_LIBC_SELECT_FIRST) && !defined(__DARWIN_FD_SETSIZE)) ||                       \
    (FD_SETSIZE + 0) != 1024
#define WS2SPI_FD_SETSIZE_GIVEN 1
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE
#endif
#endif

#define accept      ws2spi_libc_accept
#define bind        ws2spi_libc_bind
#define connect     ws2spi_libc_connect
#define getpeername ws2spi_libc_getpeername
#define getsockname ws2spi_libc_getsockname
#define getsockopt  ws2spi_libc_getsockopt
#define listen      ws2spi_libc_listen
#define recv        ws2spi_libc_recv
#define recvfrom    ws2spi_libc_recvfrom
#define select      ws2spi_libc_select
#define send        ws2spi_libc_send
#define sendto      ws2spi_libc_sendto
#define setsockopt  ws2spi_libc_setsockopt
#define shutdown    ws2spi_libc_shutdown
#define socket      ws2spi_libc_socket

#include <sys/types.h>
#include <sys/select.h>
#include <sys/socket.h>

#undef accept
#undef bind
#undef connect
#undef getpeername
#undef getsockname
#undef getsockopt
#undef listen
#undef recv
#undef recvfrom
#undef select
#undef send
#undef sendto
#undef setsockopt
#undef shutdown
#undef socket

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#if __has_include(<ifaddrs.h>)
#include <ifaddrs.h>
#endif
#include "libc_undef.h"
#include "libc_undef_ip.h"

#undef FD_SETSIZE
#if defined(WS2SPI_FD_SETSIZE)
#define FD_SETSIZE WS2SPI_FD_SETSIZE
#elif defined(WS2SPI_FD_SETSIZE_GIVEN)
#pragma pop_macro("FD_SETSIZE")
#else
#define FD_SETSIZE 64
#endif

#ifdef WS2SPI_LIBC_SOCKET_FIRST
#define accept      ws2_accept
#define getpeername ws2_getpeername
#define getsockname ws2_getsockname
#define getsockopt  ws2_getsockopt
#define listen      ws2_listen
#define recv        ws2_recv
#define recvfrom    ws2_recvfrom
#define send        ws2_send
#define sendto      ws2_sendto
#define setsockopt  ws2_setsockopt
#define shutdown    ws2_shutdown
#define socket      ws2_socket
#ifndef __cplusplus
#define bind    ws2_bind
#define connect ws2_connect
#endif
#endif
#if defined(WS2SPI_LIBC_SELECT_FIRST) && !defined(__cplusplus)
#define select ws2_select
#endif

#define freeaddrinfo     ws2_freeaddrinfo
#define getaddrinfo      ws2_getaddrinfo
#define gethostbyaddr    ws2_gethostbyaddr
#define gethostbyname    ws2_gethostbyname
#define gethostname      ws2_gethostname
#define getnameinfo      ws2_getnameinfo
#define getprotobyname   ws2_getprotobyname
#define getprotobynumber ws2_getprotobynumber
#define getservbyname    ws2_getservbyname
#define getservbyport    ws2_getservbyport
#define htonl            ws2_htonl
#define htons            ws2_htons
#define inet_addr        ws2_inet_addr
#define inet_ntoa        ws2_inet_ntoa
#define inet_ntop        ws2_inet_ntop
#define inet_pton        ws2_inet_pton
#define ntohl            ws2_ntohl
#define ntohs            ws2_ntohs
#define in6addr_any      ws2_in6addr_any
#define in6addr_loopback ws2_in6addr_loopback

#define addrinfo         ws2_addrinfo
#define cmsghdr          ws2_cmsghdr
#define fd_set           ws2_fd_set
#define group_filter     ws2_group_filter
#define group_req        ws2_group_req
#define group_source_req ws2_group_source_req
#define hostent          ws2_hostent
#define in6_addr         ws2_in6_addr
#define in6_pktinfo      ws2_in6_pktinfo
#define in_addr          ws2_in_addr
#define in_pktinfo       ws2_in_pktinfo
#define ip_mreq          ws2_ip_mreq
#define ip_mreq_source   ws2_ip_mreq_source
#define ip_msfilter      ws2_ip_msfilter
#define ipv6_mreq        ws2_ipv6_mreq
#define linger           ws2_linger
#define netent           ws2_netent
#define pollfd           ws2_pollfd
#define protoent         ws2_protoent
#define servent          ws2_servent
#define sockaddr         ws2_sockaddr
#define sockaddr_in      ws2_sockaddr_in
#define sockaddr_in6     ws2_sockaddr_in6
#define sockaddr_storage ws2_sockaddr_storage
#define sockaddr_un      ws2_sockaddr_un
#define socklen_t        ws2_socklen_t
#define sockproto        ws2_sockproto
#define timeval          ws2_timeval
#define u_long           ws2_u_long

#endif
