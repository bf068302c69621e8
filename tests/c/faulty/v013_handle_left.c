/*
 * v013_handle_left.c - breaks V013: mints a handle that nobody asked for, and forgets it.
 */
#include "minted.h"

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  INT ignored = 0;
  SOCKET s = pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
  if (s != INVALID_SOCKET)
    chains_upcalls.lpWPUCreateSocketHandle(lpProtocolInfo->dwCatalogEntryId, 0, &ignored);
  return s;
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "minted_startup.h"
