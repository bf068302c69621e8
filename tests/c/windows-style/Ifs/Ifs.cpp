// Ifs.cpp - an IFS layer as Windows sources are written: it hands out the handle of the provider
// below and claims it with WPUModifyIFSHandle. Calls that it does not care for go to that
// provider's own functions.
#include <INITGUID.H>
#include "..\COMMON\lsp.h"

// {C3A6C2D4-55F1-4B0C-8A53-19B2E5D0A7F0}
extern "C" {
DEFINE_GUID(gLayerGuid, 0xc3a6c2d4, 0x55f1, 0x4b0c, 0x8a, 0x53, 0x19, 0xb2, 0xe5, 0xd0, 0xa7, 0xf0);
}

HINSTANCE gInstance;
HANDLE gHeap;
CRITICAL_SECTION gCriticalSection;
WSPUPCALLTABLE gUpCallTable;
__declspec(selectany) volatile LONG gBytesSent = 0;
// What a debugger is shown: the thread that the layer saw last.
static __declspec(thread) DWORD tCalls;

extern "C" BOOL WINAPI DllMain(IN HINSTANCE hinstDLL, IN DWORD dwReason, LPVOID lpvReserved) {
  UNREFERENCED_PARAMETER(lpvReserved);
  switch (dwReason) {
    case DLL_PROCESS_ATTACH:
      gInstance = hinstDLL;
      gHeap = HeapCreate(0, 128 * 1024, 0);
      if (gHeap == NULL || !TraceAttach()) return FALSE;
      InitializeCriticalSection(&gCriticalSection);
      break;
    case DLL_THREAD_DETACH:
      TraceDetachThread();
      break;
    case DLL_PROCESS_DETACH:
      TraceDetach();
      DeleteCriticalSection(&gCriticalSection);
      HeapDestroy(gHeap);
      break;
  }
  return TRUE;
}

// Not extern "C": the module definition file exports it by the undecorated name.
VOID WSPAPI GetLspGuid(LPGUID lpGuid) { memcpy(lpGuid, &gLayerGuid, sizeof(GUID)); }

// What a monitor asks.
extern "C" __declspec(dllexport) LONG WINAPI GetLspBytesSent(VOID) { return gBytesSent; }

// The socket of the provider below becomes one of the chain's.
static SOCKET Claim(__in LPPROVIDER Provider, __in SOCKET Lower, __out LPINT lpErrno) {
  INT ignored;
  SOCKET socket = INVALID_SOCKET;
  if (ContextInsert(Lower, Provider, lpErrno)) {
    socket = gUpCallTable.lpWPUModifyIFSHandle(Provider->Own.dwCatalogEntryId, Lower, lpErrno);
    if (socket == Lower) return socket;
    // The numbers must be the same, or nobody below knows the one that the program has.
    if (socket != INVALID_SOCKET) *lpErrno = WSAEOPNOTSUPP;
    ContextRemove(Lower);
  }
  Provider->NextProcTable.lpWSPCloseSocket(Lower, &ignored);
  return INVALID_SOCKET;
}

static SOCKET WSPAPI LspSocket(int af, int type, int protocol,
                               __in LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                               __out LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return INVALID_SOCKET;
  WSAPROTOCOL_INFOW info = provider->Next;
  info.dwProviderReserved = lpProtocolInfo->dwProviderReserved;
  SOCKET s = provider->NextProcTable.lpWSPSocket(af, type, protocol, &info, g, dwFlags, lpErrno);
  if (s != INVALID_SOCKET) StatisticsCount();
  return s == INVALID_SOCKET ? s : Claim(provider, s, lpErrno);
}

