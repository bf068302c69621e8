/*
 * v015_ifs.c - breaks V015 with system handles: closes the socket before it passes on the receives
 * that it has taken.
 */
#include "../ifs_handles.h"

enum { FAULTY_MOST = 8 };

struct faulty_receive {
  struct socket_record *record;
  WSABUF buffer;
  LPWSAOVERLAPPED overlapped;
};

/* The receives of the one socket that the test has them on. */
static struct faulty_receive faulty__receives[FAULTY_MOST];
static unsigned faulty__count;
static SOCKET faulty__socket = INVALID_SOCKET;

static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL || dwBufferCount != 1 ||
      faulty__count == FAULTY_MOST)
    return pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                     lpCompletionRoutine, lpThreadId, lpErrno);
  struct socket_record *record = pass_enter(s, lpErrno);
  if (record == NULL) return SOCKET_ERROR;
  faulty__receives[faulty__count++] = (struct faulty_receive){record, lpBuffers[0], lpOverlapped};
  faulty__socket = s;
  return provider_fail(lpErrno, WSA_IO_PENDING);
}

static int WSPAPI faulty_close_socket(SOCKET s, LPINT lpErrno) {
  int result = pass_close_socket(s, lpErrno);
  if (s != faulty__socket) return result;
  faulty__socket = INVALID_SOCKET;
  while (faulty__count > 0) {
    struct faulty_receive *receive = &faulty__receives[--faulty__count];
    DWORD received = 0, flags = 0;
    INT ignored = 0;
    receive->record->chain->lower.procs.lpWSPRecv(receive->record->lower, &receive->buffer, 1,
                                                  &received, &flags, receive->overlapped, NULL,
                                                  NULL, &ignored);
    sockets_release(receive->record);
  }
  return result;
}

#define FAULTY(table)                               \
  do {                                              \
    (table).lpWSPRecv = faulty_recv;                \
    (table).lpWSPCloseSocket = faulty_close_socket; \
  } while (0)
#include "ifs_startup.h"
