// Provider.cpp - the chains that the layer stands in: the provider below each is found in the
// catalog, loaded and started.
#include "Lsp.h"

static LIST_ENTRY gProviders = {&gProviders, &gProviders};
static LONG gStartups;

// All entries; LspFree. As installers and layers do it: once for the size, once for the entries.
static LPWSAPROTOCOL_INFOW EnumerateProviders(__out LPINT TotalProtocols, __out LPINT lpErrno) {
  LPWSAPROTOCOL_INFOW entries = NULL;
  DWORD size = 0;
  *TotalProtocols = WSCEnumProtocols(NULL, entries, &size, lpErrno);
  if (*TotalProtocols != SOCKET_ERROR || *lpErrno != WSAENOBUFS) return NULL;
  entries = (LPWSAPROTOCOL_INFOW)LspAlloc(size, lpErrno);
  if (entries == NULL) return NULL;
  *TotalProtocols = WSCEnumProtocols(NULL, entries, &size, lpErrno);
  if (*TotalProtocols == SOCKET_ERROR) {
    LspFree(entries);
    entries = NULL;
  }
  return entries;
}

static LPWSAPROTOCOL_INFOW FindById(LPWSAPROTOCOL_INFOW Entries, INT Count, DWORD Id) {
  for (INT i = 0; i < Count; i++)
    if (Entries[i].dwCatalogEntryId == Id) return &Entries[i];
  return NULL;
}

// Whether the entry with this id is the layer's own, or a chain that begins with that.
static BOOL IsOurs(LPWSAPROTOCOL_INFOW Entries, INT Count, DWORD Id) {
  LPWSAPROTOCOL_INFOW entry = FindById(Entries, Count, Id);
  if (entry != NULL && entry->ProtocolChain.ChainLen > BASE_PROTOCOL)
    entry = FindById(Entries, Count, entry->ProtocolChain.ChainEntries[0]);
  return entry != NULL && IsEqualGUID(entry->ProviderId, gLayerGuid);
}

static HMODULE LoadProvider(__in LPWSAPROTOCOL_INFOW Entry, __out LPINT lpErrno) {
  WCHAR path[MAX_PATH], expanded[MAX_PATH];
  INT length = MAX_PATH;
  HMODULE module = NULL;
  if (gUpCallTable.lpWPUGetProviderPath(&Entry->ProviderId, path, &length, lpErrno) != NO_ERROR)
    return NULL;
  if (ExpandEnvironmentStringsW(path, expanded, MAX_PATH) != 0) module = LoadLibraryW(expanded);
  if (module == NULL) {
    Trace(_T("LoadLibrary failed: %lu\n"), GetLastError());
    *lpErrno = WSAEPROVIDERFAILEDINIT;
  }
  return module;
}

// A layer in the field answers success with an empty table.
static BOOL IsComplete(__in_bcount(sizeof(WSPPROC_TABLE)) const WSPPROC_TABLE *Table) {
  LPVOID const *slots = (LPVOID const *)Table;
  for (SIZE_T i = 0; i < sizeof(*Table) / sizeof(LPVOID); i++)
    if (slots[i] == NULL) return FALSE;
  return TRUE;
}

static int StartNext(__inout LPPROVIDER Provider, LPWSAPROTOCOL_INFOW Entries, INT Count) {
  const WSAPROTOCOLCHAIN *chain = &Provider->Own.ProtocolChain;
  LPWSAPROTOCOL_INFOW next = NULL;
  LPWSPSTARTUP startup = NULL;
  WSPDATA data;
  INT error = WSAEPROVIDERFAILEDINIT, ignored;
  for (INT i = 0; i + 1 < chain->ChainLen; i++)
    if (IsOurs(Entries, Count, chain->ChainEntries[i]))
      next = FindById(Entries, Count, chain->ChainEntries[i + 1]);
  if (next == NULL) return error;
  Provider->Module = LoadProvider(next, &error);
  if (Provider->Module == NULL) return error;
  startup = (LPWSPSTARTUP)GetProcAddress(Provider->Module, "WSPStartup");
  Provider->Next = next->ProtocolChain.ChainLen == BASE_PROTOCOL ? *next : Provider->Own;
  error = startup == NULL ? WSAEPROVIDERFAILEDINIT
                          : startup(MAKEWORD(2, 2), &data, &Provider->Next, gUpCallTable,
                                    &Provider->NextProcTable);
  if (error == NO_ERROR && !IsComplete(&Provider->NextProcTable)) {
    if (Provider->NextProcTable.lpWSPCleanup != NULL)
      Provider->NextProcTable.lpWSPCleanup(&ignored);
    error = WSAEINVALIDPROCTABLE;
  }
  if (error != NO_ERROR) FreeLibrary(Provider->Module);
  return error;
}

