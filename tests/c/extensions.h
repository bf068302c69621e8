/*
 * extensions.h - extension functions of a non-IFS layer.
 *
 * SIO_GET_EXTENSION_FUNCTION_POINTER yields functions that the application
 * calls without any table. Those of the lower provider know only its own
 * sockets: handed through, they would answer WSAENOTSOCK for ours. So a non-IFS
 * layer gives out its own, which exchange the handle like any other entry; what
 * it has no function for it does not offer. They report errors the way the
 * application expects them, through WSASetLastError.
 *
 * Overlapped, each is an operation of the layer (operations.h).
 *
 * Used by layer_nonifs.c.
 */
#ifndef EXTENSIONS_H
#define EXTENSIONS_H

#include <mswsock.h>

#include "operations.h"

static const GUID extension_recv_msg = {
    0xf689d7c8, 0x6f1f, 0x436b, {0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22}};
static const GUID extension_send_msg = {
    0xa441e712, 0x754f, 0x43ca, {0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d}};
static const GUID extension_disconnect = {
    0x7fda2e11, 0x8630, 0x436f, {0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57}};
static const GUID extension_transmit_file = {
    0xb5367df0, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
static const GUID extension_transmit_packets = {
    0xd9689da0, 0x1f90, 0x11d3, {0x99, 0x71, 0x00, 0xc0, 0x4f, 0x68, 0xc8, 0x76}};
static const GUID extension_connect = {
    0x25a207b9, 0xddf3, 0x4660, {0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e}};
static const GUID extension_accept = {
    0xb5367df1, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
static const GUID extension_accept_addresses = {
    0xb5367df2, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};

typedef void (*extension_fn)(void);

/* The lower provider's function for its socket. Such a pointer belongs to the
 * provider of the very socket asked, so it is asked for on every call instead of
 * being kept for all sockets. */
static inline extension_fn extension__below(struct socket_record *record, const GUID *id,
                                            LPINT error) {
  extension_fn function = NULL;
  GUID copy = *id;
  DWORD length = 0;
  if (record->chain->lower.procs.lpWSPIoctl(record->lower, SIO_GET_EXTENSION_FUNCTION_POINTER,
                                            &copy, sizeof copy, &function, sizeof function, &length,
                                            NULL, NULL, NULL, error) != 0)
    return NULL;
  return function;
}

/* The record of `s` and the lower function, or NULL and the last error. */
static inline struct socket_record *extension__enter(SOCKET s, const GUID *id,
                                                     extension_fn *function) {
  INT error = 0;
  struct socket_record *record = pass_enter(s, &error);
  if (record != NULL && (*function = extension__below(record, id, &error)) == NULL) {
    sockets_release(record);
    record = NULL;
  }
  if (record == NULL) WSASetLastError(error);
  return record;
}

/* Begins the operation of an extension function, which has no thread identity; 0 on failure. */
static inline int extension__begin(struct socket_record *record, LPWSAOVERLAPPED overlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                   struct operation **operation) {
  INT error = 0;
  *operation = NULL;
  if (!operation_applies(record, overlapped)) return 1;
  *operation = operation_begin(record, overlapped, routine, NULL, &error);
  if (*operation == NULL) WSASetLastError(error);
  return *operation != NULL;
}

/* What the application is told when the lower function has returned, with `*moved`
 * bytes if it succeeded at once; `count` is the application's place for them. */
static inline int extension__started(struct operation *operation, int succeeded, DWORD moved,
                                     LPDWORD count) {
  if (operation == NULL) return succeeded;
  INT error = succeeded ? 0 : WSAGetLastError();
  if (succeeded && count != NULL) *count = moved;
  if (operation_started(operation, succeeded ? 0 : SOCKET_ERROR, error, moved, 0, &error) == 0)
    return 1;
  WSASetLastError(error);
  return 0;
}

/* What a lower function has sent that says so in no argument, and has succeeded at once. */
static inline DWORD extension__sent(const struct operation *operation, BOOL done) {
  return operation != NULL && done ? (DWORD)operation->below.InternalHigh : 0;
}

/* Opens an extension function on socket `s`: `function` is the lower one, `operation` NULL where
 * the call is not overlapped, `block` what to pass down. */
#define EXTENSION_ENTER(type, id, routine, failure)                          \
  extension_fn found = NULL;                                                 \
  struct socket_record *record = extension__enter(s, &(id), &found);         \
  if (record == NULL) return failure;                                        \
  type function = (type)found;                                               \
  struct operation *operation;                                               \
  if (!extension__begin(record, lpOverlapped, routine, &operation))          \
    return pass_leave(record, failure);                                      \
  LPOVERLAPPED block = operation == NULL ? lpOverlapped : &operation->below; \
  SOCKET below = record->lower

static INT PASCAL extension__recv_msg(SOCKET s, LPWSAMSG lpMsg, LPDWORD lpdwNumberOfBytesRecvd,
                                      LPWSAOVERLAPPED lpOverlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  EXTENSION_ENTER(LPFN_WSARECVMSG, extension_recv_msg, lpCompletionRoutine, SOCKET_ERROR);
  DWORD count = 0;
  int failed = operation == NULL
                   ? function(below, lpMsg, lpdwNumberOfBytesRecvd, block, lpCompletionRoutine)
                   : function(below, lpMsg, &count, block, NULL);
  return pass_leave(record, extension__started(operation, !failed, count, lpdwNumberOfBytesRecvd)
                                ? 0
                                : SOCKET_ERROR);
}

static INT PASCAL extension__send_msg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
                                      LPDWORD lpNumberOfBytesSent, LPWSAOVERLAPPED lpOverlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  EXTENSION_ENTER(LPFN_WSASENDMSG, extension_send_msg, lpCompletionRoutine, SOCKET_ERROR);
  DWORD count = 0;
  int failed = operation == NULL ? function(below, lpMsg, dwFlags, lpNumberOfBytesSent, block,
                                            lpCompletionRoutine)
                                 : function(below, lpMsg, dwFlags, &count, block, NULL);
  return pass_leave(record, extension__started(operation, !failed, count, lpNumberOfBytesSent)
                                ? 0
                                : SOCKET_ERROR);
}

static BOOL PASCAL extension__disconnect(SOCKET s, LPOVERLAPPED lpOverlapped, DWORD dwFlags,
                                         DWORD dwReserved) {
  EXTENSION_ENTER(LPFN_DISCONNECTEX, extension_disconnect, NULL, FALSE);
  BOOL done = function(below, block, dwFlags, dwReserved);
  return pass_leave(record, extension__started(operation, done, 0, NULL));
}

static BOOL PASCAL extension__transmit_file(SOCKET s, HANDLE hFile, DWORD nNumberOfBytesToWrite,
                                            DWORD nNumberOfBytesPerSend, LPOVERLAPPED lpOverlapped,
                                            LPTRANSMIT_FILE_BUFFERS lpTransmitBuffers,
                                            DWORD dwFlags) {
  EXTENSION_ENTER(LPFN_TRANSMITFILE, extension_transmit_file, NULL, FALSE);
  if (operation != NULL) { /* where in the file to begin */
    block->Offset = lpOverlapped->Offset;
    block->OffsetHigh = lpOverlapped->OffsetHigh;
  }
  BOOL done = function(below, hFile, nNumberOfBytesToWrite, nNumberOfBytesPerSend, block,
                       lpTransmitBuffers, dwFlags);
  DWORD sent = extension__sent(operation, done);
  return pass_leave(record, extension__started(operation, done, sent, NULL));
}

static BOOL PASCAL extension__transmit_packets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT lpPacketArray,
                                               DWORD nElementCount, DWORD nSendSize,
                                               LPOVERLAPPED lpOverlapped, DWORD dwFlags) {
  EXTENSION_ENTER(LPFN_TRANSMITPACKETS, extension_transmit_packets, NULL, FALSE);
  BOOL done = function(below, lpPacketArray, nElementCount, nSendSize, block, dwFlags);
  DWORD sent = extension__sent(operation, done);
  return pass_leave(record, extension__started(operation, done, sent, NULL));
}

