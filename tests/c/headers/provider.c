/*
 * What the source of a layered provider uses of the headers, compiled and never run: all 30
 * procedures with Microsoft's prototypes, the start-up sequence, contexts, completion ports, a
 * message window, extension functions. Compiled as C and as C++, with libc's headers before
 * (LIBC_FIRST) and after Winsock's, with and without -fshort-wchar.
 */
#ifdef LIBC_FIRST
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netdb.h>
#include <sys/time.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#endif
#define INITGUID
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <sporder.h>
#include <windows.h>
#ifndef LIBC_FIRST
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netdb.h>
#include <sys/time.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#endif

// {6E6E1B6C-3C58-4F7B-9A2D-1A1D5C7B1E10}
DEFINE_GUID(LayerGuid, 0x6e6e1b6c, 0x3c58, 0x4f7b, 0x9a, 0x2d, 0x1a, 0x1d, 0x5c, 0x7b, 0x1e, 0x10);

typedef struct _SOCKET_CONTEXT {
  SOCKET UpperSocket;
  SOCKET LowerSocket;
  DWORD CatalogId;
  WSAOVERLAPPED Lower;
  LIST_ENTRY Link;
} SOCKET_CONTEXT, *PSOCKET_CONTEXT;

static WSPUPCALLTABLE Upcalls;
static WSPPROC_TABLE Next;
static HMODULE NextModule;
static HANDLE Port = INVALID_HANDLE_VALUE;
static LIST_ENTRY Contexts;

static PSOCKET_CONTEXT find_context(__in SOCKET s, __out LPINT lpErrno) {
  DWORD_PTR context = 0;
  if (Upcalls.lpWPUQuerySocketHandleContext(s, &context, lpErrno) == SOCKET_ERROR) {
    *lpErrno = WSAENOTSOCK;
    return NULL;
  }
  return (PSOCKET_CONTEXT)context;
}

static SOCKET lower(SOCKET s, LPINT lpErrno) {
  PSOCKET_CONTEXT context = find_context(s, lpErrno);
  return context == NULL ? INVALID_SOCKET : context->LowerSocket;
}

static SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr FAR *addr, LPINT addrlen,
                               LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                               LPINT lpErrno) {
  return Next.lpWSPAccept(lower(s, lpErrno), addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
}

static INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                                     LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  return Next.lpWSPAddressToString(lpsaAddress, dwAddressLength, lpProtocolInfo, lpszAddressString,
                                   lpdwAddressStringLength, lpErrno);
}

static int WSPAPI WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                 LPINT lpErrno) {
  return Next.lpWSPAsyncSelect(lower(s, lpErrno), hWnd, wMsg, lEvent, lpErrno);
}

static int WSPAPI WSPBind(SOCKET s, const struct sockaddr FAR *name, int namelen, LPINT lpErrno) {
  return Next.lpWSPBind(lower(s, lpErrno), name, namelen, lpErrno);
}

static int WSPAPI WSPCancelBlockingCall(LPINT lpErrno) {
  return Next.lpWSPCancelBlockingCall(lpErrno);
}

static int WSPAPI WSPCleanup(LPINT lpErrno) {
  int result = Next.lpWSPCleanup(lpErrno);
  FreeLibrary(NextModule);
  CloseHandle(Port);
  return result;
}

static int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno) {
  PSOCKET_CONTEXT context = find_context(s, lpErrno);
  if (context == NULL) return SOCKET_ERROR;
  if (Next.lpWSPCloseSocket(context->LowerSocket, lpErrno) == SOCKET_ERROR) return SOCKET_ERROR;
  free(context);
  return Upcalls.lpWPUCloseSocketHandle(s, lpErrno);
}

static int WSPAPI WSPConnect(SOCKET s, const struct sockaddr FAR *name, int namelen,
                             LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                             LPQOS lpGQOS, LPINT lpErrno) {
  struct sockaddr_in moved = *(const struct sockaddr_in *)(const void *)name;
  if (moved.sin_family == AF_INET && moved.sin_addr.s_addr != htonl(INADDR_LOOPBACK) &&
      moved.sin_addr.S_un.S_un_b.s_b1 != 127)
    moved.sin_port = htons(IPPORT_ECHO);
  return Next.lpWSPConnect(lower(s, lpErrno), (SOCKADDR *)&moved, namelen, lpCallerData,
                           lpCalleeData, lpSQOS, lpGQOS, lpErrno);
}

