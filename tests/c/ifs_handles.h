/*
 * ifs_handles.h - an IFS layer's sockets, found by their handle.
 *
 * An IFS layer has no context at its handles, but one lower provider per chain,
 * so it keeps a map from the application's SOCKET to its record. Looking up is
 * what every call begins with: a hit takes no lock. A reader that walks a bucket
 * while records leave it may be led into another list; records never move, so
 * it finds nothing wrong there, and a miss is confirmed under the lock.
 *
 * Used by layer_ifs.c and layer_count.c.
 */
#ifndef IFS_HANDLES_H
#define IFS_HANDLES_H

#include "pass_through.h"

enum { IFS_BUCKETS = 4096, IFS_STEPS = 64 };

static struct provider_lock ifs__lock = PROVIDER_LOCK_FREE;
static atomic_uint ifs__buckets[IFS_BUCKETS]; /* 1 + index of the first record */

/* Handles are multiples of 4. */
static inline atomic_uint *ifs__bucket(SOCKET handle) {
  return &ifs__buckets[((handle >> 2) ^ (handle >> 14)) % IFS_BUCKETS];
}

static inline int ifs__is(struct socket_record *record, SOCKET handle) {
  return atomic_load_explicit(&record->handle, memory_order_relaxed) == handle &&
         !atomic_load_explicit(&record->closed, memory_order_relaxed);
}

/* 1 + index of the open socket's record, or 0. */
static inline unsigned ifs__find_locked(SOCKET handle) {
  unsigned at = atomic_load_explicit(ifs__bucket(handle), memory_order_relaxed);
  while (at != 0) {
    struct socket_record *record = sockets__at(at - 1);
    if (record == NULL) return 0;
    if (ifs__is(record, handle)) return at;
    at = atomic_load_explicit(&record->next, memory_order_relaxed);
  }
  return 0;
}

static struct socket_record *pass_enter(SOCKET s, LPINT lpErrno) {
  unsigned at = atomic_load_explicit(ifs__bucket(s), memory_order_acquire);
  for (int step = 0; at != 0 && step < IFS_STEPS; step++) {
    struct socket_record *record = sockets__at(at - 1);
    if (record == NULL) break;
    if (ifs__is(record, s) && sockets_reference(at - 1, s) != NULL) return record;
    at = atomic_load_explicit(&record->next, memory_order_acquire);
  }
  provider_lock_take(&ifs__lock);
  at = ifs__find_locked(s);
  provider_lock_drop(&ifs__lock);
  struct socket_record *record = at == 0 ? NULL : sockets_reference(at - 1, s);
  if (record == NULL) provider_fail(lpErrno, WSAENOTSOCK);
  return record;
}

/* The last call on a closed socket has left: its record leaves the map. The
 * handle may be somebody else's by now, so the record is what is looked for. */
static void sockets_finish(struct socket_record *record) {
  atomic_uint *link = ifs__bucket(atomic_load_explicit(&record->handle, memory_order_relaxed));
  provider_lock_take(&ifs__lock);
  unsigned at = atomic_load_explicit(link, memory_order_relaxed);
  while (at != 0 && at != record->index + 1) {
    struct socket_record *other = sockets__at(at - 1);
    if (other == NULL) break;
    link = &other->next;
    at = atomic_load_explicit(link, memory_order_relaxed);
  }
  if (at == record->index + 1)
    atomic_store_explicit(link, atomic_load_explicit(&record->next, memory_order_relaxed),
                          memory_order_release);
  provider_lock_drop(&ifs__lock);
}

/* Enters a record for `handle`, in front of a closed one that calls are still
 * leaving. With `is_new` 0 nothing happens if the handle is known already. */
static inline int ifs__enter(struct chain *chain, SOCKET lower, SOCKET handle, int is_new) {
  struct socket_record *record = sockets_create(chain, lower);
  if (record == NULL) return 0;
  provider_lock_take(&ifs__lock);
  int enters = is_new || ifs__find_locked(handle) == 0;
  if (enters) {
    atomic_uint *bucket = ifs__bucket(handle);
    atomic_store_explicit(&record->handle, handle, memory_order_relaxed);
    atomic_store_explicit(&record->next, atomic_load_explicit(bucket, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(bucket, record->index + 1, memory_order_release);
  }
  provider_lock_drop(&ifs__lock);
  if (!enters) sockets_release(record);
  return 1;
}

/*
 * Makes the entry the application opened the owner of the lower provider's
 * handle: the last caller wins, so from here on its calls reach this layer. The
 * client DLL may answer with another number; then the application uses that one
 * and the lower provider its own.
 */
static SOCKET pass_present(struct chain *chain, SOCKET lower, LPINT lpErrno) {
  INT ignored = 0;
  SOCKET handle = chains_upcalls.lpWPUModifyIFSHandle(chain->own.dwCatalogEntryId, lower, lpErrno);
  if (handle != INVALID_SOCKET && handle != lower && atomic_load(&chain->is_bypassed)) {
    provider_fail(lpErrno, WSAEOPNOTSUPP); /* nobody would exchange the numbers */
    handle = INVALID_SOCKET;
  }
  if (handle != INVALID_SOCKET && !ifs__enter(chain, lower, handle, 1)) {
    provider_fail(lpErrno, WSAENOBUFS);
    handle = INVALID_SOCKET;
  }
  if (handle == INVALID_SOCKET) chain->lower.procs.lpWSPCloseSocket(lower, &ignored);
  return handle;
}

/* Takes in a socket that was not made through us, if one of our lower providers
 * knows it as a socket of the very entry we stand on. */
static inline int ifs__adopt(SOCKET s) {
  DWORD last = 0;
  for (;;) {
    struct chain *chain = chains_after(last);
    if (chain == NULL) return 0;
    last = chain->own.dwCatalogEntryId;
    WSAPROTOCOL_INFOW info;
    INT length = sizeof info, ignored = 0;
    int is_ours = chain->lower.procs.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW,
                                                     (char *)&info, &length, &ignored) == 0 &&
                  info.dwCatalogEntryId == chain->lower.info.dwCatalogEntryId &&
                  ifs__enter(chain, s, s, 0);
    chain_release(chain);
    if (is_ours) return 1;
  }
}

/*
 * The client DLL asks for SO_PROTOCOL_INFOW to find the owner of a handle it
 * does not know (inherited from another process, say). A layer claims such a
 * handle by answering with its own entry; what is no socket of its lower
 * providers it must refuse with WSAENOTSOCK.
 */
static int WSPAPI ifs_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                   LPINT lpErrno) {
  INT error = 0;
  int result = pass_get_sock_opt(s, level, optname, optval, optlen, &error);
  if (result != 0 && error == WSAENOTSOCK && level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW &&
      ifs__adopt(s))
    result = pass_get_sock_opt(s, level, optname, optval, optlen, &error);
  return result == 0 ? 0 : provider_fail(lpErrno, error);
}

/* The table of an IFS layer. */
static inline WSPPROC_TABLE ifs_table(void) {
  WSPPROC_TABLE table = pass_table();
  table.lpWSPGetSockOpt = ifs_get_sock_opt;
  return table;
}

#endif
