/*
 * v032_set.c - breaks V032: answers with a socket that nobody asked about.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                select_timeout timeout, LPINT lpErrno) {
  int result = pass_select(nfds, readfds, writefds, exceptfds, timeout, lpErrno);
  if (result > 0 && readfds != NULL && readfds->fd_count > 0) readfds->fd_array[0] += 4;
  return result;
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPSelect = faulty_select; \
  } while (0)
#include "ifs_startup.h"
