/*
 * v017_cleanup_closes.c - breaks V017: closes all sockets in each WSPCleanup.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_cleanup(LPINT lpErrno) {
  sockets_close_all();
  return chains_cleanup(lpErrno, NULL);
}

#define FAULTY(table)                      \
  do {                                     \
    (table).lpWSPCleanup = faulty_cleanup; \
  } while (0)
#include "ifs_startup.h"
