/*
 * v004_code_on_success.c - breaks V004: stores NO_ERROR after a WSPShutdown.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_shutdown(SOCKET s, int how, LPINT lpErrno) {
  int result = pass_shutdown(s, how, lpErrno);
  if (result == 0) *lpErrno = NO_ERROR;
  return result;
}

#define FAULTY(table)                        \
  do {                                       \
    (table).lpWSPShutdown = faulty_shutdown; \
  } while (0)
#include "ifs_startup.h"
