/*
 * own_entry.c - a hook layer that must find its own catalog entry to start.
 *
 * It looks for the entry with its GUID, which no chain has, and for a chain that begins with that
 * entry's id and goes on with an entry that has sockets; without them WSPStartup fails, as that of
 * published layers does. With -DTELLS it
 * exports GetLspGuid, which installers ask for the GUID.
 */
#include "lower.h"

static const GUID own_entry__id = {
    0x5c1f0a6e, 0x3b7d, 0x4e52, {0x9a, 0x10, 0x6d, 0x2c, 0x8f, 0x4b, 0x71, 0xe3}};

#ifdef TELLS
__declspec(dllexport) void WSPAPI GetLspGuid(GUID *id);

void WSPAPI GetLspGuid(GUID *id) {
  *id = own_entry__id;
}
#endif

/* Whether the entry with this id is a base or a chain: one that can be asked for sockets. */
static BOOL own_entry__has_sockets(const WSAPROTOCOL_INFOW *entries, int count, DWORD id) {
  for (int i = 0; i < count; i++)
    if (entries[i].dwCatalogEntryId == id)
      return entries[i].ProtocolChain.ChainLen != 0 && entries[i].iSocketType != 0;
  return FALSE;
}

/* Whether the catalog has the entry, hidden, and chains that begin with it and go on with the next
 * provider's own sockets. */
static BOOL own_entry__installed(void) {
  DWORD bytes = 0;
  INT error = 0;
  int count = WSCEnumProtocols(NULL, NULL, &bytes, &error);
  WSAPROTOCOL_INFOW *entries = malloc(bytes);
  const WSAPROTOCOL_INFOW *own = NULL;
  BOOL chained = FALSE;
  if (entries == NULL)
    return FALSE;
  count = WSCEnumProtocols(NULL, entries, &bytes, &error);
  for (int i = 0; i < count; i++)
    if (memcmp(&entries[i].ProviderId, &own_entry__id, sizeof(GUID)) == 0)
      own = &entries[i];
  for (int i = 0; own != NULL && i < count; i++) {
    const WSAPROTOCOLCHAIN *chain = &entries[i].ProtocolChain;
    if (chain->ChainLen > 1 && chain->ChainEntries[0] == own->dwCatalogEntryId) {
      chained = TRUE;
      if (!own_entry__has_sockets(entries, count, chain->ChainEntries[1])) {
        free(entries);
        return FALSE;
      }
    }
  }
  chained &= own != NULL && own->ProtocolChain.ChainLen == 0 && (own->dwProviderFlags & PFL_HIDDEN);
  free(entries);
  return chained;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  struct lower lower;
  (void)wVersionRequested;
  if (!own_entry__installed())
    return WSAEPROVIDERFAILEDINIT;
  int error = lower_start(&lower, MAKEWORD(2, 2), lpProtocolInfo, &UpcallTable, WSCGetProviderPath);
  if (error != 0)
    return error;
  *lpProcTable = lower.procs;
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  return 0;
}
