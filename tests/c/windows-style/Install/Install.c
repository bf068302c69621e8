/*
 * Install.c - an installer of layers, as Windows' own are written.
 *
 *   install -p                  prints the catalog
 *   install -v                  tells of the machine (Report.c)
 *   install -i [-h] PATH NAME   installs the layer of a module over TCP and UDP; -h: it has handles
 *                               of the system
 *   install -r PATH             removes it
 *
 * The module tells the GUID of the layer's own entry (GetLspGuid). Each chain gets a GUID of its
 * own.
 */
#include "report.H"
#include <sporder.h>
#include <rpc.h>
#include <rpcdce.h>
#include <stdlib.h>

#define MAX_CHAINS 16

typedef VOID(WSPAPI *LPFN_GETLSPGUID)(LPGUID lpGuid);
/* Not in every version of ws2_32.dll, so it is looked for. */
typedef int(WSPAPI *LPFN_WSCUPDATEPROVIDER)(LPGUID, const WCHAR *, const LPWSAPROTOCOL_INFOW, DWORD,
                                            LPINT);

static HMODULE gWs2;

/* Out of line for the debugger, as the other compiler has it. */
__inline BOOL IsChainOf(const WSAPROTOCOL_INFOW *Entry, DWORD Id) {
  return Entry->ProtocolChain.ChainLen > BASE_PROTOCOL &&
         Entry->ProtocolChain.ChainEntries[0] == Id;
}

static int Fail(const char *Function, int Error) {
  fprintf(stderr, "install: %s failed: %d\n", Function, Error);
  return 1;
}

/* The functions of one of the two catalogs that a 64-bit system has. */
typedef struct _CATALOG {
  int(WSPAPI *Enumerate)(LPINT, LPWSAPROTOCOL_INFOW, LPDWORD, LPINT);
  int(WSPAPI *Order)(LPDWORD, DWORD);
} CATALOG;

static const CATALOG gCatalog = {WSCEnumProtocols, WSCWriteProviderOrder};
static const CATALOG gCatalog32 = {WSCEnumProtocols32, WSCWriteProviderOrder32};

static LPWSAPROTOCOL_INFOW EnumerateIn(const CATALOG *Catalog, LPINT Count) {
  LPWSAPROTOCOL_INFOW entries = NULL;
  DWORD size = 0;
  INT error = 0;
  Catalog->Enumerate(NULL, NULL, &size, &error);
  entries = (LPWSAPROTOCOL_INFOW)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
  if (entries == NULL) return NULL;
  *Count = Catalog->Enumerate(NULL, entries, &size, &error);
  if (*Count == SOCKET_ERROR) {
    Fail("WSCEnumProtocols", error);
    HeapFree(GetProcessHeap(), 0, entries);
    return NULL;
  }
  return entries;
}

static LPWSAPROTOCOL_INFOW Enumerate(LPINT Count) { return EnumerateIn(&gCatalog, Count); }

static VOID FreeEntries(LPWSAPROTOCOL_INFOW Entries) { HeapFree(GetProcessHeap(), 0, Entries); }

static LPWSAPROTOCOL_INFOW FindByGuid(LPWSAPROTOCOL_INFOW Entries, INT Count, const GUID *Guid) {
  INT i;
  for (i = 0; i < Count; i++)
    if (IsEqualGUID(&Entries[i].ProviderId, Guid)) return &Entries[i];
  return NULL;
}

static int Print(void) {
  INT count = 0, i;
  LPWSAPROTOCOL_INFOW entries = Enumerate(&count);
  if (entries == NULL) return 1;
  for (i = 0; i < count; i++) {
    RPC_CSTR guid = NULL;
    UuidToStringA(&entries[i].ProviderId, &guid);
    printf("%04lu %d %s %ws\n", (unsigned long)entries[i].dwCatalogEntryId,
           entries[i].ProtocolChain.ChainLen, (char *)guid, entries[i].szProtocol);
    RpcStringFreeA(&guid);
  }
  FreeEntries(entries);
  return 0;
}

