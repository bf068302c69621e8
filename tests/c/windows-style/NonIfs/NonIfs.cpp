// NonIfs.cpp - a non-IFS layer as Windows sources are written: a number of its own for each socket,
// so that every call comes through it.
//
// Extension functions are not offered: those of the provider below do not know the layer's numbers.
#include <InitGuid.h>
#include "..\NONIFS\nonifs.h"

// {0F5E7E53-6B0E-4D37-90BD-4D2B6F5C9E10}
extern "C" {
DEFINE_GUID(gLayerGuid, 0x0f5e7e53, 0x6b0e, 0x4d37, 0x90, 0xbd, 0x4d, 0x2b, 0x6f, 0x5c, 0x9e, 0x10);
}

HINSTANCE gInstance;
HANDLE gHeap;
CRITICAL_SECTION gCriticalSection;
WSPUPCALLTABLE gUpCallTable;

extern "C" BOOL WINAPI DllMain(HINSTANCE hinstDLL, DWORD dwReason, LPVOID lpvReserved) {
  UNREFERENCED_PARAMETER(lpvReserved);
  switch (dwReason) {
    case DLL_PROCESS_ATTACH:
      gInstance = hinstDLL;
      gHeap = HeapCreate(0, 0, 0);
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

VOID WSPAPI GetLspGuid(LPGUID lpGuid) { memcpy(lpGuid, &gLayerGuid, sizeof(GUID)); }

// Finds the record of `s`, calls the provider below, and lets the record go.
#define PASS(failure, call)                \
  LPSOCK_INFO info = SockFind(s, lpErrno); \
  if (info == NULL) return failure;        \
  auto result = NEXT(info).call;           \
  SockRelease(info);                       \
  return result

static int WSPAPI LspBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPBind(info->Lower, name, namelen, lpErrno));
}

static int WSPAPI LspConnect(SOCKET s, const struct sockaddr *name, int namelen,
                             LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                             LPQOS lpGQOS, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPConnect(info->Lower, name, namelen, lpCallerData, lpCalleeData, lpSQOS,
                                  lpGQOS, lpErrno));
}

static int WSPAPI LspListen(SOCKET s, int backlog, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPListen(info->Lower, backlog, lpErrno));
}

static int WSPAPI LspShutdown(SOCKET s, int how, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPShutdown(info->Lower, how, lpErrno));
}

static int WSPAPI LspGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPGetPeerName(info->Lower, name, namelen, lpErrno));
}

static int WSPAPI LspGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPGetSockName(info->Lower, name, namelen, lpErrno));
}

static BOOL WSPAPI LspGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno) {
  PASS(FALSE, lpWSPGetQOSByName(info->Lower, lpQOSName, lpQOS, lpErrno));
}

static int WSPAPI LspEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                       LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPEnumNetworkEvents(info->Lower, hEventObject, lpNetworkEvents, lpErrno));
}

static int WSPAPI LspRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPRecvDisconnect(info->Lower, lpInboundDisconnectData, lpErrno));
}

static int WSPAPI LspSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData, LPINT lpErrno) {
  PASS(SOCKET_ERROR, lpWSPSendDisconnect(info->Lower, lpOutboundDisconnectData, lpErrno));
}

static int WSPAPI LspEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                 LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = NEXT(info).lpWSPEventSelect(info->Lower, hEventObject, lNetworkEvents, lpErrno);
  // It takes the place of messages.
  if (result == 0) info->hWnd = NULL;
  SockRelease(info);
  return result;
}

static int WSPAPI LspAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                 LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = AsyncSelect(info, hWnd, wMsg, (LONG)lEvent, lpErrno);
  SockRelease(info);
  return result;
}

// The overlapped calls: with a block, begun with one of the layer's own.
#define OVERLAPPED(plain, overlapped)                                                          \
  int result = SOCKET_ERROR;                                                                   \
  LPSOCK_INFO info = SockFind(s, lpErrno);                                                     \
  if (info == NULL) return SOCKET_ERROR;                                                       \
  if (lpOverlapped == NULL) {                                                                  \
    result = NEXT(info).plain;                                                                 \
  } else {                                                                                     \
    LPLSP_OPERATION operation =                                                                \
        OverlapBegin(info, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);            \
    if (operation != NULL) result = OverlapStarted(operation, NEXT(info).overlapped, lpErrno); \
  }                                                                                            \
  SockRelease(info);                                                                           \
  return result

