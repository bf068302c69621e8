/*
 * v024_not_started.c - breaks V024: cleans the provider below up once more than it has started it.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_cleanup(LPINT lpErrno) {
  INT ignored = 0;
  struct chain *chain = chains_after(0);
  LPWSPCLEANUP lower = chain == NULL ? NULL : chain->lower.procs.lpWSPCleanup;
  if (chain != NULL) chain_release(chain);
  int result = chains_cleanup(lpErrno, NULL);
  if (result == 0 && lower != NULL && chains_are_gone()) lower(&ignored);
  return result;
}

#define FAULTY(table)                      \
  do {                                     \
    (table).lpWSPCleanup = faulty_cleanup; \
  } while (0)
#include "ifs_startup.h"