/* The GUID that a module tells. */
static BOOL AskGuid(const char *Path, LPGUID Guid) {
  HMODULE module = LoadLibraryA(Path);
  LPFN_GETLSPGUID ask = NULL;
  if (module == NULL) {
    Fail("LoadLibrary", (int)GetLastError());
    return FALSE;
  }
  ask = (LPFN_GETLSPGUID)GetProcAddress(module, "GetLspGuid");
  if (ask != NULL) ask(Guid);
  FreeLibrary(module);
  if (ask == NULL) Fail("GetProcAddress", ERROR_PROC_NOT_FOUND);
  return ask != NULL;
}

static BOOL IsWanted(const WSAPROTOCOL_INFOW *Entry) {
  return Entry->ProtocolChain.ChainLen == BASE_PROTOCOL &&
         (Entry->iAddressFamily == AF_INET || Entry->iAddressFamily == AF_INET6) &&
         (Entry->iProtocol == IPPROTO_TCP || Entry->iProtocol == IPPROTO_UDP);
}

/* The chains first, in the order of what they are over. */
static int Reorder(const CATALOG *Catalog, DWORD Id) {
  INT count = 0, order = 0, pass, i, error;
  LPWSAPROTOCOL_INFOW entries = EnumerateIn(Catalog, &count);
  LPDWORD ids = NULL;
  if (entries == NULL) return 1;
  ids = (LPDWORD)HeapAlloc(GetProcessHeap(), 0, count * sizeof(DWORD));
  for (pass = 0; ids != NULL && pass < 2; pass++)
    for (i = 0; i < count; i++)
      if (IsChainOf(&entries[i], Id) == (pass == 0)) ids[order++] = entries[i].dwCatalogEntryId;
  error = Catalog->Order(ids, order);
  HeapFree(GetProcessHeap(), 0, ids);
  FreeEntries(entries);
  return error == ERROR_SUCCESS ? 0 : Fail("WSCWriteProviderOrder", error);
}

static int Install(const char *Path, const char *Name, DWORD IfsHandles) {
  WSAPROTOCOL_INFOW chains[MAX_CHAINS], layer;
  LPWSAPROTOCOL_INFOW entries = NULL, own = NULL;
  LPFN_WSCUPDATEPROVIDER update = NULL;
  WCHAR path[MAX_PATH], name[64];
  INT count = 0, chain = 0, error = 0, i;
  GUID guid;
  if (!AskGuid(Path, &guid)) return 1;
  MultiByteToWideChar(CP_ACP, 0, Path, -1, path, MAX_PATH);
  MultiByteToWideChar(CP_ACP, 0, Name, -1, name, sizeof(name) / sizeof(name[0]));
  entries = Enumerate(&count);
  if (entries == NULL) return 1;
  for (i = 0; i < count && chain < MAX_CHAINS; i++)
    if (IsWanted(&entries[i])) chains[chain++] = entries[i];
  FreeEntries(entries);
  if (chain == 0) return Fail("nothing to layer over", WSANO_RECOVERY);

  layer = chains[0];
  lstrcpyW(layer.szProtocol, name);
  layer.iSocketType = layer.iProtocol = 0;
  layer.dwProviderFlags |= PFL_HIDDEN;
  layer.dwProviderFlags &= ~PFL_MATCHES_PROTOCOL_ZERO;
  layer.dwServiceFlags1 = (layer.dwServiceFlags1 & ~XP1_IFS_HANDLES) | IfsHandles;
  layer.ProtocolChain.ChainLen = LAYERED_PROTOCOL;
  if (WSCInstallProvider64_32(&guid, path, &layer, 1, &error) == SOCKET_ERROR)
    return Fail("WSCInstallProvider64_32", error);

  entries = Enumerate(&count);
  own = entries == NULL ? NULL : FindByGuid(entries, count, &guid);
  if (own == NULL) return Fail("the layer's own entry", WSANO_RECOVERY);
  for (i = 0; i < chain; i++) {
    GUID chainGuid;
    if (UuidCreate(&chainGuid) != RPC_S_OK) return Fail("UuidCreate", WSANO_RECOVERY);
    chains[i].ProtocolChain.ChainLen = 2;
    chains[i].ProtocolChain.ChainEntries[0] = own->dwCatalogEntryId;
    chains[i].ProtocolChain.ChainEntries[1] = chains[i].dwCatalogEntryId;
    chains[i].dwServiceFlags1 = (chains[i].dwServiceFlags1 & ~XP1_IFS_HANDLES) | IfsHandles;
    _snwprintf(chains[i].szProtocol, WSAPROTOCOL_LEN, L"%s over [%d:%d]", name,
               chains[i].iAddressFamily, chains[i].iProtocol);
    if (WSCInstallProvider(&chainGuid, path, &chains[i], 1, &error) == SOCKET_ERROR)
      return Fail("WSCInstallProvider", error);
  }
  /* The same entry once more, by the function that newer versions have. */
  update = (LPFN_WSCUPDATEPROVIDER)GetProcAddress(gWs2, "WSCUpdateProvider");
  if (update != NULL && update(&guid, path, &layer, 1, &error) == SOCKET_ERROR)
    return Fail("WSCUpdateProvider", error);
  error = Reorder(&gCatalog, own->dwCatalogEntryId);
  if (error == 0) error = Reorder(&gCatalog32, own->dwCatalogEntryId);
  FreeEntries(entries);
  return error;
}

