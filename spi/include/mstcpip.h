/*
 * The ioctls of Microsoft's TCP/IP (mstcpip.h) with the structures they take. Left out: real-time
 * notification, port reservation structures, time stamps, and the Rtl functions for address text.
 * And its functions that look at addresses and fill them in, but those for scopes and link layers.
 */
#ifndef _MSTCPIP_
#define _MSTCPIP_

#include "ws2def.h"
#include "ws2ipdef.h"

#define SIO_RCVALL                     _WSAIOW(IOC_VENDOR, 1)
#define SIO_RCVALL_MCAST               _WSAIOW(IOC_VENDOR, 2)
#define SIO_RCVALL_IGMPMCAST           _WSAIOW(IOC_VENDOR, 3)
#define SIO_KEEPALIVE_VALS             _WSAIOW(IOC_VENDOR, 4)
#define SIO_ABSORB_RTRALERT            _WSAIOW(IOC_VENDOR, 5)
#define SIO_UCAST_IF                   _WSAIOW(IOC_VENDOR, 6)
#define SIO_LIMIT_BROADCASTS           _WSAIOW(IOC_VENDOR, 7)
#define SIO_INDEX_BIND                 _WSAIOW(IOC_VENDOR, 8)
#define SIO_INDEX_MCASTIF              _WSAIOW(IOC_VENDOR, 9)
#define SIO_INDEX_ADD_MCAST            _WSAIOW(IOC_VENDOR, 10)
#define SIO_INDEX_DEL_MCAST            _WSAIOW(IOC_VENDOR, 11)
#define SIO_RCVALL_MCAST_IF            _WSAIOW(IOC_VENDOR, 13)
#define SIO_RCVALL_IF                  _WSAIOW(IOC_VENDOR, 14)
#define SIO_LOOPBACK_FAST_PATH         _WSAIOW(IOC_VENDOR, 16)
#define SIO_TCP_INITIAL_RTO            _WSAIOW(IOC_VENDOR, 17)
#define SIO_APPLY_TRANSPORT_SETTING    _WSAIOW(IOC_VENDOR, 19)
#define SIO_QUERY_TRANSPORT_SETTING    _WSAIOW(IOC_VENDOR, 20)
#define SIO_CPU_AFFINITY               _WSAIOW(IOC_VENDOR, 21)
#define SIO_TCP_SET_ICW                _WSAIOW(IOC_VENDOR, 22)
#define SIO_TCP_SET_ACK_FREQUENCY      _WSAIOW(IOC_VENDOR, 23)
#define SIO_SET_PRIORITY_HINT          _WSAIOW(IOC_VENDOR, 24)
#define SIO_PRIORITY_HINT              SIO_SET_PRIORITY_HINT
#define SIO_TCP_INFO                   _WSAIORW(IOC_VENDOR, 39)
#define SIO_ACQUIRE_PORT_RESERVATION   _WSAIOW(IOC_VENDOR, 100)
#define SIO_RELEASE_PORT_RESERVATION   _WSAIOW(IOC_VENDOR, 101)
#define SIO_ASSOCIATE_PORT_RESERVATION _WSAIOW(IOC_VENDOR, 102)

struct tcp_keepalive {
  ULONG onoff;
  ULONG keepalivetime;
  ULONG keepaliveinterval;
};

typedef enum {
  RCVALL_OFF = 0,
  RCVALL_ON = 1,
  RCVALL_SOCKETLEVELONLY = 2,
  RCVALL_IPLEVEL = 3
} RCVALL_VALUE,
    *PRCVALL_VALUE;
#define RCVALL_MAX RCVALL_IPLEVEL

typedef struct _TCP_INITIAL_RTO_PARAMETERS {
  USHORT Rtt;
  UCHAR MaxSynRetransmissions;
} TCP_INITIAL_RTO_PARAMETERS, *PTCP_INITIAL_RTO_PARAMETERS;

#define TCP_INITIAL_RTO_UNSPECIFIED_RTT                     ((USHORT)-1)
#define TCP_INITIAL_RTO_UNSPECIFIED_MAX_SYN_RETRANSMISSIONS ((UCHAR)-1)
#define TCP_INITIAL_RTO_DEFAULT_RTT                         0
#define TCP_INITIAL_RTO_DEFAULT_MAX_SYN_RETRANSMISSIONS     0
#define TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS              ((UCHAR)-2)

