/*
 * v026_null_slot.c - breaks V026: leaves WSPGetQOSByName NULL.
 */
#include "../ifs_handles.h"

#define FAULTY(table)                 \
  do {                                \
    (table).lpWSPGetQOSByName = NULL; \
  } while (0)
#include "ifs_startup.h"
