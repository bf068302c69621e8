/*
 * Base.c - a base provider as Windows sources are written: UDP over IPv4, every socket a handle of
 * the device \\.\Ws2SpiDgram (Device.h), with which it talks by DeviceIoControl.
 *
 * The device's handles are sockets as they are (WPUModifyIFSHandle): the system tells the end of an
 * overlapped call itself, by event, packet or routine. All that is known of a socket is in the
 * device; the provider keeps nothing of it.
 *
 * Left out, with WSAEOPNOTSUPP: messages (WSPAsyncSelect), duplicates, extension functions,
 * addresses as text, and what UDP does not have.
 */
#include "Base.h"

WSPUPCALLTABLE gUpCallTable;
HANDLE gStopping; /* Set at the last WSPCleanup: calls that wait end. */
static CRITICAL_SECTION gStartLock;
static LONG gStartups;
static volatile LONG gInside; /* Calls that wait. */
static DWORD gEventSlot;      /* Of TLS: the event of this thread's waits. */

BOOL WINAPI DllMain(HINSTANCE hinstDLL, DWORD dwReason, LPVOID lpvReserved) {
  HANDLE event;
  UNREFERENCED_PARAMETER(hinstDLL);
  UNREFERENCED_PARAMETER(lpvReserved);
  switch (dwReason) {
    case DLL_PROCESS_ATTACH:
      InitializeCriticalSection(&gStartLock);
      gEventSlot = TlsAlloc();
      gStopping = CreateEvent(NULL, TRUE, FALSE, NULL);
      return gStopping != NULL && gEventSlot != TLS_OUT_OF_INDEXES && DriverLoad();
    case DLL_THREAD_DETACH:
      event = TlsGetValue(gEventSlot);
      if (event != NULL) CloseHandle(event);
      break;
    case DLL_PROCESS_DETACH:
      DriverUnload();
      CloseHandle(gStopping);
      TlsFree(gEventSlot);
      DeleteCriticalSection(&gStartLock);
      break;
  }
  return TRUE;
}

/* The event that this thread waits for: it is made once. */
static HANDLE ThreadEvent(VOID) {
  HANDLE event = TlsGetValue(gEventSlot);
  if (event != NULL) return event;
  event = CreateEvent(NULL, TRUE, FALSE, NULL);
  TlsSetValue(gEventSlot, event);
  return event;
}

/* What the system says, in Winsock's words. */
INT ErrorOf(DWORD Error) {
  switch (Error) {
    case NO_ERROR:
      return 0;
    case ERROR_IO_PENDING:
      return WSA_IO_PENDING;
    case ERROR_IO_INCOMPLETE:
      return WSA_IO_INCOMPLETE;
    case ERROR_OPERATION_ABORTED:
      return WSA_OPERATION_ABORTED;
    case ERROR_MORE_DATA:
      return WSAEMSGSIZE;
    case ERROR_NOT_READY:
      return WSAEWOULDBLOCK;
    case ERROR_INVALID_PARAMETER:
      return WSAEINVAL;
    case ERROR_PORT_UNREACHABLE:
      return WSAECONNRESET;
    case ERROR_HOST_UNREACHABLE:
      return WSAEHOSTUNREACH;
    case ERROR_INVALID_HANDLE:
    case ERROR_INVALID_FUNCTION:
      return WSAENOTSOCK;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
      return WSAENOBUFS;
  }
  return WSAENETDOWN;
}

int Fail(LPINT lpErrno, INT Error) {
  *lpErrno = Error;
  return SOCKET_ERROR;
}

/*
 * A request that is answered within the call, or waited for: routines of the thread run meanwhile.
 * The low bit of the event keeps packets away from a port that the socket may be on. NO_ERROR, or
 * the system's error.
 */
