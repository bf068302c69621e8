/*
 * v031_thread_left.c - breaks V031: opens the current thread for each socket and forgets it.
 */
#include "../ifs_handles.h"

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  INT ignored = 0;
  WSATHREADID thread;
  chains_upcalls.lpWPUOpenCurrentThread(&thread, &ignored);
  return pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "ifs_startup.h"
