/*
 * chains.h - the chains a layer stands in, and its WSPStartup and WSPCleanup.
 *
 * A layer is installed once and then chained over several protocols (TCP, UDP,
 * IPv4, IPv6). Each chain has its own GUID, so WSPStartup arrives once per
 * chain, each time with another lower provider: everything about it is kept
 * per catalog entry id, never in one global table. A socket finds its chain
 * through its record (sockets.h), a call without socket through lpProtocolInfo.
 *
 * A chain is shared: the list holds one reference, each open socket one, and
 * each call that looked it up by id one. The last of them unloads the lower
 * module, so no module goes away under a running call that the layer sees. No
 * lock is held while a lower provider is called.
 */
#ifndef CHAINS_H
#define CHAINS_H

#include "lower.h"
#include "provider_lock.h"

struct chain {
  struct chain *next;
  atomic_uint references;
  /* The entry the application opens; its id is what our sockets carry. */
  WSAPROTOCOL_INFOW own;
  struct lower lower;
  /* Calls go to the lower provider past this layer (layer_ifs.c). Nobody counts
   * them, so its module stays loaded for them. */
  atomic_bool is_bypassed;
};

static struct provider_lock chains_lock = PROVIDER_LOCK_FREE;
static struct chain *chains_list;
/* Successful WSPStartup calls that no WSPCleanup has matched yet. */
static unsigned chains_startups;
/* The contents are the same on every WSPStartup of a process, so the copy of
 * the first one serves until the last cleanup; rewriting it while other threads
 * use it would only be a race. */
static WSPUPCALLTABLE chains_upcalls;

static inline void chain_release(struct chain *chain) {
  if (atomic_fetch_sub_explicit(&chain->references, 1, memory_order_acq_rel) != 1) return;
  if (!atomic_load_explicit(&chain->is_bypassed, memory_order_relaxed)) lower_unload(&chain->lower);
  free(chain);
}

static inline struct chain *chain_retain(struct chain *chain) {
  atomic_fetch_add_explicit(&chain->references, 1, memory_order_relaxed);
  return chain;
}

static inline struct chain *chains__find_locked(DWORD id) {
  struct chain *chain = chains_list;
  while (chain != NULL && chain->own.dwCatalogEntryId != id) chain = chain->next;
  return chain;
}

/* Starts the lower provider of an entry this layer was not started for yet. */
static inline int chains__open(const WSAPROTOCOL_INFOW *entry, const WSPUPCALLTABLE *upcalls) {
  struct chain *chain = calloc(1, sizeof *chain);
  if (chain == NULL) return WSAENOBUFS;
  int error =
      lower_start(&chain->lower, MAKEWORD(2, 2), entry, upcalls, upcalls->lpWPUGetProviderPath);
  if (error != 0) {
    free(chain);
    return error;
  }
  chain->own = *entry;
  chain->own.dwProviderReserved = 0;
  atomic_init(&chain->references, 1);

  provider_lock_take(&chains_lock);
  int is_new = chains__find_locked(entry->dwCatalogEntryId) == NULL;
  if (is_new) {
    chain->next = chains_list;
    chains_list = chain;
  }
  provider_lock_drop(&chains_lock);
  if (!is_new) { /* another thread was faster */
    lower_cleanup(&chain->lower);
    chain_release(chain);
  }
  return 0;
}

static inline struct chain *chains__find(DWORD id) {
  provider_lock_take(&chains_lock);
  struct chain *chain = chains__find_locked(id);
  if (chain != NULL) chain_retain(chain);
  provider_lock_drop(&chains_lock);
  return chain;
}

/* The chain with the smallest id above `id`, with a reference; NULL at the end.
 * For visiting all chains without a lock during the visit. */
