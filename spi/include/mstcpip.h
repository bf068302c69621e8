/*
 * The ioctls of Microsoft's TCP/IP (mstcpip.h) with the structures they take. Left out: real-time
 * notification, port reservation structures, time stamps, and the Rtl functions for address text.
 */
#ifndef _MSTCPIP_
#define _MSTCPIP_

#include "ws2def.h"

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

#endif
