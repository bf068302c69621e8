/*
 * lower.h - how a layer finds and starts the provider below it.
 *
 * A chain entry of the catalog lists its members, the top layer first and the
 * base last: ProtocolChain.ChainEntries. A layer that is started for a chain
 * finds itself in that list; the member after it is its lower provider. It
 * loads that one's module, calls its WSPStartup with the upcall table it got
 * itself, and keeps the 30 pointers that come back (wspstartup, "Remarks").
 *
 * Used by every layer of this folder, through chains.h or hooked.h.
 */
#ifndef LOWER_H
#define LOWER_H

#include <winsock2.h>
#include <ws2spi.h>

#include <stdlib.h>
#include <string.h>

/* A started lower provider, as one chain sees it. */
struct lower {
  /* What the lower provider is told wherever an lpProtocolInfo goes down: the
   * chain's entry if it is a layer, its own entry if it is the base. */
  WSAPROTOCOL_INFOW info;
  WSPPROC_TABLE procs;
  HMODULE module;
};

/* A copy of the whole catalog: base entries, chains and hidden layer entries.
 * Free `entries` with free(). */
struct lower_catalog {
  WSAPROTOCOL_INFOW *entries;
  int count;
};

static inline int lower__read_catalog(struct lower_catalog *catalog, int *error) {
  DWORD length = 0;
  catalog->entries = NULL;
  for (;;) {
    int count = WSCEnumProtocols(NULL, catalog->entries, &length, error);
    if (count != SOCKET_ERROR && catalog->entries != NULL) {
      catalog->count = count;
      return 1;
    }
    free(catalog->entries);
    catalog->entries = NULL;
    /* A catalog that grew between two calls just asks for a larger buffer. */
    if (count != SOCKET_ERROR || *error != WSAENOBUFS) return 0;
    catalog->entries = malloc(length);
    if (catalog->entries == NULL) return 0;
  }
}

static inline WSAPROTOCOL_INFOW *lower__entry(struct lower_catalog *catalog, DWORD id) {
  for (int i = 0; i < catalog->count; i++)
    if (catalog->entries[i].dwCatalogEntryId == id) return &catalog->entries[i];
  return NULL;
}

/* Whether the chain's GUID is the chain's alone. The client DLL calls
 * WSPStartup once per GUID: the table it gets serves all entries of that GUID. */
static inline int lower_is_only_chain(const WSAPROTOCOL_INFOW *chain) {
  struct lower_catalog catalog;
  int error = 0, found = 0;
  if (!lower__read_catalog(&catalog, &error)) return 0;
  for (int i = 0; i < catalog.count; i++)
    found += memcmp(&catalog.entries[i].ProviderId, &chain->ProviderId, sizeof(GUID)) == 0;
  free(catalog.entries);
  return found == 1;
}

/* Loads the module of an entry. The catalog keeps paths with environment
 * strings in them; whoever loads expands them (WPUGetProviderPath, "Remarks"). */
static inline HMODULE lower__load(LPWPUGETPROVIDERPATH get_path, GUID *provider) {
  WCHAR path[MAX_PATH], expanded[4 * MAX_PATH];
  INT capacity = MAX_PATH, error = 0;
  if (get_path(provider, path, &capacity, &error) != 0) return NULL;
  DWORD length = ExpandEnvironmentStringsW(path, expanded, 4 * MAX_PATH);
  if (length == 0 || length > 4 * MAX_PATH) return NULL;
  return LoadLibraryW(expanded);
}

static inline LPWSPSTARTUP lower__startup_of(HMODULE module) {
  return (LPWSPSTARTUP)(void (*)(void))GetProcAddress(module, "WSPStartup");
}

/* The place of this layer in the chain, or -1. A layer that hard-codes its GUID
 * compares GUIDs; these examples may be installed under any GUID, so they know
 * themselves by their module: the one whose WSPStartup is this WSPStartup. Only
 * modules above us are touched on the way, and those are loaded already. */