static int Remove(const char *Path) {
  LPWSAPROTOCOL_INFOW entries = NULL, own = NULL;
  INT count = 0, error = 0, i;
  GUID guid;
  if (!AskGuid(Path, &guid)) return 1;
  entries = Enumerate(&count);
  own = entries == NULL ? NULL : FindByGuid(entries, count, &guid);
  if (own == NULL) return Fail("the layer's own entry", WSAEINVAL);
  for (i = 0; i < count; i++)
    if (IsChainOf(&entries[i], own->dwCatalogEntryId) &&
        WSCDeinstallProvider(&entries[i].ProviderId, &error) == SOCKET_ERROR)
      Fail("WSCDeinstallProvider of a chain", error);
  if (WSCDeinstallProvider(&guid, &error) == SOCKET_ERROR)
    return Fail("WSCDeinstallProvider", error);
  /* Of the other catalog, if it was there still. */
  WSCDeinstallProvider32(&guid, &error);
  FreeEntries(entries);
  return 0;
}

/* One installer changes the catalog at a time. */
static int Alone(int (*Change)(char **), char **argv) {
  HANDLE mutex = CreateMutexW(NULL, FALSE, L"ws2spi example installer");
  int result = 1;
  if (mutex == NULL) return Fail("CreateMutex", (int)GetLastError());
  switch (WaitForSingleObject(mutex, 10000)) {
    case WAIT_OBJECT_0:
    case WAIT_ABANDONED:
      result = Change(argv);
      ReleaseMutex(mutex);
      break;
    default:
      Fail("the wait for another installer", ERROR_BUSY);
  }
  CloseHandle(mutex);
  return result;
}

static int InstallLayer(char **argv) { return Install(argv[2], argv[3], 0); }

static int InstallIfsLayer(char **argv) { return Install(argv[3], argv[4], XP1_IFS_HANDLES); }

static int RemoveLayer(char **argv) { return Remove(argv[2]); }

int __cdecl main(int argc, char **argv) {
  CHAR library[MAX_PATH];
  WSADATA data;
  int result = 2;
  /* The usual way to it. */
  ExpandEnvironmentStringsA("%SystemRoot%\\system32\\ws2_32.dll", library, MAX_PATH);
  gWs2 = LoadLibraryA(library);
  if (gWs2 == NULL) return Fail("LoadLibrary of ws2_32.dll", (int)GetLastError());
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return Fail("WSAStartup", WSAGetLastError());
  if (argc == 2 && _stricmp(argv[1], "-P") == 0)
    result = Print();
  else if (argc == 2 && _stricmp(argv[1], "-V") == 0)
    result = Report(gWs2);
  else if (argc == 4 && strcmp(argv[1], "-i") == 0)
    result = Alone(InstallLayer, argv);
  else if (argc == 5 && strcmp(argv[1], "-i") == 0 && strcmp(argv[2], "-h") == 0)
    result = Alone(InstallIfsLayer, argv);
  else if (argc == 3 && strcmp(argv[1], "-r") == 0)
    result = Alone(RemoveLayer, argv);
  else
    fprintf(stderr, "usage: install -p | -v | -i [-h] PATH NAME | -r PATH\n");
  WSACleanup();
  FreeLibrary(gWs2);
  return result;
}
