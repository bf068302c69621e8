/*
 * base_pipe.c - a base provider of its own: streams between named endpoints of
 * one process, in memory.
 *
 * A base provider moves the data itself: it is told nothing of chains, starts no
 * lower provider, and its 30 entries answer for its own family (base_pipe.h).
 * It has no handles the operating system knows, so it is a non-IFS provider:
 * every socket's number comes from WPUCreateSocketHandle, minted for the entry
 * that WSPSocket was passed, which is a chain's when a hook layer stands above.
 *
 * It waits on events from the upcalls (WPUCreateEvent), asks for a blocking hook
 * before each wait (WPUQueryBlockingCallback), and is synchronous: overlapped
 * calls and event notification are answered WSAEOPNOTSUPP.
 *
 * Error precedence of every entry: the socket, then its arguments, then its
 * state. States, buffers and waits are in pipe_core.h, the entries that
 * connect in pipe_connections.h, those that move data in pipe_data.h; what is
 * left is here.
 */
#include "pipe_data.h"

#include <mswsock.h>

/* --- options and ioctls -------------------------------------------------- */

static int pipe_store(char *optval, LPINT optlen, const void *value, int length) {
  if (optval == NULL || optlen == NULL) return WSAEFAULT;
  int fits = *optlen >= length;
  *optlen = length;
  if (!fits) return WSAEFAULT;
  memcpy(optval, value, length);
  return 0;
}

static int WSPAPI pipe_wsp_get_sock_opt(SOCKET s, int level, int optname, char *optval,
                                        LPINT optlen, LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  int error = level == SOL_SOCKET ? 0 : WSAEINVAL;
  int number = 0;
  if (error == 0 && optname == SO_PROTOCOL_INFOW)
    return pipe_return(socket, pipe_store(optval, optlen, &socket->entry, sizeof socket->entry),
                       lpErrno);
  pipe_enter();
  switch (optname) {
    case SO_TYPE:
      number = SOCK_STREAM;
      break;
    case SO_ERROR:
      number = 0;
      break; /* nothing fails behind a caller's back */
    case SO_ACCEPTCONN:
      number = socket->state == PIPE_LISTENING;
      break;
    case SO_RCVBUF:
    case SO_SNDBUF:
      number = PIPE_CAPACITY;
      break;
    case SO_RCVTIMEO:
      number = (int)socket->receive_timeout;
      break;
    case SO_SNDTIMEO:
      number = (int)socket->send_timeout;
      break;
    default:
      error = error != 0 ? error : WSAENOPROTOOPT;
  }
  pipe_leave();
  if (error == 0) error = pipe_store(optval, optlen, &number, sizeof number);
  return pipe_return(socket, error, lpErrno);
}

static int WSPAPI pipe_wsp_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                        int optlen, LPINT lpErrno) {
  DWORD number = 0;
  PIPE_FIND(SOCKET_ERROR);
  int error = level == SOL_SOCKET ? 0 : WSAEINVAL;
  if (error == 0 && optname != SO_RCVTIMEO && optname != SO_SNDTIMEO) error = WSAENOPROTOOPT;
  if (error == 0 && (optval == NULL || optlen < (int)sizeof number)) error = WSAEFAULT;
  if (error == 0) {
    memcpy(&number, optval, sizeof number);
    atomic_store(optname == SO_RCVTIMEO ? &socket->receive_timeout : &socket->send_timeout, number);
  }
  return pipe_return(socket, error, lpErrno);
}

/* A base is the end of every chain: all the questions for a base handle are
 * answered with the socket itself. */
