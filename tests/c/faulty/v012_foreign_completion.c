/*
 * v012_foreign_completion.c - breaks V012: completes a send on the handle below before it does on
 * the right one.
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
  struct socket_record *record = pass_enter(s, lpErrno);
  if (record == NULL) return SOCKET_ERROR;
  int result = pass_send(s, lpBuffers, dwBufferCount, &sent, dwFlags, NULL, NULL, NULL, lpErrno);
  if (result == 0) {
    lpOverlapped->Offset = lpOverlapped->OffsetHigh = 0;
    WPUCompleteOverlappedRequest(record->lower, lpOverlapped, 0, sent, &ignored);
    WPUCompleteOverlappedRequest(s, lpOverlapped, 0, sent, &ignored);
  }
  if (result == 0 && lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = sent;
  return pass_leave(record, result);
}

#define FAULTY(table)                \
  do {                               \
    (table).lpWSPSend = faulty_send; \
  } while (0)
#include "minted_startup.h"