DWORD Control(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut, DWORD cbOut,
              DWORD dwTimeout, LPDWORD lpBytes) {
  OVERLAPPED block;
  HANDLE events[2];
  DWORD error = NO_ERROR, woken;
  BOOL cancelled = FALSE;
  events[0] = ThreadEvent();
  events[1] = gStopping;
  if (events[0] == NULL) return ERROR_NOT_ENOUGH_MEMORY;
  ZeroMemory(&block, sizeof(block));
  block.hEvent = (HANDLE)((ULONG_PTR)events[0] | 1);
  if (DeviceIoControl((HANDLE)s, dwCode, lpIn, cbIn, lpOut, cbOut, lpBytes, &block))
    return NO_ERROR;
  error = GetLastError();
  if (error != ERROR_IO_PENDING) return error;
  InterlockedIncrement(&gInside);
  do {
    woken = WaitForMultipleObjectsEx(2, events, FALSE, dwTimeout, TRUE);
    if (woken != WAIT_TIMEOUT && woken != WAIT_OBJECT_0 + 1) continue;
    CancelIoEx((HANDLE)s, &block);
    cancelled = TRUE;
    /* It ends now, with or without having been served. */
    WaitForSingleObject(events[0], INFINITE);
    woken = WAIT_OBJECT_0;
  } while (woken != WAIT_OBJECT_0);
  InterlockedDecrement(&gInside);
  if (GetOverlappedResult((HANDLE)s, &block, lpBytes, FALSE)) return NO_ERROR;
  error = GetLastError();
  return error == ERROR_OPERATION_ABORTED && cancelled ? WAIT_TIMEOUT : error;
}

/* What the device knows of a socket; FALSE when it is none of ours. */
BOOL Enter(SOCKET s, DGRAM_STATE *State, LPINT lpErrno) {
  DWORD bytes = 0;
  DWORD error = Control(s, IOCTL_DGRAM_QUERY, NULL, 0, State, sizeof(*State), INFINITE, &bytes);
  if (error == NO_ERROR) return TRUE;
  *lpErrno = WSAENOTSOCK;
  return FALSE;
}

int Set(SOCKET s, DWORD dwWhich, DWORD dwValue, LPINT lpErrno) {
  DGRAM_SETTING setting = {dwWhich, dwValue};
  DWORD bytes = 0;
  DWORD error = Control(s, IOCTL_DGRAM_SET, &setting, sizeof(setting), NULL, 0, INFINITE, &bytes);
  return error == NO_ERROR ? 0 : Fail(lpErrno, ErrorOf(error));
}

/* --- sockets -------------------------------------------------------------- */