static SOCKET WSPAPI LspAccept(SOCKET s, struct sockaddr FAR *addr, LPINT addrlen,
                               LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                               LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return INVALID_SOCKET;
  SOCKET accepted =
      provider->NextProcTable.lpWSPAccept(s, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  return accepted == INVALID_SOCKET ? accepted : Claim(provider, accepted, lpErrno);
}

static SOCKET WSPAPI LspJoinLeaf(SOCKET s, const struct sockaddr FAR *name, int namelen,
                                 LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                 LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return INVALID_SOCKET;
  SOCKET leaf = provider->NextProcTable.lpWSPJoinLeaf(s, name, namelen, lpCallerData, lpCalleeData,
                                                      lpSQOS, lpGQOS, dwFlags, lpErrno);
  return leaf == INVALID_SOCKET || leaf == s ? leaf : Claim(provider, leaf, lpErrno);
}

static int WSPAPI LspCloseSocket(SOCKET s, LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  // The number may be another socket's as soon as it is closed below.
  ContextRemove(s);
  if (provider->NextProcTable.lpWSPCloseSocket(s, lpErrno) == 0) return 0;
  INT ignored;
  if (*lpErrno == WSAEWOULDBLOCK) ContextInsert(s, provider, &ignored);
  return SOCKET_ERROR;
}

static int WSPAPI LspSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                          LPDWORD lpNumberOfBytesSent, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                          LPWSATHREADID lpThreadId, LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  tCalls++;
  ContextCountSend(s);
  int result =
      provider->NextProcTable.lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                                        lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  if (result == 0 && lpNumberOfBytesSent != NULL)
    InterlockedExchangeAdd(&gBytesSent, (LONG)*lpNumberOfBytesSent);
  return result;
}

// `long` is what the published prototype says, whatever the system's is.
static int WSPAPI LspEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                 LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  return provider->NextProcTable.lpWSPEventSelect(s, hEventObject, lNetworkEvents, lpErrno);
}

// The provider below of any socket gets the sets: the handles are its own.
static int WSPAPI LspSelect(int nfds, fd_set FAR *readfds, fd_set FAR *writefds,
                            fd_set FAR *exceptfds, const struct timeval FAR *timeout,
                            LPINT lpErrno) {
  fd_set FAR *sets[] = {readfds, writefds, exceptfds};
  LPPROVIDER provider = NULL;
  BOOL empty = TRUE;
  for (int i = 0; i < 3; i++) {
    // fd_count is the only truth about a set's size.
    for (u_int j = 0; sets[i] != NULL && j < sets[i]->fd_count; j++) {
      empty = FALSE;
      if (provider == NULL) provider = ContextProvider(sets[i]->fd_array[j], NULL);
    }
  }
  if (provider == NULL) {
    *lpErrno = empty ? WSAEINVAL : WSAENOTSOCK;
    return SOCKET_ERROR;
  }
  return provider->NextProcTable.lpWSPSelect(nfds, readfds, writefds, exceptfds, timeout, lpErrno);
}

// Takes in a socket that was not made here, if the provider below any chain knows it as its own: an
// inherited one, say.
static LPPROVIDER Adopt(SOCKET s, LPPROVIDER Provider) {
  WSAPROTOCOL_INFOW info;
  INT length = sizeof(info), error;
  ZeroMemory(&info, sizeof(info));
  if (Provider->NextProcTable.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                                              &length, &error) == SOCKET_ERROR ||
      info.dwCatalogEntryId != Provider->Next.dwCatalogEntryId ||
      !ContextInsert(s, Provider, &error))
    return NULL;
  return Provider;
}

static int GetSockOpt(LPPROVIDER Provider, SOCKET s, int level, int optname,
                      __out_bcount(*optlen) char FAR *optval, __inout LPINT optlen, LPINT lpErrno) {
  int result = Provider->NextProcTable.lpWSPGetSockOpt(s, level, optname, optval, optlen, lpErrno);
  if (result == SOCKET_ERROR || level != SOL_SOCKET || optname != SO_PROTOCOL_INFOW) goto cleanup;
  __try {
    CopyMemory(optval, &Provider->Own, sizeof(WSAPROTOCOL_INFOW));
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    *lpErrno = WSAEFAULT;
    result = SOCKET_ERROR;
    goto cleanup;
  }
cleanup:
  return result;
}

// One for each chain: which chain a foreign socket is asked about is known by the table only.
#define MAX_TABLES 16
static LPPROVIDER gTables[MAX_TABLES];  // Empty again after the last WSPCleanup.