typedef enum _TCPSTATE {
  TCPSTATE_CLOSED,
  TCPSTATE_LISTEN,
  TCPSTATE_SYN_SENT,
  TCPSTATE_SYN_RCVD,
  TCPSTATE_ESTABLISHED,
  TCPSTATE_FIN_WAIT_1,
  TCPSTATE_FIN_WAIT_2,
  TCPSTATE_CLOSE_WAIT,
  TCPSTATE_CLOSING,
  TCPSTATE_LAST_ACK,
  TCPSTATE_TIME_WAIT,
  TCPSTATE_MAX
} TCPSTATE;

typedef struct _TCP_INFO_v0 {
  TCPSTATE State;
  ULONG Mss;
  ULONG64 ConnectionTimeMs;
  BOOLEAN TimestampsEnabled;
  ULONG RttUs;
  ULONG MinRttUs;
  ULONG BytesInFlight;
  ULONG Cwnd;
  ULONG SndWnd;
  ULONG RcvWnd;
  ULONG RcvBuf;
  ULONG64 BytesOut;
  ULONG64 BytesIn;
  ULONG BytesReordered;
  ULONG BytesRetrans;
  ULONG FastRetrans;
  ULONG DupAcksIn;
  ULONG TimeoutEpisodes;
  UCHAR SynRetrans;
} TCP_INFO_v0, *PTCP_INFO_v0;

typedef struct _TCP_INFO_v1 {
  TCPSTATE State;
  ULONG Mss;
  ULONG64 ConnectionTimeMs;
  BOOLEAN TimestampsEnabled;
  ULONG RttUs;
  ULONG MinRttUs;
  ULONG BytesInFlight;
  ULONG Cwnd;
  ULONG SndWnd;
  ULONG RcvWnd;
  ULONG RcvBuf;
  ULONG64 BytesOut;
  ULONG64 BytesIn;
  ULONG BytesReordered;
  ULONG BytesRetrans;
  ULONG FastRetrans;
  ULONG DupAcksIn;
  ULONG TimeoutEpisodes;
  UCHAR SynRetrans;
  ULONG SndLimTransRwin;
  ULONG SndLimTimeRwin;
  ULONG64 SndLimBytesRwin;
  ULONG SndLimTransCwnd;
  ULONG SndLimTimeCwnd;
  ULONG64 SndLimBytesCwnd;
  ULONG SndLimTransSnd;
  ULONG SndLimTimeSnd;
  ULONG64 SndLimBytesSnd;
} TCP_INFO_v1, *PTCP_INFO_v1;

/* IPv4 addresses. */
static const IN_ADDR in4addr_any WS2SPI_UNUSED = {{{0, 0, 0, 0}}};
static const IN_ADDR in4addr_loopback WS2SPI_UNUSED = {{{127, 0, 0, 1}}};
static const IN_ADDR in4addr_broadcast WS2SPI_UNUSED = {{{255, 255, 255, 255}}};

static inline BOOLEAN IN4_ADDR_EQUAL(const IN_ADDR *a, const IN_ADDR *b) {
  return (BOOLEAN)(a->s_addr == b->s_addr);
}
static inline BOOLEAN IN4_IS_ADDR_UNSPECIFIED(const IN_ADDR *a) {
  return IN4_ADDR_EQUAL(a, &in4addr_any);
}
/* All of 127.0.0.0/8. */
static inline BOOLEAN IN4_IS_ADDR_LOOPBACK(const IN_ADDR *a) {
  return (BOOLEAN)(a->s_net == 127);
}
static inline BOOLEAN IN4_IS_ADDR_BROADCAST(const IN_ADDR *a) {
  return IN4_ADDR_EQUAL(a, &in4addr_broadcast);
}
static inline BOOLEAN IN4_IS_ADDR_MULTICAST(const IN_ADDR *a) {
  return (BOOLEAN)((a->s_net & 0xf0) == 0xe0);
}
static inline BOOLEAN IN4_IS_ADDR_LINKLOCAL(const IN_ADDR *a) {
  return (BOOLEAN)(a->s_net == 169 && a->s_host == 254);
}

