/*
 * sockets.h - what a layer remembers of each of its sockets.
 *
 * A record ties the SOCKET the application holds to the lower provider's SOCKET
 * and to the chain both live in. Most crashes of layers in the field come from
 * a context freed by a close on one thread while another thread works with it,
 * so records are counted: the open socket holds one reference, every call
 * inside the layer one. What is left to do when the last one goes is the
 * including layer's `sockets_finish` (closing a minted handle, for instance).
 *
 * Records live in blocks that stay in place until the last cleanup; a free
 * record is one with no references, and can be told from a used one at any
 * time without a lock. A record is named by its index, and a name is checked
 * (range, references, handle): WPUQuerySocketHandleContext also answers for
 * handles of other providers, whose contexts mean nothing here.
 *
 * Used by layer_nonifs.c (finds records by handle context) and by ifs_sockets.h
 * (finds them by handle).
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "chains.h"

enum { SOCKETS_PER_BLOCK = 256, SOCKETS_BLOCKS = 4096 };

struct socket_record {
  atomic_uint references;
  /* The application's number; INVALID_SOCKET before it is known. */
  _Atomic(SOCKET) handle;
  /* Set by the one successful WSPCloseSocket. */
  atomic_bool closed;
  SOCKET lower;
  struct chain *chain;
  /* How overlapped calls on it complete, in a layer that takes part: operations.h. */
  atomic_uint completion;
  unsigned index;
  /* 1 + index of the next record in the free list or in a map's bucket. */
  atomic_uint next;
  /* Keeps the counters of neighbours on different cache lines. */
  char apart[64];
};

static struct provider_lock sockets_lock = PROVIDER_LOCK_FREE;
static _Atomic(struct socket_record *) sockets_block[SOCKETS_BLOCKS];
static unsigned sockets_blocks;
static unsigned sockets_free; /* 1 + index, 0 for none */
static unsigned sockets_used;

/* Defined by the layer: the last reference of a closed socket is gone. */
static void sockets_finish(struct socket_record *record);

static inline struct socket_record *sockets__at(DWORD_PTR index) {
  if (index >= (DWORD_PTR)SOCKETS_PER_BLOCK * SOCKETS_BLOCKS) return NULL;
  struct socket_record *block =
      atomic_load_explicit(&sockets_block[index / SOCKETS_PER_BLOCK], memory_order_acquire);
  return block == NULL ? NULL : &block[index % SOCKETS_PER_BLOCK];
}

static inline void sockets__push_free_locked(struct socket_record *record) {
  atomic_store_explicit(&record->next, sockets_free, memory_order_relaxed);
  sockets_free = record->index + 1;
}

/* Publishes a block made by the caller; 0 when the table is full. */
static inline int sockets__add_block(struct socket_record *block) {
  provider_lock_take(&sockets_lock);
  int fits = sockets_blocks < SOCKETS_BLOCKS;
  if (fits) {
    for (unsigned i = SOCKETS_PER_BLOCK; i-- > 0;) {
      block[i].index = sockets_blocks * SOCKETS_PER_BLOCK + i;
      sockets__push_free_locked(&block[i]);
    }
    atomic_store_explicit(&sockets_block[sockets_blocks++], block, memory_order_release);
  }
  provider_lock_drop(&sockets_lock);
  return fits;
}

static inline struct socket_record *sockets__pop_free(void) {
  provider_lock_take(&sockets_lock);
  struct socket_record *record = sockets_free == 0 ? NULL : sockets__at(sockets_free - 1);
  if (record != NULL) {
    sockets_free = atomic_load_explicit(&record->next, memory_order_relaxed);
    sockets_used++;
  }
  provider_lock_drop(&sockets_lock);
  return record;
}

/* A record for a new lower socket, with the open socket's reference; NULL when
 * there is no memory. The application's handle is filled in by the caller. */
static inline struct socket_record *sockets_create(struct chain *chain, SOCKET lower) {
  struct socket_record *record;
  while ((record = sockets__pop_free()) == NULL) {
    struct socket_record *block = calloc(SOCKETS_PER_BLOCK, sizeof *block);
    if (block == NULL) return NULL;
    if (!sockets__add_block(block)) {
      free(block);
      return NULL;
    }
  }
  record->lower = lower;
  record->chain = chain_retain(chain);
  atomic_store_explicit(&record->closed, 0, memory_order_relaxed);
  atomic_store_explicit(&record->completion, 0, memory_order_relaxed);
  atomic_store_explicit(&record->handle, INVALID_SOCKET, memory_order_relaxed);
  atomic_store_explicit(&record->references, 1, memory_order_release);
  return record;
}

static inline void sockets_release(struct socket_record *record) {
  if (atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) != 1) return;
  struct chain *chain = record->chain;
  sockets_finish(record);
  provider_lock_take(&sockets_lock);
  sockets__push_free_locked(record);
  sockets_used--;
  provider_lock_drop(&sockets_lock);
  chain_release(chain);
}

/* A reference to the open socket `handle`, if record `index` is its record. */
static inline struct socket_record *sockets_reference(DWORD_PTR index, SOCKET handle) {
  struct socket_record *record = sockets__at(index);
  if (record == NULL) return NULL;
  unsigned references = atomic_load_explicit(&record->references, memory_order_relaxed);
  do {
    if (references == 0) return NULL;
  } while (!atomic_compare_exchange_weak_explicit(&record->references, &references, references + 1,
                                                  memory_order_acquire, memory_order_relaxed));
  if (atomic_load_explicit(&record->handle, memory_order_relaxed) == handle &&
      !atomic_load_explicit(&record->closed, memory_order_relaxed))
    return record;
  sockets_release(record);
  return NULL;
}

/* Closes the lower socket. On success the record is closed for every later call
 * and the open socket's reference is dropped; a failure (WSAEWOULDBLOCK while
 * lingering) leaves the socket as it was. The caller keeps its own reference. */
static inline int sockets_close(struct socket_record *record, LPINT error) {
  int result = record->chain->lower.procs.lpWSPCloseSocket(record->lower, error);
  if (result != 0) return result;
  /* Two threads may close at once; the lower provider lets one succeed. */
  if (!atomic_exchange_explicit(&record->closed, 1, memory_order_acq_rel)) sockets_release(record);
  return 0;
}

/* Frees the memory of the records, unless a call is still on its way out of one. */
static inline void sockets_free_memory(void) {
  provider_lock_take(&sockets_lock);
  if (sockets_used == 0) {
    while (sockets_blocks > 0) {
      sockets_blocks--;
      free(atomic_exchange_explicit(&sockets_block[sockets_blocks], NULL, memory_order_acq_rel));
    }
    sockets_free = 0;
  }
  provider_lock_drop(&sockets_lock);
}

static void sockets_close_all(void) {
  for (unsigned i = 0; i < SOCKETS_PER_BLOCK * SOCKETS_BLOCKS; i++) {
    struct socket_record *record = sockets__at(i);
    if (record == NULL) break;
    SOCKET handle = atomic_load_explicit(&record->handle, memory_order_relaxed);
    INT ignored = 0;
    if (sockets_reference(i, handle) == NULL) continue;
    if (sockets_close(record, &ignored) != 0 &&
        !atomic_exchange_explicit(&record->closed, 1, memory_order_acq_rel))
      sockets_release(record); /* lingering or broken: nobody will ask again */
    sockets_release(record);
  }
  sockets_free_memory();
}

#endif