static int WSPAPI LspSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                          DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                          LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED(lpWSPSend(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags, NULL, NULL,
                       lpThreadId, lpErrno),
             lpWSPSend(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags, &operation->Lower,
                       NULL, lpThreadId, lpErrno));
}

static int WSPAPI LspSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                            DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED(lpWSPSendTo(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags, lpTo, iTolen, NULL,
                         NULL, lpThreadId, lpErrno),
             lpWSPSendTo(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags, lpTo, iTolen,
                         &operation->Lower, NULL, lpThreadId, lpErrno));
}

static int WSPAPI LspRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                          LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                          LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED(lpWSPRecv(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags, NULL, NULL,
                       lpThreadId, lpErrno),
             lpWSPRecv(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags, &operation->Lower,
                       NULL, lpThreadId, lpErrno));
}

static int WSPAPI LspRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                              LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  OVERLAPPED(lpWSPRecvFrom(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags, lpFrom,
                           lpFromlen, NULL, NULL, lpThreadId, lpErrno),
             lpWSPRecvFrom(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags, lpFrom,
                           lpFromlen, &operation->Lower, NULL, lpThreadId, lpErrno));
}

static int WSPAPI LspIoctl(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut,
                           DWORD cbOut, LPDWORD lpcbReturned, LPWSAOVERLAPPED lpOverlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                           LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (dwCode == SIO_GET_EXTENSION_FUNCTION_POINTER) {
    *lpErrno = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
  }
  OVERLAPPED(lpWSPIoctl(info->Lower, dwCode, lpIn, cbIn, lpOut, cbOut, lpcbReturned, NULL, NULL,
                        lpThreadId, lpErrno),
             lpWSPIoctl(info->Lower, dwCode, lpIn, cbIn, lpOut, cbOut, lpcbReturned,
                        &operation->Lower, NULL, lpThreadId, lpErrno));
}

static BOOL WSPAPI LspGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                          LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags,
                                          LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return FALSE;
  BOOL result = OverlapResult(lpOverlapped, lpcbTransfer, fWait, lpdwFlags, lpErrno);
  SockRelease(info);
  return result;
}

static SOCKET WSPAPI LspSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               GROUP g, DWORD dwFlags, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return INVALID_SOCKET;
  WSAPROTOCOL_INFOW next = provider->Next;
  next.dwProviderReserved = lpProtocolInfo->dwProviderReserved;
  SOCKET s = provider->NextProcTable.lpWSPSocket(af, type, protocol, &next, g,
                                                 dwFlags | WSA_FLAG_OVERLAPPED, lpErrno);
  return s == INVALID_SOCKET ? s : SockPresent(provider, s, lpErrno);
}

static SOCKET WSPAPI LspAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                               LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                               LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return INVALID_SOCKET;
  SOCKET accepted =
      NEXT(info).lpWSPAccept(info->Lower, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  if (accepted != INVALID_SOCKET) accepted = SockPresent(info->Provider, accepted, lpErrno);
  if (accepted != INVALID_SOCKET) AsyncInherit(info, accepted);
  SockRelease(info);
  return accepted;
}

static SOCKET WSPAPI LspJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                                 LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                 LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return INVALID_SOCKET;
  SOCKET leaf = NEXT(info).lpWSPJoinLeaf(info->Lower, name, namelen, lpCallerData, lpCalleeData,
                                         lpSQOS, lpGQOS, dwFlags, lpErrno);
  if (leaf == info->Lower)
    leaf = s;
  else if (leaf != INVALID_SOCKET)
    leaf = SockPresent(info->Provider, leaf, lpErrno);
  SockRelease(info);
  return leaf;
}

static int WSPAPI LspCloseSocket(SOCKET s, LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = SockClose(info, lpErrno);
  SockRelease(info);
  return result;
}

static int WSPAPI LspGetSockOpt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = NEXT(info).lpWSPGetSockOpt(info->Lower, level, optname, optval, optlen, lpErrno);
  if (result == 0 && level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW)
    CopyMemory(optval, &info->Provider->Own, sizeof(WSAPROTOCOL_INFOW));
  SockRelease(info);
  return result;
}

