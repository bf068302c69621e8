/*
 * base_sockets.c - a thin base provider over the system's sockets: TCP and UDP
 * over IPv4, blocking and non-blocking.
 *
 * What a base needs at least: 30 entries, a handle for each socket
 * (WPUCreateSocketHandle), the catalog entry that WSPSocket was passed kept with
 * it. It has no overlapped operations and no network events and says so,
 * WSAEOPNOTSUPP. It does not ask for blocking hooks and leaves much of the
 * finer behaviour of Windows out: `ws2spi check --base base_sockets.c` names it.
 *
 * The system's functions are in host_sockets.h.
 */
#include "host_sockets.h"

#include <mswsock.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "provider_lock.h"
#include "select_timeout.h"

/* Lives until its handle is closed; a call that is inside keeps the descriptor
 * from being closed below it. */
struct thin_socket {
  int descriptor;
  WSAPROTOCOL_INFOW entry;
  atomic_int nonblocking;
  atomic_int calls; /* inside, and one for the open handle */
};

/* Between the question which socket a handle is and the count of the call that
 * asks nobody closes it. */
static struct provider_lock thin_lock = PROVIDER_LOCK_FREE;
static WSPUPCALLTABLE thin_upcalls;
static atomic_uint thin_startups;

static int thin_fail(LPINT error, int code) {
  if (error != NULL) *error = code;
  return SOCKET_ERROR;
}

static void thin_leave(struct thin_socket *socket) {
  if (atomic_fetch_sub(&socket->calls, 1) != 1) return;
  close(socket->descriptor);
  free(socket);
}

/* The socket behind a handle, entered; NULL and an error when it is none. */
static struct thin_socket *thin_enter(SOCKET s, LPINT error) {
  DWORD_PTR context = 0;
  struct thin_socket *socket = NULL;
  provider_lock_take(&thin_lock);
  if (thin_upcalls.lpWPUQuerySocketHandleContext(s, &context, error) == 0) {
    socket = (struct thin_socket *)context;
    atomic_fetch_add(&socket->calls, 1);
  }
  provider_lock_drop(&thin_lock);
  return socket;
}

/* Ends an entry: its result, and the error when there is one. */
static int thin_return(struct thin_socket *socket, int error, LPINT lpErrno) {
  thin_leave(socket);
  return error == 0 ? 0 : thin_fail(lpErrno, error);
}

#define THIN_ENTER(failure)                            \
  struct thin_socket *socket = thin_enter(s, lpErrno); \
  if (socket == NULL) return failure

/* What the last call of the system failed with. */
static int thin_error(struct thin_socket *socket) {
  int error = host_error(errno);
  /* A wait that was too long for the socket's timeout. */
  return error == WSAEWOULDBLOCK && !socket->nonblocking ? WSAETIMEDOUT : error;
}

/* A handle for a descriptor, which is closed when there is none. */
static SOCKET thin_present(int descriptor, const WSAPROTOCOL_INFOW *entry, LPINT lpErrno) {
  struct thin_socket *socket = calloc(1, sizeof *socket);
  SOCKET handle = INVALID_SOCKET;
  if (socket != NULL) {
    socket->descriptor = descriptor;
    socket->entry = *entry;
    socket->calls = 1;
    handle =
        thin_upcalls.lpWPUCreateSocketHandle(entry->dwCatalogEntryId, (DWORD_PTR)socket, lpErrno);
  } else {
    thin_fail(lpErrno, WSAENOBUFS);
  }
  if (handle == INVALID_SOCKET) {
    close(descriptor);
    free(socket);
  }
  return handle;
}

/* --- opening and closing -------------------------------------------------- */

static SOCKET WSPAPI thin_wsp_socket(int af, int type, int protocol,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                     LPINT lpErrno) {
  int error = 0;
  (void)g, (void)dwFlags;
  if (lpProtocolInfo == NULL)
    error = WSAEFAULT;
  else if (af != AF_INET)
    error = WSAEAFNOSUPPORT;
  else if (type != SOCK_STREAM && type != SOCK_DGRAM)
    error = WSAESOCKTNOSUPPORT;
  else if (protocol != 0 && protocol != (type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP))
    error = WSAEPROTONOSUPPORT;
  int descriptor = error == 0 ? host_socket(AF_INET, type, protocol) : -1;
  if (error == 0 && descriptor < 0) error = host_error(errno);
  if (error != 0) {
    thin_fail(lpErrno, error);
    return INVALID_SOCKET;
  }
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return thin_present(descriptor, lpProtocolInfo, lpErrno);
}

