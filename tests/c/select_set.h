/*
 * select_set.h - an fd_set of the application and its image below.
 *
 * WSPSelect gets sets of the application's sockets and has to hand down sets of
 * the lower provider's, and to answer with the application's again. A socket
 * that is not the layer's own goes down unchanged, the lower provider will say
 * what it thinks of it. fd_count is the only truth about the size of a set: an
 * application may be built with any FD_SETSIZE.
 *
 * Used by pass_through.h.
 */
#ifndef SELECT_SET_H
#define SELECT_SET_H

#include "select_timeout.h"
#include "sockets.h"

struct select_set {
  fd_set *above;
  /* What the lower provider sees and rewrites. */
  fd_set *image;
  /* The sockets of the set and what was put into the image for them. Kept as
   * numbers: a socket closed during the wait may still be reported. */
  SOCKET *application;
  SOCKET *lower;
  u_int count;
};

static inline void select_set_free(struct select_set *set) {
  free(set->image);
  free(set->application);
  free(set->lower);
}

/* Makes the image of `above`; a NULL set has none. `find` looks up a record
 * with a reference. The first record found in any set is kept in *ours with its
 * reference, for the choice of the lower provider. 0 if there is no memory. */
static inline int select_set_map(struct select_set *set, fd_set *above,
                                 struct socket_record *(*find)(SOCKET, LPINT),
                                 struct socket_record **ours) {
  if (above == NULL) return 1;
  size_t bytes = above->fd_count * sizeof(SOCKET);
  set->above = above;
  set->image = malloc(sizeof *set->image + bytes);
  set->application = malloc(bytes + 1);
  set->lower = malloc(bytes + 1);
  if (set->image == NULL || set->application == NULL || set->lower == NULL) return 0;

  set->count = set->image->fd_count = above->fd_count;
  for (u_int i = 0; i < set->count; i++) {
    INT ignored = 0;
    SOCKET s = above->fd_array[i];
    struct socket_record *record = find(s, &ignored);
    set->application[i] = s;
    set->lower[i] = record != NULL ? record->lower : s;
    if (record != NULL && *ours == NULL)
      *ours = record;
    else if (record != NULL)
      sockets_release(record);
  }
  memcpy(set->image->fd_array, set->lower, bytes);
  return 1;
}

/* Writes the ready sockets back. Results come in input order as a rule, so the
 * search goes on where the last one ended. */
static inline void select_set_map_back(struct select_set *set) {
  if (set->above == NULL) return;
  u_int at = 0, found = 0;
  for (u_int i = 0; i < set->image->fd_count && i < set->count; i++) {
    for (u_int step = 0; step < set->count; step++) {
      u_int candidate = (at + step) % set->count;
      if (set->lower[candidate] != set->image->fd_array[i]) continue;
      set->above->fd_array[found++] = set->application[candidate];
      at = candidate + 1;
      break;
    }
  }
  set->above->fd_count = found;
}

#endif
