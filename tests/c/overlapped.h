/*
 * overlapped.h - the entries of a non-IFS layer that may be overlapped.
 *
 * Without an OVERLAPPED, or on a socket that is not for overlapped use, they
 * pass the call on like all others. Otherwise the lower call is made as an
 * operation (operations.h), and what it answered is the answer. The buffers and
 * the place for the sender's address stay the application's until the end; the
 * WSABUF array, the counts and the flags only live for the call, and the lower
 * provider copies what it needs of them.
 *
 * Used by layer_nonifs.c.
 */
#ifndef OVERLAPPED_H
#define OVERLAPPED_H

#include "operations.h"

/* Opens an overlapped entry: `operation` is NULL where the call is synchronous. */
#define OVERLAPPED_ENTER(failure)                                                                \
  PASS_ENTER(failure);                                                                           \
  struct operation *operation = NULL;                                                            \
  if (operation_applies(record, lpOverlapped)) {                                                 \
    operation = operation_begin(record, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno); \
    if (operation == NULL) return pass_leave(record, failure);                                   \
  }                                                                                              \
  INT error = 0

static int WSPAPI overlapped_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                  LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                  LPWSAOVERLAPPED lpOverlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED_ENTER(SOCKET_ERROR);
  if (operation == NULL)
    return pass_leave(
        record, lower->lpWSPRecv(below, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
                                 lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
  DWORD count = 0, flags = lpFlags == NULL ? 0 : *lpFlags;
  int result =
      lower->lpWSPRecv(below, lpBuffers, dwBufferCount, &count, lpFlags == NULL ? NULL : &flags,
                       &operation->below, NULL, NULL, &error);
  int moved = result == 0 || error == WSAEMSGSIZE;
  if (moved && lpFlags != NULL) *lpFlags = flags;
  if (moved && lpNumberOfBytesRecvd != NULL) *lpNumberOfBytesRecvd = count;
  return pass_leave(record, operation_started(operation, result, error, count, flags, lpErrno));
}

static int WSPAPI overlapped_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                       struct sockaddr *lpFrom, LPINT lpFromlen,
                                       LPWSAOVERLAPPED lpOverlapped,
                                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                       LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED_ENTER(SOCKET_ERROR);
  if (operation == NULL)
    return pass_leave(
        record,
        lower->lpWSPRecvFrom(below, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
                             lpFromlen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
  DWORD count = 0, flags = lpFlags == NULL ? 0 : *lpFlags;
  int result =
      lower->lpWSPRecvFrom(below, lpBuffers, dwBufferCount, &count, lpFlags == NULL ? NULL : &flags,
                           lpFrom, lpFromlen, &operation->below, NULL, NULL, &error);
  int moved = result == 0 || error == WSAEMSGSIZE;
  if (moved && lpFlags != NULL) *lpFlags = flags;
  if (moved && lpNumberOfBytesRecvd != NULL) *lpNumberOfBytesRecvd = count;
  return pass_leave(record, operation_started(operation, result, error, count, flags, lpErrno));
}

static int WSPAPI overlapped_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                  LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                  LPWSAOVERLAPPED lpOverlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED_ENTER(SOCKET_ERROR);
  if (operation == NULL)
    return pass_leave(
        record, lower->lpWSPSend(below, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                                 lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
  DWORD count = 0;
  int result = lower->lpWSPSend(below, lpBuffers, dwBufferCount, &count, dwFlags, &operation->below,
                                NULL, NULL, &error);
  if (result == 0 && lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = count;
  return pass_leave(record, operation_started(operation, result, error, count, 0, lpErrno));
}

static int WSPAPI overlapped_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                     const struct sockaddr *lpTo, int iTolen,
                                     LPWSAOVERLAPPED lpOverlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                     LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED_ENTER(SOCKET_ERROR);
  if (operation == NULL)
    return pass_leave(
        record,
        lower->lpWSPSendTo(below, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpTo,
                           iTolen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
  DWORD count = 0;
  int result = lower->lpWSPSendTo(below, lpBuffers, dwBufferCount, &count, dwFlags, lpTo, iTolen,
                                  &operation->below, NULL, NULL, &error);
  if (result == 0 && lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = count;
  return pass_leave(record, operation_started(operation, result, error, count, 0, lpErrno));
}

static int WSPAPI overlapped_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                                   DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                   LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                   LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED_ENTER(SOCKET_ERROR);
  if (operation == NULL)
    return pass_leave(
        record, lower->lpWSPIoctl(below, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
                                  cbOutBuffer, lpcbBytesReturned, lpOverlapped, lpCompletionRoutine,
                                  lpThreadId, lpErrno));
  DWORD count = 0;
  int result = lower->lpWSPIoctl(below, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
                                 cbOutBuffer, &count, &operation->below, NULL, NULL, &error);
  if (result == 0 && lpcbBytesReturned != NULL) *lpcbBytesReturned = count;
  return pass_leave(record, operation_started(operation, result, error, count, 0, lpErrno));
}

/* The result is in the application's own block, where operation__tell put it. */
static BOOL WSPAPI overlapped_get_result(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                         LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags,
                                         LPINT lpErrno) {
  PASS_ENTER(FALSE);
  unsigned how = atomic_load_explicit(&record->completion, memory_order_acquire);
  if (how != COMPLETION_PORT)
    return pass_leave(record, lower->lpWSPGetOverlappedResult(below, lpOverlapped, lpcbTransfer,
                                                              fWait, lpdwFlags, lpErrno));
  if (lpOverlapped == NULL || lpcbTransfer == NULL || lpdwFlags == NULL) {
    provider_fail(lpErrno, WSAEFAULT);
    return pass_leave(record, FALSE);
  }
  if (fWait && operation_is_pending(lpOverlapped) && !operation_wait(lpOverlapped, lpErrno)) {
    provider_fail(lpErrno, WSA_INVALID_HANDLE);
    return pass_leave(record, FALSE);
  }
  if (operation_is_pending(lpOverlapped)) {
    provider_fail(lpErrno, WSA_IO_INCOMPLETE);
    return pass_leave(record, FALSE);
  }
  *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
  if (lpOverlapped->OffsetHigh != 0) {
    // The flags stay as they were, as on Windows.
    provider_fail(lpErrno, (int)lpOverlapped->OffsetHigh);
    return pass_leave(record, FALSE);
  }
  *lpdwFlags = lpOverlapped->Offset;
  return pass_leave(record, TRUE);
}

#endif
