/*
 * pass_through.h - the 30 entries of a layer that changes nothing.
 *
 * Most only exchange the handle: they look up the record of the application's
 * socket, call the same entry of the lower provider with the lower socket, and
 * hand back what came. How a record is found (`pass_enter`) and how a new lower
 * socket is presented to the application (`pass_present`) make the kind of the
 * layer: the file that includes this one defines both, and replaces in
 * `pass_table` what else it does itself.
 *
 * Overlapped calls go down as they came, with the caller's OVERLAPPED: this is
 * the synchronous layer. A lower provider that answers WSAEOPNOTSUPP is heard
 * by the application; one that completes by event works through an IFS layer.
 */
#ifndef PASS_THROUGH_H
#define PASS_THROUGH_H

#include "select_set.h"

/* Defined by the layer: the record of an open socket with a reference
 * (sockets_release), or NULL and WSAENOTSOCK. */
static struct socket_record *pass_enter(SOCKET s, LPINT lpErrno);

/* Defined by the layer: registers a new lower socket with the client DLL and
 * returns the number the application gets. On failure INVALID_SOCKET; then the
 * lower socket is closed. */
static SOCKET pass_present(struct chain *chain, SOCKET lower, LPINT lpErrno);

/* Opens an entry that has a socket: `record` and `lower` are its socket and the provider
 * below; an unknown socket ends the call with `failure`. */
#define PASS_ENTER(failure)                                 \
  struct socket_record *record = pass_enter(s, lpErrno);    \
  if (record == NULL) return failure;                       \
  const WSPPROC_TABLE *lower = &record->chain->lower.procs; \
  SOCKET below = record->lower

static inline int pass_leave(struct socket_record *record, int result) {
  sockets_release(record);
  return result;
}

static int WSPAPI pass_async_select(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                    LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPAsyncSelect(below, hWnd, wMsg, lEvent, lpErrno));
}

static int WSPAPI pass_bind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPBind(below, name, namelen, lpErrno));
}

/* A close that fails (WSAEWOULDBLOCK while data lingers) leaves the socket
 * open. What else a successful close entails is done when the last call on this
 * socket has left the layer: sockets_finish. */
static int WSPAPI pass_close_socket(SOCKET s, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  (void)lower, (void)below;
  return pass_leave(record, sockets_close(record, lpErrno));
}

static int WSPAPI pass_connect(SOCKET s, const struct sockaddr *name, int namelen,
                               LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                               LPQOS lpGQOS, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPConnect(below, name, namelen, lpCallerData, lpCalleeData,
                                                lpSQOS, lpGQOS, lpErrno));
}

static int WSPAPI pass_enum_network_events(SOCKET s, WSAEVENT hEventObject,
                                           LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record,
                    lower->lpWSPEnumNetworkEvents(below, hEventObject, lpNetworkEvents, lpErrno));
}

static int WSPAPI pass_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                    LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPEventSelect(below, hEventObject, lNetworkEvents, lpErrno));
}

static BOOL WSPAPI pass_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                              LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags,
                                              LPINT lpErrno) {
  PASS_ENTER(FALSE);
  return pass_leave(record, lower->lpWSPGetOverlappedResult(below, lpOverlapped, lpcbTransfer,
                                                            fWait, lpdwFlags, lpErrno));
}

static int WSPAPI pass_get_peer_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                     LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPGetPeerName(below, name, namelen, lpErrno));
}

static int WSPAPI pass_get_sock_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                     LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPGetSockName(below, name, namelen, lpErrno));
}

static BOOL WSPAPI pass_get_qos_by_name(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno) {
  PASS_ENTER(FALSE);
  return pass_leave(record, lower->lpWSPGetQOSByName(below, lpQOSName, lpQOS, lpErrno));
}

static int WSPAPI pass_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                             LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                             LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(
      record,
      lower->lpWSPIoctl(below, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                        lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
}

static int WSPAPI pass_listen(SOCKET s, int backlog, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPListen(below, backlog, lpErrno));
}

static int WSPAPI pass_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                            LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record,
                    lower->lpWSPRecv(below, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
                                     lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
}

static int WSPAPI pass_recv_disconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPRecvDisconnect(below, lpInboundDisconnectData, lpErrno));
}

static int WSPAPI pass_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                 LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                 struct sockaddr *lpFrom, LPINT lpFromlen,
                                 LPWSAOVERLAPPED lpOverlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                 LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(
      record,
      lower->lpWSPRecvFrom(below, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
                           lpFromlen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
}

static int WSPAPI pass_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                            LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                            LPWSAOVERLAPPED lpOverlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                            LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record,
                    lower->lpWSPSend(below, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                                     lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno));
}