static inline struct chain *chains_after(DWORD id) {
  struct chain *best = NULL;
  provider_lock_take(&chains_lock);
  for (struct chain *chain = chains_list; chain != NULL; chain = chain->next)
    if (chain->own.dwCatalogEntryId > id &&
        (best == NULL || chain->own.dwCatalogEntryId < best->own.dwCatalogEntryId))
      best = chain;
  if (best != NULL) chain_retain(best);
  provider_lock_drop(&chains_lock);
  return best;
}

/* Stores the error code of a failing entry; a NULL lpErrno is tolerated. */
static inline int provider_fail(LPINT error, int code) {
  if (error != NULL) *error = code;
  return SOCKET_ERROR;
}

/*
 * The chain an lpProtocolInfo names, with a reference (chain_release), or NULL
 * and *error. The client DLL starts a provider once per GUID: when one GUID
 * carries several entries, the others show up here first.
 */
static inline struct chain *chains_find(const WSAPROTOCOL_INFOW *info, LPINT error) {
  if (info == NULL) {
    provider_fail(error, WSAEFAULT);
    return NULL;
  }
  struct chain *chain = chains__find(info->dwCatalogEntryId);
  if (chain != NULL) return chain;
  int failure = chains__open(info, &chains_upcalls);
  if (failure == 0) chain = chains__find(info->dwCatalogEntryId);
  if (chain == NULL) provider_fail(error, failure != 0 ? failure : WSAEINVAL);
  return chain;
}

/* Defined in sockets.h: closes what the last cleanup finds open. */
static void sockets_close_all(void);

/* The body of WSPCleanup. Only the call that matches the first WSPStartup tears
 * down: the sockets, what `drain` knows of that still needs the lower providers,
 * then these. Whoever starts the layer again meanwhile finds an empty list and
 * begins anew. */
static inline int chains_cleanup(LPINT error, void (*drain)(void)) {
  struct chain *chain = NULL;
  provider_lock_take(&chains_lock);
  unsigned before = chains_startups;
  if (before > 0) chains_startups--;
  if (before == 1) {
    chain = chains_list;
    chains_list = NULL;
  }
  provider_lock_drop(&chains_lock);
  if (before == 0) return provider_fail(error, WSANOTINITIALISED);
  if (before > 1) return 0;

  sockets_close_all();
  if (drain != NULL) drain();
  while (chain != NULL) {
    struct chain *next = chain->next;
    lower_cleanup(&chain->lower);
    chain_release(chain);
    chain = next;
  }
  return 0;
}

/* Whether the last cleanup is over and nobody has started the layer since. */
static inline int chains_are_gone(void) {
  provider_lock_take(&chains_lock);
  int are_gone = chains_startups == 0;
  provider_lock_drop(&chains_lock);
  return are_gone;
}

/* The body of WSPStartup; `procs` is the table this layer hands out. It returns
 * the error itself, there is no lpErrno. */
static inline int chains_startup(WORD version, LPWSPDATA data, const WSAPROTOCOL_INFOW *entry,
                                 const WSPUPCALLTABLE *upcalls, const WSPPROC_TABLE *procs,
                                 LPWSPPROC_TABLE out, const WCHAR *description) {
  if (LOBYTE(version) < 2 || (LOBYTE(version) == 2 && HIBYTE(version) < 2))
    return WSAVERNOTSUPPORTED;
  if (data == NULL || entry == NULL || out == NULL) return WSAEFAULT;

  provider_lock_take(&chains_lock);
  if (chains_startups++ == 0) chains_upcalls = *upcalls;
  int is_known = chains__find_locked(entry->dwCatalogEntryId) != NULL;
  provider_lock_drop(&chains_lock);

  int error = is_known ? 0 : chains__open(entry, upcalls);
  if (error != 0) { /* a failed start is not matched by a cleanup: take it back */
    chains_cleanup(NULL, NULL);
    return error;
  }
  memset(data, 0, sizeof *data);
  data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
  for (int i = 0; i < WSPDESCRIPTION_LEN && description[i] != 0; i++)
    data->szDescription[i] = description[i];
  *out = *procs;
  return 0;
}

#endif
