/*
 * v014_lower_left.c - breaks V014: opens a socket below that nobody asked for, and forgets it.
 */
#include "../ifs_handles.h"

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  struct chain *chain = chains_find(lpProtocolInfo, lpErrno);
  INT ignored = 0;
  if (chain == NULL) return INVALID_SOCKET;
  WSAPROTOCOL_INFOW info = chain->lower.info;
  chain->lower.procs.lpWSPSocket(af, type, protocol, &info, g, dwFlags, &ignored);
  chain_release(chain);
  return pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "ifs_startup.h"
