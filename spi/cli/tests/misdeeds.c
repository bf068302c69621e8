/*
 * misdeeds.c - a hook layer that does one thing wrong: the one that -DMISDEED=... names.
 *
 * The tests of the tool run it to see that each misdeed is found, named and ends the run with the
 * right exit code. Without a misdeed it is a correct layer. Compiled by the tool itself, with
 * lower.h of tests/c on the include path.
 */
#include "lower.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum misdeed {
  NONE,
  NULL_SLOT,
  OLD_VERSION,
  FAILED_START,
  CRASH_AT_START,
  HANG_AT_START,
  CHANGED_BYTE,
  LOST_DATA,
  LOST_DATAGRAM,
  TOO_MANY_SENT,
  CRASH,
  EXIT,
  HANG,
  SOCKET_LEFT_OPEN,
  EVENT_LEFT_OPEN,
  NO_SOCKETS,
  NO_SELECT,
  CRASH_IN_SELECT,
  RAISE_IN_SELECT,
  EXIT_IN_SELECT,
  HANG_IN_SELECT,
  NO_EVENT_SELECT,
  HANG_IN_EVENT_SELECT
};

#ifndef MISDEED
#define MISDEED NONE
#endif

/* The chains of one run stand over one base, whose table is always the same. */
static WSPPROC_TABLE misdeeds__below;
static WSPUPCALLTABLE misdeeds__upcalls;
static atomic_int misdeeds__sends;

/* The send that goes wrong: once, after some traffic has gone through. */
enum { WRONG_SEND = 20 };

static int misdeeds__pass_changed(SOCKET s, LPWSABUF buffer, LPDWORD sent, LPINT error) {
  char *copy = malloc(buffer->len);
  WSABUF changed = {buffer->len, copy};
  if (copy == NULL) {
    *error = WSAENOBUFS;
    return SOCKET_ERROR;
  }
  memcpy(copy, buffer->buf, buffer->len);
  copy[buffer->len - 1] ^= 1;
  int result = misdeeds__below.lpWSPSend(s, &changed, 1, sent, 0, NULL, NULL, NULL, error);
  free(copy);
  return result;
}

static int WSPAPI misdeeds_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  enum misdeed now = NONE;
  if (MISDEED != LOST_DATAGRAM && atomic_fetch_add(&misdeeds__sends, 1) == WRONG_SEND)
    now = MISDEED;
  if (now == CRASH)
    raise(SIGSEGV);
  if (now == EXIT)
    _exit(0);
  if (now == HANG)
    for (;;)
      pause();
  if (now == CHANGED_BYTE)
    return misdeeds__pass_changed(s, lpBuffers, lpNumberOfBytesSent, lpErrno);
  if (now == LOST_DATA) {
    *lpNumberOfBytesSent = lpBuffers->len;
    return 0;
  }
  int result = misdeeds__below.lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                                         lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  if (now == TOO_MANY_SENT && result == 0)
    *lpNumberOfBytesSent += 1;
  return result;
}

static int WSPAPI misdeeds_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                   const struct sockaddr *lpTo, int iTolen,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                   LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (MISDEED == LOST_DATAGRAM && atomic_fetch_add(&misdeeds__sends, 1) == WRONG_SEND) {
    if (lpNumberOfBytesSent != NULL)
      *lpNumberOfBytesSent = lpBuffers->len;
    return 0;
  }
  return misdeeds__below.lpWSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                                     lpTo, iTolen, lpOverlapped, lpCompletionRoutine, lpThreadId,
                                     lpErrno);
}

static SOCKET WSPAPI misdeeds_socket(int af, int type, int protocol,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                     LPINT lpErrno) {
  INT ignored = 0;
  if (MISDEED == NO_SOCKETS) {
    *lpErrno = WSAEMFILE;
    return INVALID_SOCKET;
  }
  if (MISDEED == EVENT_LEFT_OPEN)
    misdeeds__upcalls.lpWPUCreateEvent(&ignored);
  return misdeeds__below.lpWSPSocket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

static int WSPAPI misdeeds_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                  const struct timeval *timeout, LPINT lpErrno) {
  if (MISDEED == NO_SELECT) {
    *lpErrno = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
  }
  if (MISDEED == CRASH_IN_SELECT)
    *(volatile char *)0 = 0;
  if (MISDEED == RAISE_IN_SELECT)
    raise(SIGSEGV);
  if (MISDEED == EXIT_IN_SELECT)
    _exit(0);
  if (MISDEED == HANG_IN_SELECT)
    for (;;)
      pause();
  return misdeeds__below.lpWSPSelect(nfds, readfds, writefds, exceptfds, timeout, lpErrno);
}

static int WSPAPI misdeeds_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                        LPINT lpErrno) {
  if (MISDEED == NO_EVENT_SELECT) {
    *lpErrno = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
  }
  if (MISDEED == HANG_IN_EVENT_SELECT)
    for (;;)
      pause();
  return misdeeds__below.lpWSPEventSelect(s, hEventObject, lNetworkEvents, lpErrno);
}

static int WSPAPI misdeeds_close_socket(SOCKET s, LPINT lpErrno) {
  if (MISDEED == SOCKET_LEFT_OPEN)
    return 0;
  return misdeeds__below.lpWSPCloseSocket(s, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  struct lower lower;
  (void)wVersionRequested;
  if (MISDEED == FAILED_START)
    return WSASYSNOTREADY;
  if (MISDEED == CRASH_AT_START)
    raise(SIGSEGV);
  if (MISDEED == HANG_AT_START)
    for (;;)
      pause();
  int error = lower_start(&lower, MAKEWORD(2, 2), lpProtocolInfo, &UpcallTable, WSCGetProviderPath);
  if (error != 0)
    return error;
  misdeeds__below = lower.procs;
  misdeeds__upcalls = UpcallTable;
  *lpProcTable = lower.procs;
  lpProcTable->lpWSPSend = misdeeds_send;
  lpProcTable->lpWSPSendTo = misdeeds_send_to;
  lpProcTable->lpWSPSocket = misdeeds_socket;
  lpProcTable->lpWSPCloseSocket = misdeeds_close_socket;
  lpProcTable->lpWSPSelect = misdeeds_select;
  lpProcTable->lpWSPEventSelect = misdeeds_event_select;
  if (MISDEED == NULL_SLOT)
    lpProcTable->lpWSPGetQOSByName = NULL;
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = MISDEED == OLD_VERSION ? MAKEWORD(1, 1) : MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  return 0;
}