static SOCKET WSPAPI BaseSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                GROUP g, DWORD dwFlags, LPINT lpErrno) {
  HANDLE device;
  DWORD bytes = 0;
  INT error = 0, ignored;
  UNREFERENCED_PARAMETER(g);
  if (lpProtocolInfo == NULL)
    error = WSAEFAULT;
  else if (af != AF_INET)
    error = WSAEAFNOSUPPORT;
  else if (type != SOCK_DGRAM)
    error = WSAESOCKTNOSUPPORT;
  else if (protocol != 0 && protocol != IPPROTO_UDP)
    error = WSAEPROTONOSUPPORT;
  else if (lpProtocolInfo->dwProviderReserved != 0)
    error = WSAEOPNOTSUPP;
  if (error != 0) {
    *lpErrno = error;
    return INVALID_SOCKET;
  }
  device = CreateFileW(DGRAM_PATH, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                       NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
  if (device == INVALID_HANDLE_VALUE) {
    *lpErrno = ErrorOf(GetLastError());
    return INVALID_SOCKET;
  }
  if (Control((SOCKET)device, IOCTL_DGRAM_OPEN, lpProtocolInfo, sizeof(*lpProtocolInfo), NULL, 0,
              INFINITE, &bytes) != NO_ERROR ||
      Set((SOCKET)device, SET_SYNCHRONOUS, (dwFlags & WSA_FLAG_OVERLAPPED) == 0, &ignored) != 0)
    *lpErrno = WSAENOBUFS;
  else if (gUpCallTable.lpWPUModifyIFSHandle(lpProtocolInfo->dwCatalogEntryId, (SOCKET)device,
                                             lpErrno) == (SOCKET)device)
    return (SOCKET)device;
  CloseHandle(device);
  return INVALID_SOCKET;
}

static int WSPAPI BaseCloseSocket(SOCKET s, LPINT lpErrno) {
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  return CloseHandle((HANDLE)s) ? 0 : Fail(lpErrno, WSAENOTSOCK);
}

/* A name that is long enough and of the family. */
static BOOL NameIs(const struct sockaddr *name, int namelen, SOCKADDR_IN *Copy, LPINT lpErrno) {
  if (name == NULL || namelen < (int)sizeof(SOCKADDR_IN)) {
    *lpErrno = WSAEFAULT;
    return FALSE;
  }
  __try {
    CopyMemory(Copy, name, sizeof(*Copy));
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    *lpErrno = WSAEFAULT;
    return FALSE;
  }
  return TRUE;
}

static int WSPAPI BaseBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  DGRAM_STATE state;
  SOCKADDR_IN wanted;
  DWORD bytes = 0, error;
  if (!Enter(s, &state, lpErrno) || !NameIs(name, namelen, &wanted, lpErrno)) return SOCKET_ERROR;
  if (state.Name.sin_family != 0) return Fail(lpErrno, WSAEINVAL);
  if (wanted.sin_family != AF_INET) return Fail(lpErrno, WSAEAFNOSUPPORT);
  error = Control(s, IOCTL_DGRAM_BIND, &wanted, sizeof(wanted), NULL, 0, INFINITE, &bytes);
  if (error == NO_ERROR) return 0;
  /* The address is nobody's here, or taken. */
  return Fail(lpErrno, error == RtlNtStatusToDosError(STATUS_ADDRESS_ALREADY_EXISTS)
                           ? WSAEADDRINUSE
                           : WSAEADDRNOTAVAIL);
}

static int WSPAPI BaseConnect(SOCKET s, const struct sockaddr *name, int namelen,
                              LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                              LPQOS lpGQOS, LPINT lpErrno) {
  DGRAM_STATE state;
  SOCKADDR_IN peer;
  DWORD bytes = 0, error;
  UNREFERENCED_PARAMETER(lpCallerData);
  UNREFERENCED_PARAMETER(lpCalleeData);
  UNREFERENCED_PARAMETER(lpSQOS);
  UNREFERENCED_PARAMETER(lpGQOS);
  if (!Enter(s, &state, lpErrno) || !NameIs(name, namelen, &peer, lpErrno)) return SOCKET_ERROR;
  if (peer.sin_family != AF_INET && peer.sin_family != AF_UNSPEC)
    return Fail(lpErrno, WSAEAFNOSUPPORT);
  error = Control(s, IOCTL_DGRAM_CONNECT, &peer, sizeof(peer), NULL, 0, INFINITE, &bytes);
  return error == NO_ERROR ? 0 : Fail(lpErrno, ErrorOf(error));
}

static int Tell(const SOCKADDR_IN *Known, INT Missing, struct sockaddr *name, LPINT namelen,
                LPINT lpErrno) {
  if (Known->sin_family == 0) return Fail(lpErrno, Missing);
  if (name == NULL || namelen == NULL || *namelen < (int)sizeof(*Known))
    return Fail(lpErrno, WSAEFAULT);
  CopyMemory(name, Known, sizeof(*Known));
  *namelen = sizeof(*Known);
  return 0;
}

static int WSPAPI BaseGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno) {
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  return Tell(&state.Name, WSAEINVAL, name, namelen, lpErrno);
}

static int WSPAPI BaseGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno) {
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  return Tell(&state.Peer, WSAENOTCONN, name, namelen, lpErrno);
}

