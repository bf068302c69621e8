// NonIfs.cpp - a non-IFS layer as Windows sources are written: a number of its own for each socket,
// so that every call comes through it.
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
  if (result == 0) AsyncForget(info);
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

// Duplicates of synchronous sockets that are on their way, by what the provider below has put into
// the entry: nothing else says what they are.
#define MARK_COUNT 64
static volatile LONG gMarks[MARK_COUNT];

static SOCKET WSPAPI LspSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               GROUP g, DWORD dwFlags, LPINT lpErrno) {
  LPPROVIDER provider = ProviderFind(lpProtocolInfo, lpErrno);
  if (provider == NULL) return INVALID_SOCKET;
  DWORD mark = lpProtocolInfo->dwProviderReserved;
  WSAPROTOCOL_INFOW next = provider->Next;
  next.dwProviderReserved = mark;
  SOCKET s = provider->NextProcTable.lpWSPSocket(af, type, protocol, &next, g, dwFlags, lpErrno);
  if (s == INVALID_SOCKET) return s;
  // A duplicate is what the original is, whatever the flags ask for.
  BOOL synchronous =
      mark == 0 ? (dwFlags & WSA_FLAG_OVERLAPPED) == 0 : (DWORD)gMarks[mark % MARK_COUNT] == mark;
  return SockPresent(provider, s, synchronous, lpErrno);
}

static SOCKET WSPAPI LspAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                               LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                               LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return INVALID_SOCKET;
  SOCKET accepted =
      NEXT(info).lpWSPAccept(info->Lower, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  if (accepted != INVALID_SOCKET)
    accepted = SockPresent(info->Provider, accepted, info->Synchronous, lpErrno);
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
    leaf = SockPresent(info->Provider, leaf, info->Synchronous, lpErrno);
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

static int WSPAPI LspDuplicateSocket(SOCKET s, DWORD dwProcessId,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  if (info == NULL) return SOCKET_ERROR;
  int result = NEXT(info).lpWSPDuplicateSocket(info->Lower, dwProcessId, lpProtocolInfo, lpErrno);
  if (result == 0) {
    DWORD reserved = lpProtocolInfo->dwProviderReserved;
    *lpProtocolInfo = info->Provider->Own;
    lpProtocolInfo->dwProviderReserved = reserved;
    if (info->Synchronous) InterlockedExchange(&gMarks[reserved % MARK_COUNT], (LONG)reserved);
  }
  SockRelease(info);
  return result;
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
  lpProcTable->lpWSPAddressToString = ProviderAddressToString;
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
  lpProcTable->lpWSPStringToAddress = ProviderStringToAddress;
  lpWSPData->wVersion = MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  StringCchCopyW(lpWSPData->szDescription, WSPDESCRIPTION_LEN,
                 L"ws2spi example: non-IFS layer in Windows style");
  return NO_ERROR;
}
