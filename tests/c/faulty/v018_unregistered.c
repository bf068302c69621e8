/*
 * v018_unregistered.c - breaks V018: returns a number of its own for datagram sockets.
 */
#include "../ifs_handles.h"

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  if (type == SOCK_DGRAM) return 0x7ffc;
  return pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "ifs_startup.h"