static int WSPAPI pass_send_disconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPSendDisconnect(below, lpOutboundDisconnectData, lpErrno));
}

static int WSPAPI pass_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                               const struct sockaddr *lpTo, int iTolen,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPSendTo(below, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                                               dwFlags, lpTo, iTolen, lpOverlapped,
                                               lpCompletionRoutine, lpThreadId, lpErrno));
}

static int WSPAPI pass_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                    int optlen, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPSetSockOpt(below, level, optname, optval, optlen, lpErrno));
}

static int WSPAPI pass_shutdown(SOCKET s, int how, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  return pass_leave(record, lower->lpWSPShutdown(below, how, lpErrno));
}

/* SO_PROTOCOL_INFOW tells which entry a socket belongs to, so every layer
 * answers with its own. The lower provider is asked all the same: it checks the
 * socket and the buffer. */
static int WSPAPI pass_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                    LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  int result = lower->lpWSPGetSockOpt(below, level, optname, optval, optlen, lpErrno);
  if (result == 0 && level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW)
    memcpy(optval, &record->chain->own, sizeof record->chain->own);
  return pass_leave(record, result);
}

/* The lower provider writes its entry and, in dwProviderReserved, what it needs
 * to find the socket again. The receiver must come to us: everything but that
 * one field is replaced by our entry. */
static int WSPAPI pass_duplicate_socket(SOCKET s, DWORD dwProcessId,
                                        LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  int result = lower->lpWSPDuplicateSocket(below, dwProcessId, lpProtocolInfo, lpErrno);
  if (result == 0) {
    DWORD carrier = lpProtocolInfo->dwProviderReserved;
    *lpProtocolInfo = record->chain->own;
    lpProtocolInfo->dwProviderReserved = carrier;
  }
  return pass_leave(record, result);
}

/* The entries without a socket: the chain is known by lpProtocolInfo alone. */

static INT WSPAPI pass_address_to_string(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                         LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                         LPWSTR lpszAddressString, LPDWORD lpdwAddressStringLength,
                                         LPINT lpErrno) {
  struct chain *chain = chains_find(lpProtocolInfo, lpErrno);
  if (chain == NULL) return SOCKET_ERROR;
  WSAPROTOCOL_INFOW info = chain->lower.info;
  int result = chain->lower.procs.lpWSPAddressToString(
      lpsaAddress, dwAddressLength, &info, lpszAddressString, lpdwAddressStringLength, lpErrno);
  chain_release(chain);
  return result;
}

static INT WSPAPI pass_string_to_address(LPWSTR AddressString, INT AddressFamily,
                                         LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                         LPINT lpAddressLength, LPINT lpErrno) {
  struct chain *chain = chains_find(lpProtocolInfo, lpErrno);
  if (chain == NULL) return SOCKET_ERROR;
  WSAPROTOCOL_INFOW info = chain->lower.info;
  int result = chain->lower.procs.lpWSPStringToAddress(AddressString, AddressFamily, &info,
                                                       lpAddress, lpAddressLength, lpErrno);
  chain_release(chain);
  return result;
}

/* The entries that make sockets. */

/* An entry that went through WSPDuplicateSocket carries the lower provider's
 * mark in dwProviderReserved; it must get back there. */
static SOCKET WSPAPI pass_socket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                 GROUP g, DWORD dwFlags, LPINT lpErrno) {
  struct chain *chain = chains_find(lpProtocolInfo, lpErrno);
  if (chain == NULL) return INVALID_SOCKET;
  WSAPROTOCOL_INFOW info = chain->lower.info;
  info.dwProviderReserved = lpProtocolInfo->dwProviderReserved;
  SOCKET s = chain->lower.procs.lpWSPSocket(af, type, protocol, &info, g, dwFlags, lpErrno);
  if (s != INVALID_SOCKET) s = pass_present(chain, s, lpErrno);
  chain_release(chain);
  return s;
}

/* The condition function is the application's own and goes down with its
 * callback data: nothing among its parameters (addresses, user data, QOS,
 * group) names a socket, so nothing has to be exchanged on its way up. */