static int WSPAPI pipe_wsp_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                                 DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                 LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                 LPWSATHREADID lpThreadId, LPINT lpErrno) {
  unsigned int number = 0; /* an unsigned long of Windows, 32 bits */
  const void *out = &number;
  DWORD length = 0;
  int error = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  PIPE_FIND(SOCKET_ERROR);
  if (lpcbBytesReturned == NULL) return pipe_return(socket, WSAEFAULT, lpErrno);
  *lpcbBytesReturned = 0;
  if (lpOverlapped != NULL) return pipe_return(socket, WSAEOPNOTSUPP, lpErrno);
  switch (dwIoControlCode) {
    case (DWORD)FIONBIO:
      if (lpvInBuffer == NULL || cbInBuffer < sizeof number)
        return pipe_return(socket, WSAEFAULT, lpErrno);
      memcpy(&number, lpvInBuffer, sizeof number);
      atomic_store(&socket->nonblocking, number != 0);
      return pipe_return(socket, 0, lpErrno);
    case (DWORD)FIONREAD:
      pipe_enter();
      number = socket->used;
      pipe_leave();
      length = sizeof number;
      break;
    case SIO_BASE_HANDLE:
    case SIO_BSP_HANDLE:
    case SIO_BSP_HANDLE_SELECT:
    case SIO_BSP_HANDLE_POLL:
      out = &s;
      length = sizeof s;
      break;
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
      error = WSAEINVAL;
      break; /* there are none */
    default:
      error = WSAEOPNOTSUPP;
  }
  if (error == 0 && (lpvOutBuffer == NULL || cbOutBuffer < length)) error = WSAEFAULT;
  if (error == 0) {
    memcpy(lpvOutBuffer, out, length);
    *lpcbBytesReturned = length;
  }
  return pipe_return(socket, error, lpErrno);
}

/* --- select -------------------------------------------------------------- */

static int pipe_is_readable_locked(const struct pipe_socket *socket) {
  if (socket->closed) return 1;
  if (socket->state == PIPE_LISTENING) return socket->pending != NULL;
  return socket->state == PIPE_CONNECTED &&
         (socket->used > 0 || socket->peer_ended || socket->reset || socket->receive_ended);
}

static int pipe_is_writable_locked(const struct pipe_socket *socket) {
  return socket->state == PIPE_CONNECTED &&
         (socket->peer == NULL || socket->send_ended || socket->peer->used < PIPE_CAPACITY);
}

/* The sockets of a set with a reference each, *count of them; NULL and an error
 * if one of them is none of ours. */
static struct pipe_socket **pipe_open_set(const fd_set *set, u_int *count, LPINT error) {
  u_int wanted = set == NULL ? 0 : set->fd_count;
  struct pipe_socket **sockets = malloc(wanted * sizeof *sockets + 1);
  *count = 0;
  if (sockets == NULL) pipe_fail(error, WSAENOBUFS);
  while (sockets != NULL && *count < wanted) {
    sockets[*count] = pipe_find(set->fd_array[*count], error);
    if (sockets[*count] == NULL) break;
    ++*count;
  }
  if (*count == wanted && sockets != NULL) return sockets;
  while (sockets != NULL && *count > 0) pipe_release(sockets[--*count]);
  free(sockets);
  return NULL;
}

/* Counts the ready sockets of a set; with `out` also keeps only them in it. */
static u_int pipe_scan_set(struct pipe_socket **sockets, u_int count,
                           int (*is_ready)(const struct pipe_socket *), fd_set *out) {
  u_int ready = 0;
  pipe_enter();
  for (u_int i = 0; i < count; i++) {
    if (!is_ready(sockets[i])) continue;
    if (out != NULL) out->fd_array[ready] = sockets[i]->handle;
    ready++;
  }
  pipe_leave();
  if (out != NULL) out->fd_count = ready;
  return ready;
}

/* Rounded up; what does not fit is as good as for ever. */
static DWORD pipe_milliseconds(const struct timeval *timeout) {
  if (timeout == NULL) return INFINITE;
  unsigned long long exact =
      (unsigned long long)timeout->tv_sec * 1000 + ((unsigned)timeout->tv_usec + 999) / 1000;
  return exact < INFINITE ? (DWORD)exact : INFINITE;
}

