/*
 * v009_twice.c - breaks V009: completes an overlapped send twice.
 */
#include "minted.h"

static int WSPAPI faulty_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT ignored = 0;
  DWORD sent = 0;
  if (lpOverlapped == NULL || lpCompletionRoutine != NULL)
    return overlapped_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                           lpCompletionRoutine, lpThreadId, lpErrno);
  int result = pass_send(s, lpBuffers, dwBufferCount, &sent, dwFlags, NULL, NULL, NULL, lpErrno);
  if (result != 0) return result;
  WPUCompleteOverlappedRequest(s, lpOverlapped, 0, sent, &ignored);
  WPUCompleteOverlappedRequest(s, lpOverlapped, 0, sent, &ignored);
  if (lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = sent;
  return 0;
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPSend = faulty_send; \
  } while (0)
#include "minted_startup.h"