static SOCKET WSPAPI pass_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                 LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                 LPINT lpErrno) {
  PASS_ENTER(INVALID_SOCKET);
  SOCKET accepted =
      lower->lpWSPAccept(below, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  if (accepted != INVALID_SOCKET) accepted = pass_present(record->chain, accepted, lpErrno);
  sockets_release(record);
  return accepted;
}

/* A leaf of a root-less session is the socket itself, not a new one. */
static SOCKET WSPAPI pass_join_leaf(SOCKET s, const struct sockaddr *name, int namelen,
                                    LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                    LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  PASS_ENTER(INVALID_SOCKET);
  SOCKET leaf = lower->lpWSPJoinLeaf(below, name, namelen, lpCallerData, lpCalleeData, lpSQOS,
                                     lpGQOS, dwFlags, lpErrno);
  if (leaf == below)
    leaf = s;
  else if (leaf != INVALID_SOCKET)
    leaf = pass_present(record->chain, leaf, lpErrno);
  sockets_release(record);
  return leaf;
}

/*
 * Every set is exchanged for an image with the lower sockets and back. One set
 * passed in two places is one image in two places. The lower provider of the
 * first socket of ours gets the call with all of them: sockets of several
 * providers in one call are not supported by Winsock, and it will say so.
 */
static int WSPAPI pass_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                              select_timeout timeout, LPINT lpErrno) {
  fd_set *above[3] = {readfds, writefds, exceptfds};
  struct select_set sets[3] = {{0}};
  fd_set *images[3];
  struct socket_record *ours = NULL;
  int result = SOCKET_ERROR, is_mapped = 1;
  u_int total = 0;
  for (int i = 0; i < 3 && is_mapped; i++) {
    int same = 0;
    while (same < i && above[same] != above[i]) same++;
    if (same == i) is_mapped = select_set_map(&sets[i], above[i], pass_enter, &ours);
    images[i] = sets[same].image;
    total += sets[i].count;
  }
  if (!is_mapped) {
    provider_fail(lpErrno, WSAENOBUFS);
  } else if (ours == NULL) { /* nobody below to ask */
    provider_fail(lpErrno, total == 0 ? WSAEINVAL : WSAENOTSOCK);
  } else {
    result = ours->chain->lower.procs.lpWSPSelect(nfds, images[0], images[1], images[2], timeout,
                                                  lpErrno);
    for (int i = 0; i < 3 && result != SOCKET_ERROR; i++) select_set_map_back(&sets[i]);
  }
  for (int i = 0; i < 3; i++) select_set_free(&sets[i]);
  if (ours != NULL) sockets_release(ours);
  return result;
}

/* Only the provider whose call blocks this thread accepts; the others answer
 * WSAEINVAL. Chains are visited by id, as none may be locked during a call. */
static int WSPAPI pass_cancel_blocking_call(LPINT lpErrno) {
  DWORD last = 0;
  for (;;) {
    struct chain *chain = chains_after(last);
    if (chain == NULL) return provider_fail(lpErrno, WSAEINVAL);
    last = chain->own.dwCatalogEntryId;
    int result = chain->lower.procs.lpWSPCancelBlockingCall(lpErrno);
    chain_release(chain);
    if (result == 0) return 0;
  }
}

static int WSPAPI pass_cleanup(LPINT lpErrno) { return chains_cleanup(lpErrno, NULL); }

/* The table with all these entries. */
static inline WSPPROC_TABLE pass_table(void) {
  WSPPROC_TABLE table = {
      .lpWSPAccept = pass_accept,
      .lpWSPAddressToString = pass_address_to_string,
      .lpWSPAsyncSelect = pass_async_select,
      .lpWSPBind = pass_bind,
      .lpWSPCancelBlockingCall = pass_cancel_blocking_call,
      .lpWSPCleanup = pass_cleanup,
      .lpWSPCloseSocket = pass_close_socket,
      .lpWSPConnect = pass_connect,
      .lpWSPDuplicateSocket = pass_duplicate_socket,
      .lpWSPEnumNetworkEvents = pass_enum_network_events,
      .lpWSPEventSelect = pass_event_select,
      .lpWSPGetOverlappedResult = pass_get_overlapped_result,
      .lpWSPGetPeerName = pass_get_peer_name,
      .lpWSPGetSockName = pass_get_sock_name,
      .lpWSPGetSockOpt = pass_get_sock_opt,
      .lpWSPGetQOSByName = pass_get_qos_by_name,
      .lpWSPIoctl = pass_ioctl,
      .lpWSPJoinLeaf = pass_join_leaf,
      .lpWSPListen = pass_listen,
      .lpWSPRecv = pass_recv,
      .lpWSPRecvDisconnect = pass_recv_disconnect,
      .lpWSPRecvFrom = pass_recv_from,
      .lpWSPSelect = pass_select,
      .lpWSPSend = pass_send,
      .lpWSPSendDisconnect = pass_send_disconnect,
      .lpWSPSendTo = pass_send_to,
      .lpWSPSetSockOpt = pass_set_sock_opt,
      .lpWSPShutdown = pass_shutdown,
      .lpWSPSocket = pass_socket,
      .lpWSPStringToAddress = pass_string_to_address,
  };
  return table;
}

#endif
