/* Device.h - the device that the base provider stands on: its codes and what goes with them. */
#pragma once

#include <WinSock2.h>
#include <WinIoCtl.h>

#define DGRAM_NAME L"Ws2SpiDgram"
#define DGRAM_PATH L"\\\\.\\Ws2SpiDgram"

#define DGRAM_CODE(n) CTL_CODE(FILE_DEVICE_NETWORK, 0x800 + (n), METHOD_NEITHER, FILE_ANY_ACCESS)

#define IOCTL_DGRAM_OPEN    DGRAM_CODE(0) /* in: WSAPROTOCOL_INFOW */
#define IOCTL_DGRAM_QUERY   DGRAM_CODE(1) /* out: DGRAM_STATE */
#define IOCTL_DGRAM_SET     DGRAM_CODE(2) /* in: DGRAM_SETTING */
#define IOCTL_DGRAM_BIND    DGRAM_CODE(3) /* in: SOCKADDR_IN */
#define IOCTL_DGRAM_CONNECT DGRAM_CODE(4) /* in: SOCKADDR_IN; family 0: nobody any more */
#define IOCTL_DGRAM_SEND    DGRAM_CODE(5) /* in: DGRAM_SEND */
#define IOCTL_DGRAM_RECEIVE DGRAM_CODE(6) /* in: DGRAM_RECEIVE; may be kept */
#define IOCTL_DGRAM_POLL                                                   \
  DGRAM_CODE(7) /* in: ids of endpoints, DWORDs; kept till one is readable \
                 */
#define IOCTL_DGRAM_EVENTS DGRAM_CODE(8) /* in: DGRAM_EVENTS */
#define IOCTL_DGRAM_RECORD                                               \
  DGRAM_CODE(9) /* out: the recorded events, a LONG, which are forgotten \
                 */

/* What is known of an endpoint: all that a socket is, so that the provider keeps nothing. */
typedef struct _DGRAM_STATE {
  DWORD Id;
  WSAPROTOCOL_INFOW Entry;
  SOCKADDR_IN Name; /* Family 0: none yet. */
  SOCKADDR_IN Peer; /* Family 0: none. */
  DWORD Available;  /* The bytes of the first datagram. */
  BOOL Readable;
  BOOL Synchronous;
  BOOL NonBlocking;
  BOOL HasEvents;
  BOOL SendShut;
  BOOL NoReports;       /* Of datagrams that met nobody. */
  DWORD ReceiveTimeout; /* Milliseconds, 0: none. */
} DGRAM_STATE;

enum { SET_SYNCHRONOUS, SET_NON_BLOCKING, SET_SEND_SHUT, SET_NO_REPORTS, SET_RECEIVE_TIMEOUT };

typedef struct _DGRAM_SETTING {
  DWORD Which;
  DWORD Value;
} DGRAM_SETTING;

typedef struct _DGRAM_SEND {
  SOCKADDR_IN To; /* Family 0: the peer. */
  DWORD Length;
  BYTE Data[1];
} DGRAM_SEND;

/* The buffers and the places for the sender are the program's, until the request is complete. */
typedef struct _DGRAM_RECEIVE {
  LPWSABUF Buffers;
  DWORD Count;
  BOOL Peek;
  BOOL AtOnce; /* STATUS_DEVICE_NOT_READY instead of keeping the request. */
  SOCKADDR_IN *From;
  LPINT FromLength;
} DGRAM_RECEIVE;

typedef struct _DGRAM_EVENTS {
  HANDLE Event;
  LONG Mask;
} DGRAM_EVENTS;

/* Driver.c */
BOOL DriverLoad(VOID);
VOID DriverUnload(VOID);