static int WSPAPI BaseShutdown(SOCKET s, int how, LPINT lpErrno) {
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (how < SD_RECEIVE || how > SD_BOTH) return Fail(lpErrno, WSAEINVAL);
  return how == SD_RECEIVE ? 0 : Set(s, SET_SEND_SHUT, TRUE, lpErrno);
}

/* --- options and ioctls --------------------------------------------------- */

static int Store(LPVOID Place, LPINT Length, LPCVOID Value, INT Size, LPINT lpErrno) {
  if (Place == NULL || Length == NULL || *Length < Size) return Fail(lpErrno, WSAEFAULT);
  CopyMemory(Place, Value, Size);
  *Length = Size;
  return 0;
}

static int WSPAPI BaseGetSockOpt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                 LPINT lpErrno) {
  DGRAM_STATE state;
  DWORD value = 0;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (level != SOL_SOCKET) return Fail(lpErrno, WSAENOPROTOOPT);
  switch (optname) {
    case SO_PROTOCOL_INFOW:
      return Store(optval, optlen, &state.Entry, sizeof(state.Entry), lpErrno);
    case SO_TYPE:
      value = SOCK_DGRAM;
      break;
    case SO_ERROR:
      break;
    case SO_MAX_MSG_SIZE:
      value = MAX_DATAGRAM;
      break;
    case SO_RCVTIMEO:
      value = state.ReceiveTimeout;
      break;
    default:
      return Fail(lpErrno, WSAENOPROTOOPT);
  }
  return Store(optval, optlen, &value, sizeof(value), lpErrno);
}

static int WSPAPI BaseSetSockOpt(SOCKET s, int level, int optname, const char *optval, int optlen,
                                 LPINT lpErrno) {
  DGRAM_STATE state;
  DWORD value;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (level == SOL_SOCKET && optname == SO_TYPE) return Fail(lpErrno, WSAEINVAL);
  if (level != SOL_SOCKET || optname != SO_RCVTIMEO) return Fail(lpErrno, WSAENOPROTOOPT);
  if (optval == NULL || optlen < (int)sizeof(value)) return Fail(lpErrno, WSAEFAULT);
  CopyMemory(&value, optval, sizeof(value));
  return Set(s, SET_RECEIVE_TIMEOUT, value, lpErrno);
}

static int WSPAPI BaseIoctl(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut,
                            DWORD cbOut, LPDWORD lpcbReturned, LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId, LPINT lpErrno) {
  DGRAM_STATE state;
  UNREFERENCED_PARAMETER(lpCompletionRoutine);
  UNREFERENCED_PARAMETER(lpThreadId);
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (lpOverlapped != NULL) return Fail(lpErrno, WSAEOPNOTSUPP);
  if (lpcbReturned == NULL) return Fail(lpErrno, WSAEFAULT);
  switch (dwCode) {
    case FIONBIO:
      if (lpIn == NULL || cbIn < sizeof(ULONG)) return Fail(lpErrno, WSAEFAULT);
      if (*(u_long *)lpIn == 0 && state.HasEvents) return Fail(lpErrno, WSAEINVAL);
      *lpcbReturned = 0;
      return Set(s, SET_NON_BLOCKING, *(u_long *)lpIn != 0, lpErrno);
    case FIONREAD:
      if (lpOut == NULL || cbOut < sizeof(ULONG)) return Fail(lpErrno, WSAEFAULT);
      *(u_long *)lpOut = state.Available;
      *lpcbReturned = sizeof(ULONG);
      return 0;
    case SIO_UDP_CONNRESET:
      if (lpIn == NULL || cbIn < sizeof(ULONG)) return Fail(lpErrno, WSAEFAULT);
      *lpcbReturned = 0;
      return Set(s, SET_NO_REPORTS, *(u_long *)lpIn == 0, lpErrno);
    case SIO_BASE_HANDLE:
      if (lpOut == NULL || cbOut < sizeof(SOCKET)) return Fail(lpErrno, WSAEFAULT);
      *(SOCKET *)lpOut = s;
      *lpcbReturned = sizeof(SOCKET);
      return 0;
  }
  return Fail(lpErrno, WSAEOPNOTSUPP);
}

