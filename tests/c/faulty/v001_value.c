/*
 * v001_value.c - breaks V001: returns 7 from WSPShutdown.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_shutdown(SOCKET s, int how, LPINT lpErrno) {
  int result = pass_shutdown(s, how, lpErrno);
  return result == 0 ? 7 : result;
}

#define FAULTY(table)                        \
  do {                                       \
    (table).lpWSPShutdown = faulty_shutdown; \
  } while (0)
#include "ifs_startup.h"
