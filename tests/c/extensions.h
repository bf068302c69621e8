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
 * Used by layer_nonifs.c. The functions for overlapped use only (AcceptEx,
 * ConnectEx, TransmitPackets) need the completion protocol of a non-IFS layer,
 * which the synchronous layer does not have.
 */
#ifndef EXTENSIONS_H
#define EXTENSIONS_H

#include <mswsock.h>

#include "pass_through.h"

static const GUID extension_recv_msg = {
    0xf689d7c8, 0x6f1f, 0x436b, {0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22}};
static const GUID extension_send_msg = {
    0xa441e712, 0x754f, 0x43ca, {0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d}};
static const GUID extension_disconnect = {
    0x7fda2e11, 0x8630, 0x436f, {0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57}};
static const GUID extension_transmit_file = {
    0xb5367df0, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
static const GUID extension_accept_addresses = {
    0xb5367df2, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};

typedef INT(PASCAL *extension_recv_msg_fn)(SOCKET, LPWSAMSG, LPDWORD, LPWSAOVERLAPPED,
                                           LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef INT(PASCAL *extension_send_msg_fn)(SOCKET, LPWSAMSG, DWORD, LPDWORD, LPWSAOVERLAPPED,
                                           LPWSAOVERLAPPED_COMPLETION_ROUTINE);
typedef BOOL(PASCAL *extension_disconnect_fn)(SOCKET, LPOVERLAPPED, DWORD, DWORD);
typedef BOOL(PASCAL *extension_transmit_file_fn)(SOCKET, HANDLE, DWORD, DWORD, LPOVERLAPPED,
                                                 LPTRANSMIT_FILE_BUFFERS, DWORD);
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

static INT PASCAL extension__recv_msg(SOCKET s, LPWSAMSG message, LPDWORD received,
                                      LPWSAOVERLAPPED overlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  extension_fn function = NULL;
  struct socket_record *record = extension__enter(s, &extension_recv_msg, &function);
  if (record == NULL) return SOCKET_ERROR;
  return pass_leave(record, ((extension_recv_msg_fn)function)(record->lower, message, received,
                                                              overlapped, routine));
}

static INT PASCAL extension__send_msg(SOCKET s, LPWSAMSG message, DWORD flags, LPDWORD sent,
                                      LPWSAOVERLAPPED overlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  extension_fn function = NULL;
  struct socket_record *record = extension__enter(s, &extension_send_msg, &function);
  if (record == NULL) return SOCKET_ERROR;
  return pass_leave(record, ((extension_send_msg_fn)function)(record->lower, message, flags, sent,
                                                              overlapped, routine));
}

static BOOL PASCAL extension__disconnect(SOCKET s, LPOVERLAPPED overlapped, DWORD flags,
                                         DWORD reserved) {
  extension_fn function = NULL;
  struct socket_record *record = extension__enter(s, &extension_disconnect, &function);
  if (record == NULL) return FALSE;
  return pass_leave(
      record, ((extension_disconnect_fn)function)(record->lower, overlapped, flags, reserved));
}

static BOOL PASCAL extension__transmit_file(SOCKET s, HANDLE file, DWORD length, DWORD per_send,
                                            LPOVERLAPPED overlapped,
                                            LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags) {
  extension_fn function = NULL;
  struct socket_record *record = extension__enter(s, &extension_transmit_file, &function);
  if (record == NULL) return FALSE;
  return pass_leave(record, ((extension_transmit_file_fn)function)(
                                record->lower, file, length, per_send, overlapped, buffers, flags));
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
  };
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
    if (memcmp(id, ours[i].id, sizeof *id) != 0) continue;
    *function = ours[i].function;
    return 1;
  }
  return memcmp(id, &extension_accept_addresses, sizeof *id) == 0;
}

#endif