/* Socket addresses of one family. What is filled in has port, flow and scope 0. */
static inline VOID IN4ADDR_SETSOCKADDR(PSOCKADDR_IN a, const IN_ADDR *address, USHORT port) {
  memset(a, 0, sizeof(*a));
  a->sin_family = AF_INET;
  a->sin_port = port;
  a->sin_addr = *address;
}
static inline VOID IN4ADDR_SETANY(PSOCKADDR_IN a) {
  IN4ADDR_SETSOCKADDR(a, &in4addr_any, 0);
}
static inline VOID IN4ADDR_SETLOOPBACK(PSOCKADDR_IN a) {
  IN4ADDR_SETSOCKADDR(a, &in4addr_loopback, 0);
}
static inline BOOLEAN IN4ADDR_ISANY(const SOCKADDR_IN *a) {
  return IN4_IS_ADDR_UNSPECIFIED(&a->sin_addr);
}
static inline BOOLEAN IN4ADDR_ISLOOPBACK(const SOCKADDR_IN *a) {
  return IN4_IS_ADDR_LOOPBACK(&a->sin_addr);
}
static inline VOID IN6ADDR_SETSOCKADDR(PSOCKADDR_IN6 a, const IN6_ADDR *address, SCOPE_ID scope,
                                       USHORT port) {
  memset(a, 0, sizeof(*a));
  a->sin6_family = AF_INET6;
  a->sin6_port = port;
  a->sin6_addr = *address;
  a->sin6_scope_struct = scope;
}
static inline VOID IN6ADDR_SETANY(PSOCKADDR_IN6 a) {
  SCOPE_ID none;
  none.Value = 0;
  IN6ADDR_SETSOCKADDR(a, &in6addr_any, none, 0);
}
static inline VOID IN6ADDR_SETLOOPBACK(PSOCKADDR_IN6 a) {
  SCOPE_ID none;
  none.Value = 0;
  IN6ADDR_SETSOCKADDR(a, &in6addr_loopback, none, 0);
}
static inline BOOLEAN IN6ADDR_ISANY(const SOCKADDR_IN6 *a) {
  return (BOOLEAN)IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
}
static inline BOOLEAN IN6ADDR_ISLOOPBACK(const SOCKADDR_IN6 *a) {
  return (BOOLEAN)IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
}

/* Socket addresses of either family, which they must say; nothing is done to others. */
static inline VOID INETADDR_SETANY(PSOCKADDR a) {
  if (a->sa_family == AF_INET) {
    IN4ADDR_SETANY((PSOCKADDR_IN)(void *)a);
  } else if (a->sa_family == AF_INET6) {
    IN6ADDR_SETANY((PSOCKADDR_IN6)(void *)a);
  }
}
static inline VOID INETADDR_SETLOOPBACK(PSOCKADDR a) {
  if (a->sa_family == AF_INET) {
    IN4ADDR_SETLOOPBACK((PSOCKADDR_IN)(void *)a);
  } else if (a->sa_family == AF_INET6) {
    IN6ADDR_SETLOOPBACK((PSOCKADDR_IN6)(void *)a);
  }
}
static inline BOOLEAN INETADDR_ISANY(const SOCKADDR *a) {
  if (a->sa_family == AF_INET) {
    return IN4ADDR_ISANY((const SOCKADDR_IN *)(const void *)a);
  }
  return (BOOLEAN)(a->sa_family == AF_INET6 &&
                   IN6ADDR_ISANY((const SOCKADDR_IN6 *)(const void *)a));
}
static inline BOOLEAN INETADDR_ISLOOPBACK(const SOCKADDR *a) {
  if (a->sa_family == AF_INET) {
    return IN4ADDR_ISLOOPBACK((const SOCKADDR_IN *)(const void *)a);
  }
  return (BOOLEAN)(a->sa_family == AF_INET6 &&
                   IN6ADDR_ISLOOPBACK((const SOCKADDR_IN6 *)(const void *)a));
}
/* The address itself; NULL for another family. */
static inline PUCHAR INETADDR_ADDRESS(const SOCKADDR *a) {
  if (a->sa_family == AF_INET) {
    return (PUCHAR) & ((PSOCKADDR_IN)(size_t)(const void *)a)->sin_addr;
  }
  return a->sa_family == AF_INET6 ? (PUCHAR) & ((PSOCKADDR_IN6)(size_t)(const void *)a)->sin6_addr
                                  : (PUCHAR)NULL;
}
static inline VOID INETADDR_SETADDRESS(PSOCKADDR a, const UCHAR *address) {
  PUCHAR target = INETADDR_ADDRESS(a);
  if (target != NULL) {
    memcpy(target, address, a->sa_family == AF_INET ? sizeof(IN_ADDR) : sizeof(IN6_ADDR));
  }
}

#endif