/* Nothing is ever exceptional here: that set only has to hold our sockets. */
static int WSPAPI pipe_wsp_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                  select_timeout timeout, LPINT lpErrno) {
  u_int reads = 0, writes = 0, excepts = 0, ready = 0;
  struct pipe_wait wait;
  INT error = 0;
  (void)nfds;
  if (timeout != NULL &&
      (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_usec >= 1000000))
    return pipe_fail(lpErrno, WSAEINVAL);
  struct pipe_socket **reading = pipe_open_set(readfds, &reads, &error);
  struct pipe_socket **writing = reading ? pipe_open_set(writefds, &writes, &error) : NULL;
  struct pipe_socket **excepting = writing ? pipe_open_set(exceptfds, &excepts, &error) : NULL;
  if (error == 0 && reads + writes + excepts == 0) error = WSAEINVAL;

  DWORD milliseconds = pipe_milliseconds(timeout);
  struct pipe_socket *any = reads > 0 ? reading[0] : writes > 0 ? writing[0] : NULL;
  pipe_wait_begin(&wait, any != NULL ? any->entry.dwCatalogEntryId : 0, milliseconds);
  while (error == 0 &&
         (ready = pipe_scan_set(reading, reads, pipe_is_readable_locked, NULL) +
                  pipe_scan_set(writing, writes, pipe_is_writable_locked, NULL)) == 0 &&
         milliseconds != 0 && pipe_wait_turn(&wait, &error))
    ;
  pipe_wait_end(&wait);
  if (error == WSAETIMEDOUT) error = 0;
  if (error == 0) {
    ready = 0;
    if (readfds != NULL) ready += pipe_scan_set(reading, reads, pipe_is_readable_locked, readfds);
    if (writefds != NULL)
      ready += pipe_scan_set(writing, writes, pipe_is_writable_locked, writefds);
    if (exceptfds != NULL) exceptfds->fd_count = 0;
  }
  while (reads > 0) pipe_release(reading[--reads]);
  while (writes > 0) pipe_release(writing[--writes]);
  while (excepts > 0) pipe_release(excepting[--excepts]);
  free(reading);
  free(writing);
  free(excepting);
  return error == 0 ? (int)ready : pipe_fail(lpErrno, error);
}

/* --- address text -------------------------------------------------------- */

/* "pipe:NAME". Lengths count the terminating zero. */
static INT WSPAPI pipe_wsp_address_to_string(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                             LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                             LPWSTR lpszAddressString,
                                             LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  static const char prefix[] = "pipe:";
  struct sockaddr_pipe address;
  (void)lpProtocolInfo;
  int error = pipe_read_name(lpsaAddress, (int)dwAddressLength, &address);
  if (error != 0) return pipe_fail(lpErrno, error == WSAEFAULT ? WSAEFAULT : WSAEINVAL);
  if (lpdwAddressStringLength == NULL) return pipe_fail(lpErrno, WSAEFAULT);
  DWORD needed = (DWORD)(sizeof prefix + strlen(address.pipe_name));
  DWORD capacity = *lpdwAddressStringLength;
  *lpdwAddressStringLength = needed;
  if (lpszAddressString == NULL || capacity < needed) return pipe_fail(lpErrno, WSAEFAULT);
  for (DWORD i = 0; i < sizeof prefix - 1; i++) lpszAddressString[i] = (WCHAR)prefix[i];
  for (DWORD i = sizeof prefix - 1; i < needed; i++)
    lpszAddressString[i] = (unsigned char)address.pipe_name[i - (sizeof prefix - 1)];
  return 0;
}

