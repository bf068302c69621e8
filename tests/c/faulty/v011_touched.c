/*
 * v011_touched.c - breaks V011: stores the flags of a send after its completion.
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
  lpOverlapped->Offset = lpOverlapped->OffsetHigh = 0;
  WPUCompleteOverlappedRequest(s, lpOverlapped, 0, sent, &ignored);
  lpOverlapped->Offset = 7;
  if (lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = sent;
  return 0;
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPSend = faulty_send; \
  } while (0)
#include "minted_startup.h"