// The provider of a chain; one reference of the start. No lock is held while others are called.
int ProviderStartup(__in LPWSAPROTOCOL_INFOW Entry, __deref_out LPPROVIDER *Provider) {
  INT count = 0, error = NO_ERROR;
  LPWSAPROTOCOL_INFOW entries = EnumerateProviders(&count, &error);
  LPPROVIDER provider = (LPPROVIDER)LspAlloc(sizeof(PROVIDER), &error);
  if (entries == NULL || provider == NULL) goto cleanup;
  CopyMemory(&provider->Own, Entry, sizeof(*Entry));
  provider->Own.dwProviderReserved = 0;
  error = StartNext(provider, entries, count);
  if (error != NO_ERROR) goto cleanup;
  EnterCriticalSection(&gCriticalSection);
  InsertTailList(&gProviders, &provider->Link);
  gStartups++;
  LeaveCriticalSection(&gCriticalSection);
  TraceEntry("WSPStartup", Entry);
  *Provider = provider;
  provider = NULL;
cleanup:
  LspFree(provider);
  LspFree(entries);
  return error;
}

LPPROVIDER ProviderFind(__in_opt LPWSAPROTOCOL_INFOW Entry, __out LPINT lpErrno) {
  LPPROVIDER found = NULL;
  if (Entry == NULL) {
    *lpErrno = WSAEFAULT;
    return NULL;
  }
  EnterCriticalSection(&gCriticalSection);
  for (PLIST_ENTRY link = gProviders.Flink; link != &gProviders && !found; link = link->Flink) {
    LPPROVIDER provider = CONTAINING_RECORD(link, PROVIDER, Link);
    if (provider->Own.dwCatalogEntryId == Entry->dwCatalogEntryId) found = provider;
  }
  LeaveCriticalSection(&gCriticalSection);
  if (found == NULL) *lpErrno = WSAEINVAL;
  return found;
}

// The last one ends the providers below. Their code stays loaded: calls that they began may still
// be in it.
int ProviderCleanup(__out LPINT lpErrno) {
  LIST_ENTRY gone;
  INT ignored;
  InitializeListHead(&gone);
  EnterCriticalSection(&gCriticalSection);
  LONG before = gStartups;
  if (before > 0) gStartups--;
  while (before == 1 && gProviders.Flink != &gProviders) {
    PLIST_ENTRY link = gProviders.Flink;
    RemoveEntryList(link);
    InsertTailList(&gone, link);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (before == 0) {
    *lpErrno = WSANOTINITIALISED;
    return SOCKET_ERROR;
  }
  while (gone.Flink != &gone) {
    PLIST_ENTRY link = gone.Flink;
    LPPROVIDER provider = CONTAINING_RECORD(link, PROVIDER, Link);
    RemoveEntryList(link);
    provider->NextProcTable.lpWSPCleanup(&ignored);
    LspFree(provider);
  }
  if (before == 1) ContextRemoveAll();
  return NO_ERROR;
}

// Whether the next WSPCleanup is the last one.
BOOL ProviderIsLast(VOID) {
  EnterCriticalSection(&gCriticalSection);
  BOOL last = gStartups == 1;
  LeaveCriticalSection(&gCriticalSection);
  return last;
}

// Only the provider whose call blocks this thread accepts; no lock is held while one is asked.
int ProviderCancelBlockingCall(__out LPINT lpErrno) {
  for (int i = 0;; i++) {
    LPPROVIDER provider = NULL;
    EnterCriticalSection(&gCriticalSection);
    PLIST_ENTRY link = gProviders.Flink;
    for (int j = 0; j < i && link != &gProviders; j++) link = link->Flink;
    if (link != &gProviders) provider = CONTAINING_RECORD(link, PROVIDER, Link);
    LeaveCriticalSection(&gCriticalSection);
    if (provider == NULL) break;
    if (provider->NextProcTable.lpWSPCancelBlockingCall(lpErrno) == 0) return 0;
  }
  *lpErrno = WSAEINVAL;
  return SOCKET_ERROR;
}

// Addresses as text name a chain and no socket: the provider below that does it.
INT WSPAPI ProviderAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                                   LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  return provider->NextProcTable.lpWSPAddressToString(lpsaAddress, dwAddressLength, &provider->Next,
                                                      lpszAddressString, lpdwAddressStringLength,
                                                      lpErrno);
}

INT WSPAPI ProviderStringToAddress(LPWSTR AddressString, INT AddressFamily,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                   LPINT lpAddressLength, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  return provider->NextProcTable.lpWSPStringToAddress(AddressString, AddressFamily, &provider->Next,
                                                      lpAddress, lpAddressLength, lpErrno);
}