static INT WSPAPI pipe_wsp_string_to_address(LPWSTR AddressString, INT AddressFamily,
                                             LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                             LPSOCKADDR lpAddress, LPINT lpAddressLength,
                                             LPINT lpErrno) {
  static const char prefix[] = "pipe:";
  struct sockaddr_pipe address = {AF_PIPE, ""};
  (void)lpProtocolInfo;
  if (AddressString == NULL || lpAddressLength == NULL) return pipe_fail(lpErrno, WSAEFAULT);
  if (AddressFamily != AF_PIPE) return pipe_fail(lpErrno, WSAEINVAL);
  if (lpAddress == NULL || *lpAddressLength < (int)sizeof address) {
    *lpAddressLength = sizeof address;
    return pipe_fail(lpErrno, WSAEFAULT);
  }
  for (unsigned i = 0; i < sizeof prefix - 1; i++)
    if (AddressString[i] != (WCHAR)prefix[i]) return pipe_fail(lpErrno, WSAEINVAL);
  const WCHAR *name = AddressString + sizeof prefix - 1;
  unsigned length = 0;
  for (; name[length] != 0; length++) {
    if (length + 1 == sizeof address.pipe_name || name[length] > 255)
      return pipe_fail(lpErrno, WSAEINVAL);
    address.pipe_name[length] = (char)name[length];
  }
  memcpy(lpAddress, &address, sizeof address);
  *lpAddressLength = sizeof address;
  return 0;
}

/* --- what this provider does not do -------------------------------------- */

/* A socket that is none stays WSAENOTSOCK, whatever the call. */
static int pipe_refuse(SOCKET s, int code, LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  return pipe_return(socket, code, lpErrno);
}

