/*
 * v007_pending_and_done.c - breaks V007: says WSA_IO_PENDING in a WSPShutdown that succeeds.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_shutdown(SOCKET s, int how, LPINT lpErrno) {
  int result = pass_shutdown(s, how, lpErrno);
  if (result == 0) *lpErrno = WSA_IO_PENDING;
  return result;
}

#define FAULTY(table)                        \
  do {                                       \
    (table).lpWSPShutdown = faulty_shutdown; \
  } while (0)
#include "ifs_startup.h"
