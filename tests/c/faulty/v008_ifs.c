/*
 * v008_ifs.c - breaks V008 with system handles: fails an overlapped send that the provider below
 * has taken.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  int result = pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, lpErrno);
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL) return result;
  return provider_fail(lpErrno, WSAENETDOWN);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPSend = faulty_send; \
  } while (0)
#include "ifs_startup.h"