static int WSPAPI pipe_wsp_async_select(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                        LPINT lpErrno) {
  (void)hWnd, (void)wMsg, (void)lEvent;
  return pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static int WSPAPI pipe_wsp_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                        LPINT lpErrno) {
  (void)hEventObject, (void)lNetworkEvents;
  return pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static int WSPAPI pipe_wsp_enum_network_events(SOCKET s, WSAEVENT hEventObject,
                                               LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  (void)hEventObject, (void)lpNetworkEvents;
  return pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static BOOL WSPAPI pipe_wsp_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                                  LPDWORD lpcbTransfer, BOOL fWait,
                                                  LPDWORD lpdwFlags, LPINT lpErrno) {
  (void)lpOverlapped, (void)lpcbTransfer, (void)fWait, (void)lpdwFlags;
  pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
  return FALSE;
}

static BOOL WSPAPI pipe_wsp_get_qos_by_name(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
                                            LPINT lpErrno) {
  (void)lpQOSName, (void)lpQOS;
  pipe_refuse(s, WSAEINVAL, lpErrno); /* no template has that name */
  return FALSE;
}

static int WSPAPI pipe_wsp_duplicate_socket(SOCKET s, DWORD dwProcessId,
                                            LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  (void)dwProcessId, (void)lpProtocolInfo;
  return pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static SOCKET WSPAPI pipe_wsp_join_leaf(SOCKET s, const struct sockaddr *name, int namelen,
                                        LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                        LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  (void)name, (void)namelen, (void)lpCallerData, (void)lpCalleeData;
  (void)lpSQOS, (void)lpGQOS, (void)dwFlags;
  pipe_refuse(s, WSAEOPNOTSUPP, lpErrno);
  return INVALID_SOCKET;
}

/* --- start and end ------------------------------------------------------- */

/* Called by the application from its blocking hook, on the blocked thread. */
static int WSPAPI pipe_wsp_cancel_blocking_call(LPINT lpErrno) {
  if (pipe_is_waiting == 0) return pipe_fail(lpErrno, WSAEINVAL);
  pipe_is_cancelled = 1;
  return 0;
}

/* The last cleanup ends every socket that is still open; calls blocked on one
 * wake up with an error. */
static int WSPAPI pipe_wsp_cleanup(LPINT lpErrno) {
  pipe_enter();
  unsigned before = pipe_startups;
  if (before > 0) pipe_startups--;
  pipe_leave();
  if (before == 0) return pipe_fail(lpErrno, WSANOTINITIALISED);
  for (unsigned i = 0; before == 1 && i < PIPE_SOCKETS; i++) {
    pipe_enter();
    struct pipe_socket *socket = pipe_sockets[i];
    int is_open = socket != NULL && socket->handle != INVALID_SOCKET && !socket->closed;
    if (is_open) socket->references++;
    pipe_leave();
    if (!is_open) continue;
    pipe_close(socket);
    pipe_release(socket);
  }
  return 0;
}

void ws2spi_pipe_entry(LPWSAPROTOCOL_INFOW entry) {
  static const WCHAR name[] = L"ws2spi example: in-memory pipe";
  memset(entry, 0, sizeof *entry);
  entry->dwServiceFlags1 = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE;
  entry->dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO;
  entry->ProtocolChain.ChainLen = BASE_PROTOCOL;
  entry->iVersion = 1;
  entry->iAddressFamily = AF_PIPE;
  entry->iMaxSockAddr = entry->iMinSockAddr = sizeof(struct sockaddr_pipe);
  entry->iSocketType = SOCK_STREAM;
  memcpy(entry->szProtocol, name, sizeof name);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  static const WCHAR description[] = L"ws2spi example: in-memory pipe";
  static const WSPPROC_TABLE table = {
      .lpWSPAccept = pipe_wsp_accept,
      .lpWSPAddressToString = pipe_wsp_address_to_string,
      .lpWSPAsyncSelect = pipe_wsp_async_select,
      .lpWSPBind = pipe_wsp_bind,
      .lpWSPCancelBlockingCall = pipe_wsp_cancel_blocking_call,
      .lpWSPCleanup = pipe_wsp_cleanup,
      .lpWSPCloseSocket = pipe_wsp_close_socket,
      .lpWSPConnect = pipe_wsp_connect,
      .lpWSPDuplicateSocket = pipe_wsp_duplicate_socket,
      .lpWSPEnumNetworkEvents = pipe_wsp_enum_network_events,
      .lpWSPEventSelect = pipe_wsp_event_select,
      .lpWSPGetOverlappedResult = pipe_wsp_get_overlapped_result,
      .lpWSPGetPeerName = pipe_wsp_get_peer_name,
      .lpWSPGetSockName = pipe_wsp_get_sock_name,
      .lpWSPGetSockOpt = pipe_wsp_get_sock_opt,
      .lpWSPGetQOSByName = pipe_wsp_get_qos_by_name,
      .lpWSPIoctl = pipe_wsp_ioctl,
      .lpWSPJoinLeaf = pipe_wsp_join_leaf,
      .lpWSPListen = pipe_wsp_listen,
      .lpWSPRecv = pipe_wsp_recv,
      .lpWSPRecvDisconnect = pipe_wsp_recv_disconnect,
      .lpWSPRecvFrom = pipe_wsp_recv_from,
      .lpWSPSelect = pipe_wsp_select,
      .lpWSPSend = pipe_wsp_send,
      .lpWSPSendDisconnect = pipe_wsp_send_disconnect,
      .lpWSPSendTo = pipe_wsp_send_to,
      .lpWSPSetSockOpt = pipe_wsp_set_sock_opt,
      .lpWSPShutdown = pipe_wsp_shutdown,
      .lpWSPSocket = pipe_wsp_socket,
      .lpWSPStringToAddress = pipe_wsp_string_to_address,
  };
  if (LOBYTE(wVersionRequested) < 2 ||
      (LOBYTE(wVersionRequested) == 2 && HIBYTE(wVersionRequested) < 2))
    return WSAVERNOTSUPPORTED;
  if (lpWSPData == NULL || lpProtocolInfo == NULL || lpProcTable == NULL) return WSAEFAULT;
  /* A base serves its own family; installed as a layer it would lead nowhere. */
  if (lpProtocolInfo->iAddressFamily != AF_PIPE) return WSAEPROVIDERFAILEDINIT;

  pipe_enter();
  if (pipe_startups++ == 0) pipe_upcalls = UpcallTable;
  pipe_leave();
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = lpWSPData->wHighVersion = MAKEWORD(2, 2);
  memcpy(lpWSPData->szDescription, description, sizeof description);
  *lpProcTable = table;
  return 0;
}