static int WSPAPI LspSetSockOpt(SOCKET s, int level, int optname, const char *optval, int optlen,
                                LPINT lpErrno) {
  SOCKET listener;
  LPSOCK_INFO info = SockFind(s, lpErrno), other = NULL;
  int result = SOCKET_ERROR;
  if (info == NULL) return SOCKET_ERROR;
  if (level == SOL_SOCKET && optname == SO_UPDATE_ACCEPT_CONTEXT && optval != NULL &&
      optlen >= (int)sizeof(SOCKET)) {
    // The option's value is a socket itself.
    listener = *(const SOCKET *)optval;
    other = SockFind(listener, lpErrno);
    if (other == NULL) goto cleanup;
    listener = other->Lower;
    optval = (const char *)&listener;
  }
  result = NEXT(info).lpWSPSetSockOpt(info->Lower, level, optname, optval, optlen, lpErrno);
cleanup:
  if (other != NULL) SockRelease(other);
  SockRelease(info);
  return result;
}

// A set with the numbers of the provider below; what is not ours goes down as it is.
typedef struct _SELECT_SET {
  fd_set *App;
  fd_set *Lower;
} SELECT_SET;

static BOOL SelectMap(SELECT_SET *Set, fd_set *App, LPPROVIDER *Provider, LPINT lpErrno) {
  INT ignored;
  Set->App = App;
  Set->Lower = NULL;
  if (App == NULL) return TRUE;
  SIZE_T size = FIELD_OFFSET(fd_set, fd_array) + (App->fd_count + 1) * sizeof(SOCKET);
  Set->Lower = (fd_set *)LspAlloc(max(size, sizeof(fd_set)), lpErrno);
  if (Set->Lower == NULL) return FALSE;
  FD_ZERO(Set->Lower);
  Set->Lower->fd_count = App->fd_count;
  for (u_int i = 0; i < App->fd_count; i++) {
    LPSOCK_INFO info = SockFind(App->fd_array[i], &ignored);
    Set->Lower->fd_array[i] = info == NULL ? App->fd_array[i] : info->Lower;
    if (info == NULL) continue;
    *Provider = info->Provider;
    SockRelease(info);
  }
  return TRUE;
}

// The numbers that are left, as the program knows them: they are in its set still.
static VOID SelectMapBack(SELECT_SET *Set) {
  u_int count = 0;
  INT ignored;
  if (Set->App == NULL) return;
  for (u_int i = 0; i < Set->App->fd_count; i++) {
    SOCKET app = Set->App->fd_array[i];
    LPSOCK_INFO info = SockFind(app, &ignored);
    SOCKET lower = info == NULL ? app : info->Lower;
    if (FD_ISSET(lower, Set->Lower)) Set->App->fd_array[count++] = app;
    if (info != NULL) SockRelease(info);
  }
  Set->App->fd_count = count;
}

static int WSPAPI LspSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                            const struct timeval *timeout, LPINT lpErrno) {
  SELECT_SET sets[3] = {{NULL, NULL}, {NULL, NULL}, {NULL, NULL}};
  LPPROVIDER provider = NULL;
  int result = SOCKET_ERROR;
  if (!SelectMap(&sets[0], readfds, &provider, lpErrno) ||
      !SelectMap(&sets[1], writefds, &provider, lpErrno) ||
      !SelectMap(&sets[2], exceptfds, &provider, lpErrno))
    goto cleanup;
  if (provider == NULL) {
    BOOL empty = TRUE;
    for (int i = 0; i < 3; i++)
      if (sets[i].App != NULL && sets[i].App->fd_count != 0) empty = FALSE;
    *lpErrno = empty ? WSAEINVAL : WSAENOTSOCK;
    goto cleanup;
  }
  result = provider->NextProcTable.lpWSPSelect(nfds, sets[0].Lower, sets[1].Lower, sets[2].Lower,
                                               timeout, lpErrno);
  if (result != SOCKET_ERROR)
    for (int i = 0; i < 3; i++) SelectMapBack(&sets[i]);
cleanup:
  for (int i = 0; i < 3; i++) LspFree(sets[i].Lower);
  return result;
}

static int WSPAPI LspDuplicateSocket(SOCKET s, DWORD dwProcessId,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = NEXT(info).lpWSPDuplicateSocket(info->Lower, dwProcessId, lpProtocolInfo, lpErrno);
  if (result == 0) {
    DWORD reserved = lpProtocolInfo->dwProviderReserved;
    *lpProtocolInfo = info->Provider->Own;
    lpProtocolInfo->dwProviderReserved = reserved;
  }
  SockRelease(info);
  return result;
}

