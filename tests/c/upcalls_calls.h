/*
 * upcalls_calls.h - checks that call Winsock as an application in C does: with
 * handles that are no sockets, and to duplicate a socket.
 */
#ifndef UPCALLS_CALLS_H
#define UPCALLS_CALLS_H

#include "upcalls_checks.h"

/* A socket function failed for want of a socket. */
#define EXPECT_NO_SOCKET(call, failure)       \
  do {                                        \
    WSASetLastError(0);                       \
    EXPECT((call) == (failure));              \
    EXPECT(WSAGetLastError() == WSAENOTSOCK); \
  } while (0)

/* Names, options, states: what takes neither data nor time. */
static const char *upcalls__expect_no_state(SOCKET s) {
  struct sockaddr_in name = {.sin_family = AF_INET};
  struct sockaddr *any = (struct sockaddr *)&name;
  int length = sizeof name, option = 0, option_length = sizeof option;
  u_long on = 1, word = 0;
  u_short half = 0;
  DWORD returned = 0;
  EXPECT_NO_SOCKET(bind(s, any, length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(listen(s, 1), SOCKET_ERROR);
  EXPECT_NO_SOCKET(accept(s, any, &length), INVALID_SOCKET);
  EXPECT_NO_SOCKET(WSAAccept(s, any, &length, NULL, 0), INVALID_SOCKET);
  EXPECT_NO_SOCKET(connect(s, any, length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAConnect(s, any, length, NULL, NULL, NULL, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAJoinLeaf(s, any, length, NULL, NULL, NULL, NULL, JL_BOTH), INVALID_SOCKET);
  EXPECT_NO_SOCKET(shutdown(s, SD_BOTH), SOCKET_ERROR);
  EXPECT_NO_SOCKET(getpeername(s, any, &length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(getsockname(s, any, &length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&option, &option_length),
                   SOCKET_ERROR);
  EXPECT_NO_SOCKET(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&option, sizeof option),
                   SOCKET_ERROR);
  EXPECT_NO_SOCKET(ioctlsocket(s, FIONBIO, &on), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAIoctl(s, FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL, NULL),
                   SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAHtonl(s, 1, &word), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSANtohl(s, 1, &word), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAHtons(s, 1, &half), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSANtohs(s, 1, &half), SOCKET_ERROR);
  return NULL;
}

/* Data, and what waits for it. */
static const char *upcalls__expect_no_data(SOCKET s) {
  struct sockaddr_in name = {.sin_family = AF_INET};
  struct sockaddr *any = (struct sockaddr *)&name;
  char bytes[4] = "abc";
  WSABUF buffer = {sizeof bytes, bytes};
  WSAOVERLAPPED overlapped = {0, 0, {{0, 0}}, NULL};
  WSANETWORKEVENTS events;
  struct timeval none = {0, 0};
  int length = sizeof name;
  DWORD moved = 0, flags = 0;
  QOS qos;
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s, &set);
  EXPECT_NO_SOCKET(send(s, bytes, sizeof bytes, 0), SOCKET_ERROR);
  EXPECT_NO_SOCKET(recv(s, bytes, sizeof bytes, 0), SOCKET_ERROR);
  EXPECT_NO_SOCKET(sendto(s, bytes, sizeof bytes, 0, any, length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(recvfrom(s, bytes, sizeof bytes, 0, any, &length), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSASend(s, &buffer, 1, &moved, 0, NULL, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSARecv(s, &buffer, 1, &moved, &flags, NULL, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSASend(s, &buffer, 1, &moved, 0, &overlapped, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSARecv(s, &buffer, 1, &moved, &flags, &overlapped, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSASendTo(s, &buffer, 1, &moved, 0, any, length, NULL, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSARecvFrom(s, &buffer, 1, &moved, &flags, any, &length, NULL, NULL),
                   SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSASendDisconnect(s, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSARecvDisconnect(s, NULL), SOCKET_ERROR);
  EXPECT_NO_SOCKET(select(0, &set, NULL, NULL, &none), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAEventSelect(s, NULL, 0), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAAsyncSelect(s, NULL, 0, 0), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAEnumNetworkEvents(s, NULL, &events), SOCKET_ERROR);
  EXPECT_NO_SOCKET(WSAGetOverlappedResult(s, &overlapped, &moved, FALSE, &flags), FALSE);
  EXPECT_NO_SOCKET(WSAGetQOSByName(s, &buffer, &qos), FALSE);
  return NULL;
}

/* Every function of a socket says that this handle is none. */
static const char *upcalls_expect_no_socket(SOCKET s) {
  WSAPROTOCOL_INFOW info;
  const char *wrong = upcalls__expect_no_state(s);
  if (wrong == NULL) wrong = upcalls__expect_no_data(s);
  if (wrong != NULL) return wrong;
  EXPECT_NO_SOCKET(WSADuplicateSocketW(s, GetCurrentProcessId(), &info), SOCKET_ERROR);
  EXPECT_NO_SOCKET(closesocket(s), SOCKET_ERROR);
  return NULL;
}

/* Closed sockets, handles of other kinds, numbers that were never handles: no
 * provider hears of them, and what they do name stays open. */
UPCALLS_CHECK(what_is_no_socket_is_told) {
  INT error = 0;
  SOCKET own = upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, 1, &error);
  SOCKET system = upcalls_system_socket();
  WSAEVENT event = upcalls_table.lpWPUCreateEvent(&error);
  WSAEVENT closed = upcalls_table.lpWPUCreateEvent(&error);
  EXPECT(closesocket(own) == 0 && closesocket(system) == 0);
  EXPECT(upcalls_table.lpWPUCloseEvent(closed, &error));
  EXPECT(upcalls_table.lpWPUSetEvent(event, &error));
  SOCKET none[] = {
      own, system,    (SOCKET)event, (SOCKET)closed, own + ((SOCKET)1 << 30), 0, INVALID_SOCKET,
      4,   0x7ffffffc};
  int calls = atomic_load(&upcalls_calls[SLOT_LISTEN]) + atomic_load(&upcalls_calls[SLOT_SEND]) +
              atomic_load(&upcalls_calls[SLOT_CLOSE_SOCKET]);
  for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
    const char *wrong = upcalls_expect_no_socket(none[i]);
    if (wrong != NULL) return wrong;
  }
  EXPECT(calls == atomic_load(&upcalls_calls[SLOT_LISTEN]) +
                      atomic_load(&upcalls_calls[SLOT_SEND]) +
                      atomic_load(&upcalls_calls[SLOT_CLOSE_SOCKET]));
  EXPECT(upcalls_is_signalled(event));
  EXPECT(upcalls_table.lpWPUCloseEvent(event, &error));
  return NULL;
}

/* --- duplicates ------------------------------------------------------------- */

UPCALLS_CHECK(duplication_looks_at_the_socket_first) {
  WSAPROTOCOL_INFOW info;
  DWORD self = GetCurrentProcessId(), nobody = 0xfffffffc;
  SOCKET s = upcalls_system_socket();
  EXPECT(WSADuplicateSocketW(INVALID_SOCKET, nobody, NULL) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == WSAENOTSOCK);
  EXPECT(WSADuplicateSocketW(s, nobody, NULL) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == WSAEINVAL);
  EXPECT(WSADuplicateSocketW(s, 0, &info) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == WSAEINVAL);
  EXPECT(WSADuplicateSocketW(s, self, NULL) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == WSAEFAULT);
  EXPECT(WSADuplicateSocketW(s, self, &info) == 0);
  EXPECT(closesocket(s) == 0);
  EXPECT(WSADuplicateSocketW(s, nobody, NULL) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == WSAENOTSOCK);
  return NULL;
}

static SOCKET upcalls__socket_from(WSAPROTOCOL_INFOW *info) {
  return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0, 0);
}

/* The duplicate is the socket: bound as it was, and alive when it is closed. */
UPCALLS_CHECK(an_info_makes_one_duplicate) {
  WSAPROTOCOL_INFOW info;
  struct sockaddr_in name = {.sin_family = AF_INET}, again;
  int length = sizeof name;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SOCKET s = upcalls_system_socket();
  EXPECT(bind(s, (struct sockaddr *)&name, sizeof name) == 0);
  EXPECT(getsockname(s, (struct sockaddr *)&name, &length) == 0);
  EXPECT(WSADuplicateSocketW(s, GetCurrentProcessId(), &info) == 0);
  SOCKET twin = upcalls__socket_from(&info);
  EXPECT(twin != INVALID_SOCKET && twin != s);
  EXPECT(upcalls__socket_from(&info) == INVALID_SOCKET && WSAGetLastError() == WSAEINVAL);
  EXPECT(closesocket(s) == 0);
  memset(&again, 0, sizeof again);
  length = sizeof again;
  EXPECT(getsockname(twin, (struct sockaddr *)&again, &length) == 0);
  EXPECT(again.sin_port == name.sin_port && again.sin_port != 0);
  EXPECT(listen(twin, 1) == 0);
  EXPECT(closesocket(twin) == 0);
  return NULL;
}

#endif
