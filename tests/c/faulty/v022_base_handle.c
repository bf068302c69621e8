/*
 * v022_base_handle.c - breaks V022: does not know SIO_BASE_HANDLE.
 */
#include "../ifs_handles.h"

#include <mswsock.h>

static int WSPAPI faulty_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                               DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                               LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (dwIoControlCode == SIO_BASE_HANDLE) return provider_fail(lpErrno, WSAEOPNOTSUPP);
  return pass_ioctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                    lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}

#define FAULTY(table)                  \
  do {                                 \
    (table).lpWSPIoctl = faulty_ioctl; \
  } while (0)
#include "ifs_startup.h"