static inline int lower__own_place(struct lower_catalog *catalog, const WSAPROTOCOL_INFOW *chain,
                                   LPWPUGETPROVIDERPATH get_path) {
  for (int i = 0; i + 1 < chain->ProtocolChain.ChainLen && i < MAX_PROTOCOL_CHAIN; i++) {
    WSAPROTOCOL_INFOW *member = lower__entry(catalog, chain->ProtocolChain.ChainEntries[i]);
    HMODULE module = member ? lower__load(get_path, &member->ProviderId) : NULL;
    if (module == NULL) continue;
    int found = lower__startup_of(module) == WSPStartup;
    FreeLibrary(module);
    if (found) return i;
  }
  return -1;
}

/* All entries of a procedure table are mandatory; a layer in the field returns
 * success from WSPStartup with an empty table. */
static inline int lower__is_complete(const WSPPROC_TABLE *procs) {
  void (*slots[30])(void);
  _Static_assert(sizeof slots == sizeof *procs, "WSPPROC_TABLE has 30 entries");
  memcpy(slots, procs, sizeof slots);
  for (int i = 0; i < 30; i++)
    if (slots[i] == NULL) return 0;
  return 1;
}

/* Calls the lower provider's WSPStartup; returns 0 or the error to report. */
static inline int lower__call_startup(struct lower *lower, WORD version,
                                      const WSPUPCALLTABLE *upcalls) {
  LPWSPSTARTUP startup = lower__startup_of(lower->module);
  WSPDATA data;
  INT ignored = 0;
  if (startup == NULL) return WSAEPROVIDERFAILEDINIT;
  /* DOCUMENTED: a layer appears at most once in a chain. Below itself it would
   * start itself without end. */
  if (startup == WSPStartup) return WSAEPROVIDERFAILEDINIT;
  memset(&data, 0, sizeof data);
  memset(&lower->procs, 0, sizeof lower->procs);
  int error = startup(version, &data, &lower->info, *upcalls, &lower->procs);
  if (error != 0) return error;
  if (!lower__is_complete(&lower->procs))
    error = WSAEINVALIDPROCTABLE;
  else if (data.wVersion != MAKEWORD(2, 2))
    error = WSAEINVALIDPROVIDER;
  if (error != 0 && lower->procs.lpWSPCleanup != NULL) lower->procs.lpWSPCleanup(&ignored);
  return error;
}

/*
 * Finds, loads and starts the provider below this layer in `chain`. `get_path`
 * is the upcall, or the export WSCGetProviderPath of a layer that makes no
 * upcalls. Returns 0 or the error for WSPStartup to return; then nothing is
 * left loaded.
 */
static inline int lower_start(struct lower *lower, WORD version, const WSAPROTOCOL_INFOW *chain,
                              const WSPUPCALLTABLE *upcalls, LPWPUGETPROVIDERPATH get_path) {
  struct lower_catalog catalog;
  int error = 0;
  memset(lower, 0, sizeof *lower);
  if (!lower__read_catalog(&catalog, &error)) return WSAEPROVIDERFAILEDINIT;

  error = WSAEPROVIDERFAILEDINIT;
  int place = lower__own_place(&catalog, chain, get_path);
  WSAPROTOCOL_INFOW *next = NULL;
  if (place >= 0) next = lower__entry(&catalog, chain->ProtocolChain.ChainEntries[place + 1]);
  if (next != NULL) {
    int is_base = next->ProtocolChain.ChainLen == BASE_PROTOCOL;
    lower->info = is_base ? *next : *chain;
    lower->module = lower__load(get_path, &next->ProviderId);
  }
  if (lower->module != NULL) {
    error = lower__call_startup(lower, version, upcalls);
    if (error != 0) FreeLibrary(lower->module);
  }
  free(catalog.entries);
  return error;
}

/* Ends what lower_start began; calls may still be running in the module, so
 * unloading it is the second step, lower_unload. */
static inline void lower_cleanup(struct lower *lower) {
  INT ignored = 0;
  lower->procs.lpWSPCleanup(&ignored);
}

static inline void lower_unload(struct lower *lower) { FreeLibrary(lower->module); }

#endif