static int WSPAPI WSPDuplicateSocket(SOCKET s, DWORD dwProcessId,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  return Next.lpWSPDuplicateSocket(lower(s, lpErrno), dwProcessId, lpProtocolInfo, lpErrno);
}

static int WSPAPI WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                       LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  return Next.lpWSPEnumNetworkEvents(lower(s, lpErrno), hEventObject, lpNetworkEvents, lpErrno);
}

static int WSPAPI WSPEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                 LPINT lpErrno) {
  return Next.lpWSPEventSelect(lower(s, lpErrno), hEventObject, lNetworkEvents, lpErrno);
}

static BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                          LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags,
                                          LPINT lpErrno) {
  if (lpOverlapped->Internal == WSS_OPERATION_IN_PROGRESS && !fWait) {
    *lpErrno = WSA_IO_INCOMPLETE;
    return FALSE;
  }
  *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
  *lpdwFlags = lpOverlapped->Offset;
  (void)s;
  return HasOverlappedIoCompleted(lpOverlapped);
}

static int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr FAR *name, LPINT namelen,
                                 LPINT lpErrno) {
  return Next.lpWSPGetPeerName(lower(s, lpErrno), name, namelen, lpErrno);
}

static int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr FAR *name, LPINT namelen,
                                 LPINT lpErrno) {
  return Next.lpWSPGetSockName(lower(s, lpErrno), name, namelen, lpErrno);
}

static int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, char FAR *optval, LPINT optlen,
                                LPINT lpErrno) {
  if (level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW &&
      *optlen >= (int)sizeof(WSAPROTOCOL_INFOW))
    ((LPWSAPROTOCOL_INFOW)(void *)optval)->dwProviderFlags &= ~(DWORD)PFL_HIDDEN;
  return Next.lpWSPGetSockOpt(lower(s, lpErrno), level, optname, optval, optlen, lpErrno);
}

static BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno) {
  return Next.lpWSPGetQOSByName(lower(s, lpErrno), lpQOSName, lpQOS, lpErrno);
}

static int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                           LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                           LPWSAOVERLAPPED lpOverlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                           LPWSATHREADID lpThreadId, LPINT lpErrno) {
  static const GUID extensions[] = {WSAID_TRANSMITFILE,         WSAID_ACCEPTEX,
                                    WSAID_GETACCEPTEXSOCKADDRS, WSAID_CONNECTEX,
                                    WSAID_DISCONNECTEX,         WSAID_WSARECVMSG};
  if (dwIoControlCode == SIO_GET_EXTENSION_FUNCTION_POINTER && cbInBuffer >= sizeof(GUID) &&
      memcmp(lpvInBuffer, &extensions[3], sizeof(GUID)) == 0) {
    LPFN_CONNECTEX connect_ex = NULL;
    int result = Next.lpWSPIoctl(lower(s, lpErrno), dwIoControlCode, lpvInBuffer, cbInBuffer,
                                 &connect_ex, sizeof(connect_ex), lpcbBytesReturned, lpOverlapped,
                                 lpCompletionRoutine, lpThreadId, lpErrno);
    memcpy(lpvOutBuffer, &connect_ex, sizeof(connect_ex));
    return result;
  }
  switch (dwIoControlCode) {
    case SIO_BASE_HANDLE:
    case SIO_BSP_HANDLE:
    case SIO_KEEPALIVE_VALS:
    case FIONBIO:
    case FIONREAD:
    case SIOCATMARK:
      break;
    default:
      *lpErrno = WSAEOPNOTSUPP;
      return SOCKET_ERROR;
  }
  return Next.lpWSPIoctl(lower(s, lpErrno), dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
                         cbOutBuffer, lpcbBytesReturned, lpOverlapped, lpCompletionRoutine,
                         lpThreadId, lpErrno);
}

static SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr FAR *name, int namelen,
                                 LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                 LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  return Next.lpWSPJoinLeaf(lower(s, lpErrno), name, namelen, lpCallerData, lpCalleeData, lpSQOS,
                            lpGQOS, dwFlags, lpErrno);
}

