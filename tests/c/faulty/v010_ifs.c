/*
 * v010_ifs.c - breaks V010 with system handles: keeps an overlapped receive to itself.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL)
    return pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                     lpCompletionRoutine, lpThreadId, lpErrno);
  return provider_fail(lpErrno, WSA_IO_PENDING);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPRecv = faulty_recv; \
  } while (0)
#include "ifs_startup.h"