static int WSPAPI thin_wsp_close_socket(SOCKET s, LPINT lpErrno) {
  THIN_ENTER(SOCKET_ERROR);
  provider_lock_take(&thin_lock);
  int result = thin_upcalls.lpWPUCloseSocketHandle(s, lpErrno);
  provider_lock_drop(&thin_lock);
  if (result != 0) {
    thin_leave(socket);
    return SOCKET_ERROR;
  }
  /* Wakes the calls that wait inside; the last one to leave closes. */
  if (atomic_load(&socket->calls) > 2) host_shutdown(socket->descriptor, SD_BOTH);
  thin_leave(socket);
  thin_leave(socket);
  return 0;
}

static SOCKET WSPAPI thin_wsp_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                     LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                     LPINT lpErrno) {
  struct sockaddr_in name = {0};
  unsigned length = sizeof name;
  (void)dwCallbackData;
  THIN_ENTER(INVALID_SOCKET);
  int error = lpfnCondition != NULL ? WSAEOPNOTSUPP : 0;
  if (error == 0 && addr != NULL && (addrlen == NULL || *addrlen < (int)sizeof name))
    error = WSAEFAULT;
  int descriptor = error == 0 ? host_accept(socket->descriptor, &name, &length) : -1;
  if (error == 0 && descriptor < 0) error = thin_error(socket);
  SOCKET accepted = INVALID_SOCKET;
  if (error == 0) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (socket->nonblocking) host_set_nonblocking(descriptor, 1);
    accepted = thin_present(descriptor, &socket->entry, lpErrno);
  } else {
    thin_fail(lpErrno, error);
  }
  if (accepted != INVALID_SOCKET && addr != NULL) {
    host_name_in(&name);
    memcpy(addr, &name, sizeof name);
    *addrlen = sizeof name;
  }
  thin_leave(socket);
  return accepted;
}

/* --- names ---------------------------------------------------------------- */

static int thin_read_name(const struct sockaddr *from, int length, struct sockaddr_in *name) {
  if (from == NULL || length < (int)sizeof *name) return WSAEFAULT;
  memcpy(name, from, sizeof *name);
  if (name->sin_family != AF_INET) return WSAEAFNOSUPPORT;
  host_name_out(name);
  return 0;
}

static int WSPAPI thin_wsp_bind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  struct sockaddr_in address;
  THIN_ENTER(SOCKET_ERROR);
  int error = thin_read_name(name, namelen, &address);
  if (error == 0 && host_bind(socket->descriptor, &address, sizeof address) != 0)
    error = thin_error(socket);
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_connect(SOCKET s, const struct sockaddr *name, int namelen,
                                   LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                   LPQOS lpGQOS, LPINT lpErrno) {
  struct sockaddr_in address;
  (void)lpCallerData, (void)lpCalleeData, (void)lpSQOS, (void)lpGQOS;
  THIN_ENTER(SOCKET_ERROR);
  int error = thin_read_name(name, namelen, &address);
  if (error == 0 && host_connect(socket->descriptor, &address, sizeof address) != 0)
    error = thin_error(socket);
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_listen(SOCKET s, int backlog, LPINT lpErrno) {
  THIN_ENTER(SOCKET_ERROR);
  int error = host_listen(socket->descriptor, backlog) == 0 ? 0 : thin_error(socket);
  return thin_return(socket, error, lpErrno);
}

static int thin_name(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno,
                     int (*ask)(int, void *, unsigned *)) {
  struct sockaddr_in address = {0};
  unsigned length = sizeof address;
  THIN_ENTER(SOCKET_ERROR);
  int error = name == NULL || namelen == NULL ? WSAEFAULT : 0;
  if (error == 0 && ask(socket->descriptor, &address, &length) != 0) error = thin_error(socket);
  /* A socket without a name: the system tells one of zeroes, Winsock none. */
  if (error == 0 && address.sin_port == 0) error = WSAEINVAL;
  if (error == 0 && *namelen < (int)sizeof address) error = WSAEFAULT;
  if (error == 0) {
    host_name_in(&address);
    memcpy(name, &address, sizeof address);
    *namelen = sizeof address;
  }
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_get_sock_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                         LPINT lpErrno) {
  return thin_name(s, name, namelen, lpErrno, host_getsockname);
}

static int WSPAPI thin_wsp_get_peer_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                         LPINT lpErrno) {
  return thin_name(s, name, namelen, lpErrno, host_getpeername);
}