static int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno) {
  return Next.lpWSPListen(lower(s, lpErrno), backlog, lpErrno);
}

static int WSPAPI WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                          LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                          LPWSAOVERLAPPED lpOverlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                          LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PSOCKET_CONTEXT context = find_context(s, lpErrno);
  int result;
  if (context == NULL) return SOCKET_ERROR;
  if (lpOverlapped == NULL)
    return Next.lpWSPRecv(context->LowerSocket, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags, NULL, NULL, lpThreadId, lpErrno);
  lpOverlapped->Internal = WSS_OPERATION_IN_PROGRESS;
  context->Lower.hEvent = (WSAEVENT)((ULONG_PTR)lpOverlapped->hEvent & ~(ULONG_PTR)1);
  result = Next.lpWSPRecv(context->LowerSocket, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags, &context->Lower, NULL, lpThreadId, lpErrno);
  if (result == 0 && lpCompletionRoutine == NULL)
    result =
        WPUCompleteOverlappedRequest(s, lpOverlapped, NO_ERROR, *lpNumberOfBytesRecvd, lpErrno);
  return result;
}

static int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno) {
  return Next.lpWSPRecvDisconnect(lower(s, lpErrno), lpInboundDisconnectData, lpErrno);
}

static int WSPAPI WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              struct sockaddr FAR *lpFrom, LPINT lpFromlen,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return Next.lpWSPRecvFrom(lower(s, lpErrno), lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                            lpFlags, lpFrom, lpFromlen, lpOverlapped, lpCompletionRoutine,
                            lpThreadId, lpErrno);
}

static int WSPAPI WSPSelect(int nfds, fd_set FAR *readfds, fd_set FAR *writefds,
                            fd_set FAR *exceptfds, const struct timeval FAR *timeout,
                            LPINT lpErrno) {
  fd_set below;
  struct timeval second = {1, 500000};
  u_int i;
  FD_ZERO(&below);
  if (readfds != NULL)
    for (i = 0; i < readfds->fd_count; i++)
      if (Upcalls.lpWPUFDIsSet(readfds->fd_array[i], readfds))
        FD_SET(lower(readfds->fd_array[i], lpErrno), &below);
  return Next.lpWSPSelect(nfds, &below, writefds, exceptfds, timeout != NULL ? timeout : &second,
                          lpErrno);
}

static int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                          LPDWORD lpNumberOfBytesSent, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                          LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return Next.lpWSPSend(lower(s, lpErrno), lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                        lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}

static int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData, LPINT lpErrno) {
  return Next.lpWSPSendDisconnect(lower(s, lpErrno), lpOutboundDisconnectData, lpErrno);
}

static int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                            LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                            const struct sockaddr FAR *lpTo, int iTolen,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return Next.lpWSPSendTo(lower(s, lpErrno), lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                          lpTo, iTolen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}

static int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const char FAR *optval,
                                int optlen, LPINT lpErrno) {
  return Next.lpWSPSetSockOpt(lower(s, lpErrno), level, optname, optval, optlen, lpErrno);
}

static int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno) {
  return Next.lpWSPShutdown(lower(s, lpErrno), how, lpErrno);
}

static SOCKET WSPAPI WSPSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               GROUP g, DWORD dwFlags, LPINT lpErrno) {
  PSOCKET_CONTEXT context = (PSOCKET_CONTEXT)calloc(1, sizeof(*context));
  if (context == NULL) {
    *lpErrno = WSAENOBUFS;
    return INVALID_SOCKET;
  }
  context->LowerSocket = Next.lpWSPSocket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
  if (context->LowerSocket == INVALID_SOCKET) {
    free(context);
    return INVALID_SOCKET;
  }
  if (CreateIoCompletionPort((HANDLE)context->LowerSocket, Port, (ULONG_PTR)context, 0) == NULL &&
      GetLastError() == ERROR_INVALID_PARAMETER)
    context->CatalogId = 0;
  context->Link.Flink = &Contexts;
  context->Link.Blink = Contexts.Blink;
  context->UpperSocket = Upcalls.lpWPUCreateSocketHandle(lpProtocolInfo->dwCatalogEntryId,
                                                         (DWORD_PTR)context, lpErrno);
  return CONTAINING_RECORD(&context->Link, SOCKET_CONTEXT, Link)->UpperSocket;
}