/* --- what is left out ----------------------------------------------------- */

static int WSPAPI NoListen(SOCKET s, int backlog, LPINT lpErrno) {
  DGRAM_STATE state;
  UNREFERENCED_PARAMETER(backlog);
  return Enter(s, &state, lpErrno) ? Fail(lpErrno, WSAEOPNOTSUPP) : SOCKET_ERROR;
}

static SOCKET WSPAPI NoAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                              LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                              LPINT lpErrno) {
  UNREFERENCED_PARAMETER(addr);
  UNREFERENCED_PARAMETER(addrlen);
  UNREFERENCED_PARAMETER(lpfnCondition);
  UNREFERENCED_PARAMETER(dwCallbackData);
  NoListen(s, 0, lpErrno);
  return INVALID_SOCKET;
}

static SOCKET WSPAPI NoJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                                LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  UNREFERENCED_PARAMETER(name);
  UNREFERENCED_PARAMETER(namelen);
  UNREFERENCED_PARAMETER(lpCallerData);
  UNREFERENCED_PARAMETER(lpCalleeData);
  UNREFERENCED_PARAMETER(lpSQOS);
  UNREFERENCED_PARAMETER(lpGQOS);
  UNREFERENCED_PARAMETER(dwFlags);
  NoListen(s, 0, lpErrno);
  return INVALID_SOCKET;
}

static int WSPAPI NoAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                LPINT lpErrno) {
  UNREFERENCED_PARAMETER(hWnd);
  UNREFERENCED_PARAMETER(wMsg);
  UNREFERENCED_PARAMETER(lEvent);
  return NoListen(s, 0, lpErrno);
}

static int WSPAPI NoDisconnectData(SOCKET s, LPWSABUF lpData, LPINT lpErrno) {
  UNREFERENCED_PARAMETER(lpData);
  return NoListen(s, 0, lpErrno);
}

static int WSPAPI NoDuplicate(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPINT lpErrno) {
  UNREFERENCED_PARAMETER(dwProcessId);
  UNREFERENCED_PARAMETER(lpProtocolInfo);
  return NoListen(s, 0, lpErrno);
}

static BOOL WSPAPI NoQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno) {
  UNREFERENCED_PARAMETER(lpQOSName);
  UNREFERENCED_PARAMETER(lpQOS);
  NoListen(s, 0, lpErrno);
  return FALSE;
}

static int WSPAPI NoCancelBlockingCall(LPINT lpErrno) { return Fail(lpErrno, WSAEOPNOTSUPP); }

static INT WSPAPI NoAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                    LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                                    LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  UNREFERENCED_PARAMETER(lpsaAddress);
  UNREFERENCED_PARAMETER(dwAddressLength);
  UNREFERENCED_PARAMETER(lpProtocolInfo);
  UNREFERENCED_PARAMETER(lpszAddressString);
  UNREFERENCED_PARAMETER(lpdwAddressStringLength);
  return Fail(lpErrno, WSAEOPNOTSUPP);
}

static INT WSPAPI NoStringToAddress(LPWSTR AddressString, INT AddressFamily,
                                    LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                    LPINT lpAddressLength, LPINT lpErrno) {
  UNREFERENCED_PARAMETER(AddressString);
  UNREFERENCED_PARAMETER(AddressFamily);
  UNREFERENCED_PARAMETER(lpProtocolInfo);
  UNREFERENCED_PARAMETER(lpAddress);
  UNREFERENCED_PARAMETER(lpAddressLength);
  return Fail(lpErrno, WSAEOPNOTSUPP);
}

/* --- start and end -------------------------------------------------------- */

