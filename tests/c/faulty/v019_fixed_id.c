/*
 * v019_fixed_id.c - breaks V019: registers all sockets under the entry of the first one.
 */
#include "../ifs_handles.h"

static _Atomic(DWORD) faulty__id;

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  SOCKET s = pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
  DWORD none = 0;
  atomic_compare_exchange_strong(&faulty__id, &none, lpProtocolInfo->dwCatalogEntryId);
  return s == INVALID_SOCKET
             ? s
             : chains_upcalls.lpWPUModifyIFSHandle(atomic_load(&faulty__id), s, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "ifs_startup.h"
