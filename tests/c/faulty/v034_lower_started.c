/*
 * v034_lower_started.c - breaks V034: leaves the provider below started.
 */
#include "../ifs_handles.h"

static atomic_uint faulty__cleanups;

static unsigned faulty__starts(void) {
  provider_lock_take(&chains_lock);
  unsigned starts = chains_startups;
  provider_lock_drop(&chains_lock);
  return starts;
}

static int WSPAPI faulty_cleanup(LPINT lpErrno) {
  (void)lpErrno;
  if (atomic_fetch_add(&faulty__cleanups, 1) + 1 < faulty__starts()) return 0;
  sockets_close_all();
  return 0;
}

#define FAULTY(table)                      \
  do {                                     \
    (table).lpWSPCleanup = faulty_cleanup; \
  } while (0)
#include "ifs_startup.h"
