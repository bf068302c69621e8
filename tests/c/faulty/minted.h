/*
 * minted.h - a correct non-IFS layer for others to break: handles of its own,
 * overlapped operations of its own, and no extension functions.
 *
 * Used by the faulty layers whose mistake needs minted handles.
 */
#ifndef MINTED_H
#define MINTED_H

#include "../nonifs_handles.h"
#include "../overlapped.h"

/* A layer may refuse extension functions; programs do without. */
static int WSPAPI minted_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                               DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                               LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (dwIoControlCode == SIO_GET_EXTENSION_FUNCTION_POINTER)
    return provider_fail(lpErrno, WSAEINVAL);
  return overlapped_ioctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                          lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId,
                          lpErrno);
}

static int WSPAPI minted_cleanup(LPINT lpErrno) {
  int result = chains_cleanup(lpErrno, NULL);
  if (result == 0 && chains_are_gone()) {
    operations_stop();
    sockets_free_memory();
  }
  return result;
}

static inline WSPPROC_TABLE minted_table(void) {
  WSPPROC_TABLE table = pass_table();
  table.lpWSPCleanup = minted_cleanup;
  table.lpWSPGetOverlappedResult = overlapped_get_result;
  table.lpWSPIoctl = minted_ioctl;
  table.lpWSPRecv = overlapped_recv;
  table.lpWSPRecvFrom = overlapped_recv_from;
  table.lpWSPSend = overlapped_send;
  table.lpWSPSendTo = overlapped_send_to;
  return table;
}

#endif