static INT WSPAPI WSPStringToAddress(LPWSTR AddressString, INT AddressFamily,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                     LPINT lpAddressLength, LPINT lpErrno) {
  return Next.lpWSPStringToAddress(AddressString, AddressFamily, lpProtocolInfo, lpAddress,
                                   lpAddressLength, lpErrno);
}

static LRESULT CALLBACK window_procedure(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam) {
  if (uMsg == WM_USER + 1 && WSAGETSELECTEVENT(lParam) == FD_READ && WSAGETSELECTERROR(lParam) == 0)
    return Upcalls.lpWPUPostMessage(hWnd, uMsg, wParam, lParam);
  return DefWindowProc(hWnd, uMsg, wParam, lParam);
}

static VOID CALLBACK queued_call(DWORD_PTR dwContext) { SetEvent((HANDLE)dwContext); }

static DWORD window_thread(HINSTANCE instance) {
  WNDCLASS window_class;
  MSG message;
  HWND window;
  ZeroMemory(&window_class, sizeof(window_class));
  window_class.lpfnWndProc = (WNDPROC)window_procedure;
  window_class.hInstance = instance;
  window_class.lpszClassName = TEXT("Provider Window");
  RegisterClass(&window_class);
  window = CreateWindowEx(0, TEXT("Provider Window"), TEXT(""), 0, 0, 0, 0, 0, HWND_MESSAGE, NULL,
                          instance, NULL);
  while (GetMessage(&message, window, 0, 0) > 0) DispatchMessage(&message);
  DestroyWindow(window);
  UnregisterClass(TEXT("Provider Window"), instance);
  return 0;
}

static int load_next(LPWSAPROTOCOL_INFOW entries, int count, DWORD id) {
  WCHAR path[MAX_PATH], expanded[MAX_PATH];
  INT length = MAX_PATH, error = 0, i;
  for (i = 0; i < count; i++) {
    if (entries[i].dwCatalogEntryId != id || entries[i].ProtocolChain.ChainLen == LAYERED_PROTOCOL)
      continue;
    if (WSCGetProviderPath(&entries[i].ProviderId, path, &length, &error) == SOCKET_ERROR)
      return error;
    if (ExpandEnvironmentStringsW(path, expanded, MAX_PATH) == 0) return WSAEPROVIDERFAILEDINIT;
    NextModule = LoadLibraryW(expanded);
  }
  return NextModule == NULL ? WSAEPROVIDERFAILEDINIT : 0;
}