static INT WSPAPI LspAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                                     LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  return provider->NextProcTable.lpWSPAddressToString(lpsaAddress, dwAddressLength, &provider->Next,
                                                      lpszAddressString, lpdwAddressStringLength,
                                                      lpErrno);
}

static INT WSPAPI LspStringToAddress(LPWSTR AddressString, INT AddressFamily,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                     LPINT lpAddressLength, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return SOCKET_ERROR;
  return provider->NextProcTable.lpWSPStringToAddress(AddressString, AddressFamily, &provider->Next,
                                                      lpAddress, lpAddressLength, lpErrno);
}

static int WSPAPI LspCancelBlockingCall(LPINT lpErrno) {
  return ProviderCancelBlockingCall(lpErrno);
}

// The last one: sockets, then what still goes on, then the providers below.
static int WSPAPI LspCleanup(LPINT lpErrno) {
  if (ProviderIsLast()) {
    SockCloseAll();
    AsyncStop();
    OverlapStop();
  }
  return ProviderCleanup(lpErrno);
}

VOID ContextRemoveAll(VOID) {
  // The sockets were closed before the providers below ended.
}

int WSPAPI WSPStartup(WORD wVersion, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpCallTable, LPWSPPROC_TABLE lpProcTable) {
  LPPROVIDER provider = NULL;
  int error;
  LPVOID startup = WSPStartup;  // A function's address, as the other compiler takes it.
  if (wVersion < MAKEWORD(2, 2)) return WSAVERNOTSUPPORTED;
  EnterCriticalSection(&gCriticalSection);
  gUpCallTable = UpCallTable;
  LeaveCriticalSection(&gCriticalSection);
  error = ProviderStartup(lpProtocolInfo, &provider);
  if (error != NO_ERROR) return error;
  Trace(_T("WSPStartup at %p\n"), startup);
  lpProcTable->lpWSPAccept = LspAccept;
  lpProcTable->lpWSPAddressToString = LspAddressToString;
  lpProcTable->lpWSPAsyncSelect = LspAsyncSelect;
  lpProcTable->lpWSPBind = LspBind;
  lpProcTable->lpWSPCancelBlockingCall = LspCancelBlockingCall;
  lpProcTable->lpWSPCleanup = LspCleanup;
  lpProcTable->lpWSPCloseSocket = LspCloseSocket;
  lpProcTable->lpWSPConnect = LspConnect;
  lpProcTable->lpWSPDuplicateSocket = LspDuplicateSocket;
  lpProcTable->lpWSPEnumNetworkEvents = LspEnumNetworkEvents;
  lpProcTable->lpWSPEventSelect = LspEventSelect;
  lpProcTable->lpWSPGetOverlappedResult = LspGetOverlappedResult;
  lpProcTable->lpWSPGetPeerName = LspGetPeerName;
  lpProcTable->lpWSPGetQOSByName = LspGetQOSByName;
  lpProcTable->lpWSPGetSockName = LspGetSockName;
  lpProcTable->lpWSPGetSockOpt = LspGetSockOpt;
  lpProcTable->lpWSPIoctl = LspIoctl;
  lpProcTable->lpWSPJoinLeaf = LspJoinLeaf;
  lpProcTable->lpWSPListen = LspListen;
  lpProcTable->lpWSPRecv = LspRecv;
  lpProcTable->lpWSPRecvDisconnect = LspRecvDisconnect;
  lpProcTable->lpWSPRecvFrom = LspRecvFrom;
  lpProcTable->lpWSPSelect = LspSelect;
  lpProcTable->lpWSPSend = LspSend;
  lpProcTable->lpWSPSendDisconnect = LspSendDisconnect;
  lpProcTable->lpWSPSendTo = LspSendTo;
  lpProcTable->lpWSPSetSockOpt = LspSetSockOpt;
  lpProcTable->lpWSPShutdown = LspShutdown;
  lpProcTable->lpWSPSocket = LspSocket;
  lpProcTable->lpWSPStringToAddress = LspStringToAddress;
  lpWSPData->wVersion = MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  StringCchCopyW(lpWSPData->szDescription, WSPDESCRIPTION_LEN,
                 L"ws2spi example: non-IFS layer in Windows style");
  return NO_ERROR;
}
