/*
 * v008_failed_and_done.c - breaks V008: completes the overlapped send that it fails.
 */
#include "minted.h"

static int WSPAPI faulty_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT ignored = 0;
  if (lpOverlapped == NULL)
    return overlapped_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                           lpCompletionRoutine, lpThreadId, lpErrno);
  WPUCompleteOverlappedRequest(s, lpOverlapped, WSAENETDOWN, 0, &ignored);
  return provider_fail(lpErrno, WSAENETDOWN);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPSend = faulty_send; \
  } while (0)
#include "minted_startup.h"