int WSPAPI WSPStartup(WORD wVersion, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpCallTable, LPWSPPROC_TABLE lpProcTable) {
  LPWSPSTARTUP next_startup;
  LPWSAPROTOCOL_INFOW entries = NULL;
  WSATHREADID thread;
  DWORD size = 0;
  int count, error = 0, slot;
  if (MAKEWORD(2, 2) != wVersion || LOBYTE(wVersion) < 2) return WSAVERNOTSUPPORTED;
  WSCEnumProtocols(NULL, entries, &size, &error);
  if (error != WSAENOBUFS) return WSAEPROVIDERFAILEDINIT;
  entries = (LPWSAPROTOCOL_INFOW)malloc(size);
  count = WSCEnumProtocols(NULL, entries, &size, &error);
#ifdef __cplusplus
  if (IsEqualGUID(lpProtocolInfo->ProviderId, LayerGuid)) return WSAEINVALIDPROVIDER;
#else
  if (IsEqualGUID(&lpProtocolInfo->ProviderId, &LayerGuid)) return WSAEINVALIDPROVIDER;
#endif
  error = load_next(entries, count, lpProtocolInfo->ProtocolChain.ChainEntries[1]);
  if (error != 0) return error;
  next_startup = (LPWSPSTARTUP)GetProcAddress(NextModule, "WSPStartup");
  error = next_startup(wVersion, lpWSPData, lpProtocolInfo, UpCallTable, &Next);
  for (slot = 0; slot < (int)(sizeof(Next) / sizeof(FARPROC)); slot++)
    if (((FARPROC *)(void *)&Next)[slot] == NULL) return WSAEINVALIDPROCTABLE;
  Upcalls = UpCallTable;
  Port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
  if (Upcalls.lpWPUOpenCurrentThread(&thread, &error) == 0) {
    Upcalls.lpWPUQueueApc(&thread, queued_call, (DWORD_PTR)CreateEvent(NULL, TRUE, FALSE, NULL),
                          &error);
    WaitForSingleObjectEx(thread.ThreadHandle, INFINITE, TRUE);
    Upcalls.lpWPUCloseThread(&thread, &error);
  }
  lpProcTable->lpWSPAccept = WSPAccept;
  lpProcTable->lpWSPAddressToString = WSPAddressToString;
  lpProcTable->lpWSPAsyncSelect = WSPAsyncSelect;
  lpProcTable->lpWSPBind = WSPBind;
  lpProcTable->lpWSPCancelBlockingCall = WSPCancelBlockingCall;
  lpProcTable->lpWSPCleanup = WSPCleanup;
  lpProcTable->lpWSPCloseSocket = WSPCloseSocket;
  lpProcTable->lpWSPConnect = WSPConnect;
  lpProcTable->lpWSPDuplicateSocket = WSPDuplicateSocket;
  lpProcTable->lpWSPEnumNetworkEvents = WSPEnumNetworkEvents;
  lpProcTable->lpWSPEventSelect = WSPEventSelect;
  lpProcTable->lpWSPGetOverlappedResult = WSPGetOverlappedResult;
  lpProcTable->lpWSPGetPeerName = WSPGetPeerName;
  lpProcTable->lpWSPGetSockName = WSPGetSockName;
  lpProcTable->lpWSPGetSockOpt = WSPGetSockOpt;
  lpProcTable->lpWSPGetQOSByName = WSPGetQOSByName;
  lpProcTable->lpWSPIoctl = WSPIoctl;
  lpProcTable->lpWSPJoinLeaf = WSPJoinLeaf;
  lpProcTable->lpWSPListen = WSPListen;
  lpProcTable->lpWSPRecv = WSPRecv;
  lpProcTable->lpWSPRecvDisconnect = WSPRecvDisconnect;
  lpProcTable->lpWSPRecvFrom = WSPRecvFrom;
  lpProcTable->lpWSPSelect = WSPSelect;
  lpProcTable->lpWSPSend = WSPSend;
  lpProcTable->lpWSPSendDisconnect = WSPSendDisconnect;
  lpProcTable->lpWSPSendTo = WSPSendTo;
  lpProcTable->lpWSPSetSockOpt = WSPSetSockOpt;
  lpProcTable->lpWSPShutdown = WSPShutdown;
  lpProcTable->lpWSPSocket = WSPSocket;
  lpProcTable->lpWSPStringToAddress = WSPStringToAddress;
  free(entries);
  return error;
}

BOOL WINAPI DllMain(IN HINSTANCE hinstDLL, IN DWORD dwReason, LPVOID lpvReserved) {
  UNREFERENCED_PARAMETER(lpvReserved);
  switch (dwReason) {
    case DLL_PROCESS_ATTACH:
      return window_thread(hinstDLL) == 0;
    case DLL_PROCESS_DETACH:
    case DLL_THREAD_ATTACH:
    case DLL_THREAD_DETACH:
      break;
  }
  return TRUE;
}

/* Not part of a provider: what its installer calls. */
__declspec(dllexport) int WSAAPI install_layer(LPCWSTR path, DWORD ids[2]) {
  WSAPROTOCOL_INFOW info;
  size_t size = sizeof(DWORD);
  DWORD categories = LSP_INSPECTOR | LSP_PROXY;
  GUID guid = LayerGuid;
  INT error = 0;
  memset(&info, 0, sizeof(info));
  info.dwServiceFlags1 = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE;
  info.dwProviderFlags = PFL_HIDDEN;
  info.szProtocol[0] = (WCHAR)'L';
  if (WSCInstallProvider(&guid, path, &info, 1, &error) == SOCKET_ERROR) return error;
  if (WSCGetProviderInfo(&guid, ProviderInfoLspCategories, (PBYTE)&categories, &size, 0, &error))
    WSCSetProviderInfo(&guid, ProviderInfoLspCategories, (PBYTE)&categories, size, 0, &error);
  return WSCWriteProviderOrder(ids, 2);
}
