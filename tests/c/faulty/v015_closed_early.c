/*
 * v015_closed_early.c - breaks V015: gives the handle back before it has told the ends of its
 * receives.
 */
#include "minted.h"

enum { FAULTY_MOST = 8 };

/* The receives of the one socket that the test has them on. */
static LPWSAOVERLAPPED faulty__pending[FAULTY_MOST];
static unsigned faulty__count;
static SOCKET faulty__pending_on = INVALID_SOCKET;

static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL || faulty__count == FAULTY_MOST)
    return overlapped_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                           lpCompletionRoutine, lpThreadId, lpErrno);
  lpOverlapped->Internal = WSS_OPERATION_IN_PROGRESS;
  faulty__pending[faulty__count++] = lpOverlapped;
  faulty__pending_on = s;
  return provider_fail(lpErrno, WSA_IO_PENDING);
}

static int WSPAPI faulty_close_socket(SOCKET s, LPINT lpErrno) {
  INT ignored = 0;
  struct socket_record *record = s == faulty__pending_on ? pass_enter(s, lpErrno) : NULL;
  if (record == NULL) return pass_close_socket(s, lpErrno);
  faulty__pending_on = INVALID_SOCKET;
  int result = sockets_close(record, lpErrno);
  chains_upcalls.lpWPUCloseSocketHandle(s, &ignored);
  atomic_store(&record->handle, INVALID_SOCKET);
  while (faulty__count > 0)
    WPUCompleteOverlappedRequest(s, faulty__pending[--faulty__count], WSA_OPERATION_ABORTED, 0,
                                 &ignored);
  return pass_leave(record, result);
}

#define FAULTY(table)                               \
  do {                                              \
    (table).lpWSPRecv = faulty_recv;                \
    (table).lpWSPCloseSocket = faulty_close_socket; \
  } while (0)
#include "minted_startup.h"