template <int N>
static int WSPAPI LspGetSockOpt(SOCKET s, int level, int optname, char FAR *optval, LPINT optlen,
                                LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL && level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW)
    provider = gTables[N] == NULL ? NULL : Adopt(s, gTables[N]);
  if (provider == NULL) return SOCKET_ERROR;
  return GetSockOpt(provider, s, level, optname, optval, optlen, lpErrno);
}

static const LPWSPGETSOCKOPT gGetSockOpt[MAX_TABLES] = {
    LspGetSockOpt<0>,  LspGetSockOpt<1>,  LspGetSockOpt<2>,  LspGetSockOpt<3>,
    LspGetSockOpt<4>,  LspGetSockOpt<5>,  LspGetSockOpt<6>,  LspGetSockOpt<7>,
    LspGetSockOpt<8>,  LspGetSockOpt<9>,  LspGetSockOpt<10>, LspGetSockOpt<11>,
    LspGetSockOpt<12>, LspGetSockOpt<13>, LspGetSockOpt<14>, LspGetSockOpt<15>,
};

static int WSPAPI LspDuplicateSocket(SOCKET s, DWORD dwProcessId,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  LPPROVIDER provider = ContextProvider(s, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  if (provider->NextProcTable.lpWSPDuplicateSocket(s, dwProcessId, lpProtocolInfo, lpErrno) != 0)
    return SOCKET_ERROR;
  // Only what the provider below needs to find the socket again goes with our entry.
  DWORD reserved = lpProtocolInfo->dwProviderReserved;
  *lpProtocolInfo = provider->Own;
  lpProtocolInfo->dwProviderReserved = reserved;
  return 0;
}

static int WSPAPI LspCleanup(LPINT lpErrno) {
  if (ProviderIsLast()) {
    StatisticsStop();
    for (int i = 0; i < MAX_TABLES; i++)
      InterlockedExchangePointer((PVOID volatile *)&gTables[i], NULL);
  }
  return ProviderCleanup(lpErrno);
}

// The slot of a chain's table, or -1.
static int Slot(LPPROVIDER Provider) {
  for (int i = 0; i < MAX_TABLES; i++)
    if (InterlockedCompareExchangePointer((PVOID volatile *)&gTables[i], Provider, NULL) == NULL)
      return i;
  return -1;
}

int WSPAPI WSPStartup(WORD wVersion, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpCallTable, LPWSPPROC_TABLE lpProcTable) {
  LPPROVIDER provider = NULL;
  int error, slot;
  if (wVersion < MAKEWORD(2, 2)) return WSAVERNOTSUPPORTED;
  EnterCriticalSection(&gCriticalSection);
  gUpCallTable = UpCallTable;
  LeaveCriticalSection(&gCriticalSection);
  error = ProviderStartup(lpProtocolInfo, &provider);
  if (error != NO_ERROR) return error;
  slot = Slot(provider);
  if (slot < 0) {
    ProviderCleanup(&error);
    return WSAEPROVIDERFAILEDINIT;
  }
  StatisticsStart();
  *lpProcTable = provider->NextProcTable;
  lpProcTable->lpWSPAccept = LspAccept;
  lpProcTable->lpWSPAddressToString = ProviderAddressToString;
  lpProcTable->lpWSPCleanup = LspCleanup;
  lpProcTable->lpWSPCloseSocket = LspCloseSocket;
  lpProcTable->lpWSPDuplicateSocket = LspDuplicateSocket;
  lpProcTable->lpWSPEventSelect = LspEventSelect;
  lpProcTable->lpWSPGetSockOpt = gGetSockOpt[slot];
  lpProcTable->lpWSPJoinLeaf = LspJoinLeaf;
  lpProcTable->lpWSPSelect = LspSelect;
  lpProcTable->lpWSPSend = LspSend;
  lpProcTable->lpWSPSocket = LspSocket;
  lpProcTable->lpWSPStringToAddress = ProviderStringToAddress;
  lpWSPData->wVersion = MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  wcsncpy(lpWSPData->szDescription, L"ws2spi example: IFS layer in Windows style",
          WSPDESCRIPTION_LEN);
  return NO_ERROR;
}