/* --- data ----------------------------------------------------------------- */

/* The system moves the first buffer that has a byte; more is another call's. */
static const WSABUF *thin_buffer(const WSABUF *buffers, DWORD count) {
  static const WSABUF nothing = {0, NULL};
  for (DWORD i = 0; i < count; i++)
    if (buffers[i].len > 0) return &buffers[i];
  return &nothing;
}

static int thin_flags(DWORD flags) {
  return (flags & MSG_OOB ? HOST_OOB : 0) | (flags & MSG_PEEK ? HOST_PEEK : 0) | HOST_NOSIGNAL;
}

static int WSPAPI thin_wsp_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                   const struct sockaddr *lpTo, int iTolen,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                   LPWSATHREADID lpThreadId, LPINT lpErrno) {
  struct sockaddr_in to;
  host_count sent = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  THIN_ENTER(SOCKET_ERROR);
  int error = lpOverlapped != NULL ? WSAEOPNOTSUPP : 0;
  if (error == 0 && (lpBuffers == NULL || lpNumberOfBytesSent == NULL)) error = WSAEFAULT;
  if (error == 0 && lpTo != NULL) error = thin_read_name(lpTo, iTolen, &to);
  if (error == 0) {
    const WSABUF *buffer = thin_buffer(lpBuffers, dwBufferCount);
    sent = host_sendto(socket->descriptor, buffer->buf, buffer->len, thin_flags(dwFlags),
                       lpTo != NULL ? &to : NULL, lpTo != NULL ? sizeof to : 0);
    if (sent < 0) error = thin_error(socket);
  }
  if (error == 0) *lpNumberOfBytesSent = (DWORD)sent;
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return thin_wsp_send_to(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, NULL, 0,
                          lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}

static int WSPAPI thin_wsp_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                     LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                     struct sockaddr *lpFrom, LPINT lpFromlen,
                                     LPWSAOVERLAPPED lpOverlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                     LPWSATHREADID lpThreadId, LPINT lpErrno) {
  struct sockaddr_in from = {0};
  unsigned length = sizeof from;
  host_count got = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  THIN_ENTER(SOCKET_ERROR);
  int error = lpOverlapped != NULL ? WSAEOPNOTSUPP : 0;
  if (error == 0 && (lpBuffers == NULL || lpNumberOfBytesRecvd == NULL || lpFlags == NULL))
    error = WSAEFAULT;
  if (error == 0 && lpFrom != NULL && (lpFromlen == NULL || *lpFromlen < (int)sizeof from))
    error = WSAEFAULT;
  if (error == 0) {
    const WSABUF *buffer = thin_buffer(lpBuffers, dwBufferCount);
    int is_datagram = socket->entry.iSocketType == SOCK_DGRAM;
    int flags = (thin_flags(*lpFlags) & ~HOST_NOSIGNAL) | (is_datagram ? HOST_TRUNC : 0);
    got = host_recvfrom(socket->descriptor, buffer->buf, buffer->len, flags, &from, &length);
    if (got < 0) error = thin_error(socket);
    if (got > (host_count)buffer->len) {
      got = (host_count)buffer->len;
      error = WSAEMSGSIZE;
    }
  }
  if (error == 0 || error == WSAEMSGSIZE) {
    *lpNumberOfBytesRecvd = (DWORD)got;
    *lpFlags = error == WSAEMSGSIZE ? MSG_PARTIAL : 0;
  }
  if (error == 0 && lpFrom != NULL && length > 0) {
    host_name_in(&from);
    memcpy(lpFrom, &from, sizeof from);
    *lpFromlen = sizeof from;
  }
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return thin_wsp_recv_from(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, NULL, NULL,
                            lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}

static int WSPAPI thin_wsp_shutdown(SOCKET s, int how, LPINT lpErrno) {
  THIN_ENTER(SOCKET_ERROR);
  int error = how < SD_RECEIVE || how > SD_BOTH ? WSAEINVAL : 0;
  if (error == 0 && host_shutdown(socket->descriptor, how) != 0) error = thin_error(socket);
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_send_disconnect(SOCKET s, LPWSABUF lpData, LPINT lpErrno) {
  (void)lpData;
  return thin_wsp_shutdown(s, SD_SEND, lpErrno);
}

static int WSPAPI thin_wsp_recv_disconnect(SOCKET s, LPWSABUF lpData, LPINT lpErrno) {
  (void)lpData;
  return thin_wsp_shutdown(s, SD_RECEIVE, lpErrno);
}

#include "thin_settings.h"

/* --- start and end -------------------------------------------------------- */

static int WSPAPI thin_wsp_cleanup(LPINT lpErrno) {
  unsigned before = atomic_load(&thin_startups);
  while (before > 0 && !atomic_compare_exchange_weak(&thin_startups, &before, before - 1))
    ;
  /* The client DLL has closed every socket of the program before the last. */
  return before > 0 ? 0 : thin_fail(lpErrno, WSANOTINITIALISED);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  static const WSPPROC_TABLE table = {
      .lpWSPAccept = thin_wsp_accept,
      .lpWSPAddressToString = thin_wsp_address_to_string,
      .lpWSPAsyncSelect = thin_wsp_async_select,
      .lpWSPBind = thin_wsp_bind,
      .lpWSPCancelBlockingCall = thin_wsp_cancel_blocking_call,
      .lpWSPCleanup = thin_wsp_cleanup,
      .lpWSPCloseSocket = thin_wsp_close_socket,
      .lpWSPConnect = thin_wsp_connect,
      .lpWSPDuplicateSocket = thin_wsp_duplicate_socket,
      .lpWSPEnumNetworkEvents = thin_wsp_enum_network_events,
      .lpWSPEventSelect = thin_wsp_event_select,
      .lpWSPGetOverlappedResult = thin_wsp_get_overlapped_result,
      .lpWSPGetPeerName = thin_wsp_get_peer_name,
      .lpWSPGetSockName = thin_wsp_get_sock_name,
      .lpWSPGetSockOpt = thin_wsp_get_sock_opt,
      .lpWSPGetQOSByName = thin_wsp_get_qos_by_name,
      .lpWSPIoctl = thin_wsp_ioctl,
      .lpWSPJoinLeaf = thin_wsp_join_leaf,
      .lpWSPListen = thin_wsp_listen,
      .lpWSPRecv = thin_wsp_recv,
      .lpWSPRecvDisconnect = thin_wsp_recv_disconnect,
      .lpWSPRecvFrom = thin_wsp_recv_from,
      .lpWSPSelect = thin_wsp_select,
      .lpWSPSend = thin_wsp_send,
      .lpWSPSendDisconnect = thin_wsp_send_disconnect,
      .lpWSPSendTo = thin_wsp_send_to,
      .lpWSPSetSockOpt = thin_wsp_set_sock_opt,
      .lpWSPShutdown = thin_wsp_shutdown,
      .lpWSPSocket = thin_wsp_socket,
      .lpWSPStringToAddress = thin_wsp_string_to_address,
  };
  if (LOBYTE(wVersionRequested) < 2 ||
      (LOBYTE(wVersionRequested) == 2 && HIBYTE(wVersionRequested) < 2))
    return WSAVERNOTSUPPORTED;
  if (lpWSPData == NULL || lpProtocolInfo == NULL || lpProcTable == NULL) return WSAEFAULT;
  /* A base is the end of a chain. */
  if (lpProtocolInfo->ProtocolChain.ChainLen != BASE_PROTOCOL) return WSAEPROVIDERFAILEDINIT;
  thin_upcalls = UpcallTable;
  atomic_fetch_add(&thin_startups, 1);
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = lpWSPData->wHighVersion = MAKEWORD(2, 2);
  *lpProcTable = table;
  return 0;
}