/* The last one: calls that wait end, and have left when it returns. */
static int WSPAPI BaseCleanup(LPINT lpErrno) {
  LONG before;
  EnterCriticalSection(&gStartLock);
  before = gStartups;
  if (before > 0) gStartups--;
  if (before == 1) SetEvent(gStopping);
  LeaveCriticalSection(&gStartLock);
  if (before == 0) return Fail(lpErrno, WSANOTINITIALISED);
  while (before == 1 && InterlockedCompareExchange(&gInside, 0, 0) != 0) Sleep(1);
  return 0;
}

/* Whether the device is there: by its name in the system, as drivers know it. */
static BOOL DeviceIsThere(VOID) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name;
  IO_STATUS_BLOCK status;
  HANDLE device = NULL;
  RtlInitUnicodeString(&name, L"\\Device\\" DGRAM_NAME);
  InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
  if (NtCreateFile(&device, GENERIC_READ | SYNCHRONIZE, &attributes, &status, NULL, 0,
                   FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT,
                   NULL, 0) != STATUS_SUCCESS)
    return FALSE;
  NtClose(device);
  return TRUE;
}

int WSPAPI WSPStartup(WORD wVersion, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpCallTable, LPWSPPROC_TABLE lpProcTable) {
  UNREFERENCED_PARAMETER(lpProtocolInfo);
  if (wVersion < MAKEWORD(2, 2)) return WSAVERNOTSUPPORTED;
  if (!DeviceIsThere()) return WSASYSNOTREADY;
  EnterCriticalSection(&gStartLock);
  gUpCallTable = UpCallTable;
  if (gStartups++ == 0) ResetEvent(gStopping);
  LeaveCriticalSection(&gStartLock);
  lpProcTable->lpWSPAccept = NoAccept;
  lpProcTable->lpWSPAddressToString = NoAddressToString;
  lpProcTable->lpWSPAsyncSelect = NoAsyncSelect;
  lpProcTable->lpWSPBind = BaseBind;
  lpProcTable->lpWSPCancelBlockingCall = NoCancelBlockingCall;
  lpProcTable->lpWSPCleanup = BaseCleanup;
  lpProcTable->lpWSPCloseSocket = BaseCloseSocket;
  lpProcTable->lpWSPConnect = BaseConnect;
  lpProcTable->lpWSPDuplicateSocket = NoDuplicate;
  lpProcTable->lpWSPEnumNetworkEvents = BaseEnumNetworkEvents;
  lpProcTable->lpWSPEventSelect = BaseEventSelect;
  lpProcTable->lpWSPGetOverlappedResult = BaseGetOverlappedResult;
  lpProcTable->lpWSPGetPeerName = BaseGetPeerName;
  lpProcTable->lpWSPGetQOSByName = NoQOSByName;
  lpProcTable->lpWSPGetSockName = BaseGetSockName;
  lpProcTable->lpWSPGetSockOpt = BaseGetSockOpt;
  lpProcTable->lpWSPIoctl = BaseIoctl;
  lpProcTable->lpWSPJoinLeaf = NoJoinLeaf;
  lpProcTable->lpWSPListen = NoListen;
  lpProcTable->lpWSPRecv = BaseRecv;
  lpProcTable->lpWSPRecvDisconnect = NoDisconnectData;
  lpProcTable->lpWSPRecvFrom = BaseRecvFrom;
  lpProcTable->lpWSPSelect = BaseSelect;
  lpProcTable->lpWSPSend = BaseSend;
  lpProcTable->lpWSPSendDisconnect = NoDisconnectData;
  lpProcTable->lpWSPSendTo = BaseSendTo;
  lpProcTable->lpWSPSetSockOpt = BaseSetSockOpt;
  lpProcTable->lpWSPShutdown = BaseShutdown;
  lpProcTable->lpWSPSocket = BaseSocket;
  lpProcTable->lpWSPStringToAddress = NoStringToAddress;
  lpWSPData->wVersion = MAKEWORD(2, 2);
  lpWSPData->wHighVersion = MAKEWORD(2, 2);
  lstrcpyW(lpWSPData->szDescription, L"ws2spi example: base provider over a device");
  return NO_ERROR;
}
