/*
 * v030_event_closed.c - breaks V030: closes an event twice.
 */
#include "../ifs_handles.h"

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  INT ignored = 0;
  WSAEVENT event = chains_upcalls.lpWPUCreateEvent(&ignored);
  chains_upcalls.lpWPUCloseEvent(event, &ignored);
  chains_upcalls.lpWPUCloseEvent(event, &ignored);
  return pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSocket = faulty_socket; \
  } while (0)
#include "ifs_startup.h"
