// layer.cpp - a small layer in C++, written as for Windows: it counts what programs send, and
// changes nothing.
//
// It starts the provider below it in its chain, takes that one's table, and puts its own WSPSend
// and WSPCleanup there. The module definition file exports WSPStartup. CMakeLists.txt builds it;
// `ws2spi run build/layer.so` sends traffic through it.
#include <Windows.h>
#include <Ws2spi.h>

// {5D0A7B11-2B0E-4B59-9C3F-6D1F6F0C4A01}: the entry under which an installer puts this layer.
static const GUID LayerGuid = {
    0x5d0a7b11, 0x2b0e, 0x4b59, {0x9c, 0x3f, 0x6d, 0x1f, 0x6f, 0x0c, 0x4a, 0x01}};

static WSPPROC_TABLE Next; // The provider below; the same for all chains.
static BOOL Started;
static CRITICAL_SECTION Lock;
static volatile LONG BytesSent;

extern "C" BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID) {
  if (reason == DLL_PROCESS_ATTACH)
    InitializeCriticalSection(&Lock);
  if (reason == DLL_PROCESS_DETACH)
    DeleteCriticalSection(&Lock);
  return TRUE;
}

// Tells the installer, and `ws2spi run`, the GUID.
void WSPAPI GetLspGuid(GUID *guid) {
  *guid = LayerGuid;
}

static int WSPAPI LayerSend(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error) {
  int result = Next.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
  if (result == 0 && sent != NULL)
    InterlockedExchangeAdd(&BytesSent, (LONG)*sent);
  return result;
}

static int WSPAPI LayerCleanup(LPINT error) {
  return Next.lpWSPCleanup(error);
}

// The entry with this id, else NULL.
static LPWSAPROTOCOL_INFOW FindId(LPWSAPROTOCOL_INFOW entries, int count, DWORD id) {
  for (int i = 0; i < count; i++)
    if (entries[i].dwCatalogEntryId == id)
      return &entries[i];
  return NULL;
}

// Whether an entry is this layer's own, or a chain that begins with it.
static BOOL IsOurs(LPWSAPROTOCOL_INFOW entries, int count, LPWSAPROTOCOL_INFOW entry) {
  if (entry != NULL && entry->ProtocolChain.ChainLen > BASE_PROTOCOL)
    entry = FindId(entries, count, entry->ProtocolChain.ChainEntries[0]);
  return entry != NULL && IsEqualGUID(entry->ProviderId, LayerGuid);
}

// Loads the provider below this layer in a chain and starts it. Returns 0 or the error.
static int StartNext(LPWSAPROTOCOL_INFOW chain, const WSPUPCALLTABLE &upcalls,
                     LPWSPPROC_TABLE table) {
  DWORD bytes = 0;
  INT error = 0;
  WSCEnumProtocols(NULL, NULL, &bytes, &error);
  LPWSAPROTOCOL_INFOW entries =
      (LPWSAPROTOCOL_INFOW)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, bytes);
  int count = entries ? WSCEnumProtocols(NULL, entries, &bytes, &error) : SOCKET_ERROR;
  LPWSAPROTOCOL_INFOW next = NULL;
  for (int i = 0; count > 0 && i + 1 < chain->ProtocolChain.ChainLen; i++)
    if (IsOurs(entries, count, FindId(entries, count, chain->ProtocolChain.ChainEntries[i])))
      next = FindId(entries, count, chain->ProtocolChain.ChainEntries[i + 1]);
  error = WSAEPROVIDERFAILEDINIT;
  WCHAR path[MAX_PATH], expanded[MAX_PATH];
  INT length = MAX_PATH, ignored;
  if (next != NULL && WSCGetProviderPath(&next->ProviderId, path, &length, &ignored) == 0 &&
      ExpandEnvironmentStringsW(path, expanded, MAX_PATH) != 0) {
    HMODULE module = LoadLibraryW(expanded);
    LPWSPSTARTUP startup = module ? (LPWSPSTARTUP)GetProcAddress(module, "WSPStartup") : NULL;
    WSPDATA data;
    BOOL isBase = next->ProtocolChain.ChainLen == BASE_PROTOCOL;
    if (startup != NULL)
      error = startup(MAKEWORD(2, 2), &data, isBase ? next : chain, upcalls, table);
  }
  HeapFree(GetProcessHeap(), 0, entries);
  return error;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW chain,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table) {
  if (version < MAKEWORD(2, 2))
    return WSAVERNOTSUPPORTED;
  WSPPROC_TABLE next;
  int error = StartNext(chain, upcalls, &next);
  if (error != 0)
    return error;
  EnterCriticalSection(&Lock);
  if (!Started)
    Next = next;
  Started = TRUE;
  BOOL same = memcmp(&Next, &next, sizeof next) == 0;
  LeaveCriticalSection(&Lock);
  if (!same) {
    next.lpWSPCleanup(&error);
    return WSAEPROVIDERFAILEDINIT;
  }
  *table = next;
  table->lpWSPSend = LayerSend;
  table->lpWSPCleanup = LayerCleanup;
  ZeroMemory(data, sizeof *data);
  data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
  lstrcpyW(data->szDescription, L"ws2spi example: counting layer");
  return 0;
}