static BOOL PASCAL extension__connect(SOCKET s, const struct sockaddr *name, int namelen,
                                      PVOID lpSendBuffer, DWORD dwSendDataLength,
                                      LPDWORD lpdwBytesSent, LPOVERLAPPED lpOverlapped) {
  EXTENSION_ENTER(LPFN_CONNECTEX, extension_connect, NULL, FALSE);
  DWORD count = 0;
  BOOL done = function(below, name, namelen, lpSendBuffer, dwSendDataLength,
                       operation == NULL ? lpdwBytesSent : &count, block);
  return pass_leave(record, extension__started(operation, done, count, lpdwBytesSent));
}

/* The socket that is accepted into is the application's own: it is exchanged
 * as well, and kept open until the lower function has taken note of it. */
static BOOL PASCAL extension__accept(SOCKET s, SOCKET sAcceptSocket, PVOID lpOutputBuffer,
                                     DWORD dwReceiveDataLength, DWORD dwLocalAddressLength,
                                     DWORD dwRemoteAddressLength, LPDWORD lpdwBytesReceived,
                                     LPOVERLAPPED lpOverlapped) {
  INT error = 0;
  struct socket_record *accepts = pass_enter(sAcceptSocket, &error);
  if (accepts == NULL) {
    WSASetLastError(error);
    return FALSE;
  }
  SOCKET into = accepts->lower;
  sockets_release(accepts);
  EXTENSION_ENTER(LPFN_ACCEPTEX, extension_accept, NULL, FALSE);
  DWORD count = 0;
  BOOL done =
      function(below, into, lpOutputBuffer, dwReceiveDataLength, dwLocalAddressLength,
               dwRemoteAddressLength, operation == NULL ? lpdwBytesReceived : &count, block);
  return pass_leave(record, extension__started(operation, done, count, lpdwBytesReceived));
}

/* Exchanges the pointer the lower provider gave for `id` by ours; 0 when there
 * is none of ours to give. GetAcceptExSockaddrs takes no socket: the lower
 * provider's serves as it is. */
static inline int extension_exchange(const GUID *id, extension_fn *function) {
  static const struct {
    const GUID *id;
    extension_fn function;
  } ours[] = {
      {&extension_recv_msg, (extension_fn)extension__recv_msg},
      {&extension_send_msg, (extension_fn)extension__send_msg},
      {&extension_disconnect, (extension_fn)extension__disconnect},
      {&extension_transmit_file, (extension_fn)extension__transmit_file},
      {&extension_transmit_packets, (extension_fn)extension__transmit_packets},
      {&extension_connect, (extension_fn)extension__connect},
      {&extension_accept, (extension_fn)extension__accept},
  };
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
    if (memcmp(id, ours[i].id, sizeof *id) != 0) continue;
    *function = ours[i].function;
    return 1;
  }
  return memcmp(id, &extension_accept_addresses, sizeof *id) == 0;
}

#endif
