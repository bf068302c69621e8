/*
 * v006_pending_alone.c - breaks V006: answers WSA_IO_PENDING to somebody who only peeks.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (lpOverlapped == NULL && lpFlags != NULL && (*lpFlags & MSG_PEEK) != 0)
    return provider_fail(lpErrno, WSA_IO_PENDING);
  return pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                   lpCompletionRoutine, lpThreadId, lpErrno);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPRecv = faulty_recv; \
  } while (0)
#include "ifs_startup.h"
