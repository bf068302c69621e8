/*
 * v010_never.c - breaks V010: forgets an overlapped receive.
 */
#include "minted.h"

static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL)
    return overlapped_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                           lpCompletionRoutine, lpThreadId, lpErrno);
  lpOverlapped->Internal = WSS_OPERATION_IN_PROGRESS;
  return provider_fail(lpErrno, WSA_IO_PENDING);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPRecv = faulty_recv; \
  } while (0)
#include "minted_startup.h"
