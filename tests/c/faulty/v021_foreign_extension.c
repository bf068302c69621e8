/*
 * v021_foreign_extension.c - breaks V021: hands out the extension functions of the provider below.
 */
#include "minted.h"

static int WSPAPI faulty_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                               DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                               LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return overlapped_ioctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                          lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId,
                          lpErrno);
}

#define FAULTY(table)                  \
  do {                                 \
    (table).lpWSPIoctl = faulty_ioctl; \
  } while (0)
#include "minted_startup.h"
