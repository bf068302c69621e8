/*
 * upcalls_provider.h - the provider side of base_upcalls.c: what it was started
 * with, and its 30 entries, which do as little as a provider can.
 *
 * A socket is a handle of WPUCreateSocketHandle and nothing else; its context is
 * a number; a system handle may be registered for it beside. Sending succeeds,
 * receiving finds the end, waits for an event or stays pending, whatever was
 * switched on. Each entry counts its calls.
 */
#ifndef UPCALLS_PROVIDER_H
#define UPCALLS_PROVIDER_H

#include <winsock2.h>
#include <ws2spi.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "select_timeout.h"

/* A family nobody else has. */
#define AF_UPCALLS 0x7A02

/* The slots of WSPPROC_TABLE, in order. */
enum upcalls_slot {
  SLOT_ACCEPT,
  SLOT_ADDRESS_TO_STRING,
  SLOT_ASYNC_SELECT,
  SLOT_BIND,
  SLOT_CANCEL_BLOCKING_CALL,
  SLOT_CLEANUP,
  SLOT_CLOSE_SOCKET,
  SLOT_CONNECT,
  SLOT_DUPLICATE_SOCKET,
  SLOT_ENUM_NETWORK_EVENTS,
  SLOT_EVENT_SELECT,
  SLOT_GET_OVERLAPPED_RESULT,
  SLOT_GET_PEER_NAME,
  SLOT_GET_SOCK_NAME,
  SLOT_GET_SOCK_OPT,
  SLOT_GET_QOS_BY_NAME,
  SLOT_IOCTL,
  SLOT_JOIN_LEAF,
  SLOT_LISTEN,
  SLOT_RECV,
  SLOT_RECV_DISCONNECT,
  SLOT_RECV_FROM,
  SLOT_SELECT,
  SLOT_SEND,
  SLOT_SEND_DISCONNECT,
  SLOT_SEND_TO,
  SLOT_SET_SOCK_OPT,
  SLOT_SHUTDOWN,
  SLOT_SOCKET,
  SLOT_STRING_TO_ADDRESS,
  SLOTS
};

/* As the last WSPStartup got them, and the last WSPSocket. */
static WSPUPCALLTABLE upcalls_table;
static WSAPROTOCOL_INFOW upcalls_entry, upcalls_socket_entry;

static atomic_int upcalls_calls[SLOTS];
static atomic_int upcalls_startups;
/* The versions this provider speaks, as WSPStartup packs them. */
static atomic_uint upcalls_lowest = MAKEWORD(2, 2), upcalls_highest = MAKEWORD(2, 2);
static atomic_uint upcalls_contexts;
/* A successful WSPCloseSocket keeps the handle until somebody gives it back. */
static atomic_int upcalls_defers_close;
/* A live handle that this provider says is its own, when it is asked. */
static _Atomic(SOCKET) upcalls_claimed = INVALID_SOCKET;
/* Receives signal the one and wait for the other, while there is one. */
static _Atomic(HANDLE) upcalls_entered, upcalls_released;
/* The entry that another thread registers a handle with while it is closed. */
static atomic_uint upcalls_heir;

/* The last overlapped receive: pending until ws2spi_upcalls_finish. */
static struct {
  SOCKET s;
  LPWSAOVERLAPPED overlapped;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
  WSATHREADID thread;
} upcalls_pending;

static int upcalls_fail(LPINT error, int code) {
  if (error != NULL) *error = code;
  return SOCKET_ERROR;
}

static int upcalls_count(enum upcalls_slot slot) {
  return atomic_fetch_add(&upcalls_calls[slot], 1);
}

/* --- entries with a behaviour --------------------------------------------- */

static SOCKET WSPAPI upcalls_socket(int af, int type, int protocol,
                                    LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                    LPINT lpErrno) {
  (void)af, (void)type, (void)protocol, (void)g, (void)dwFlags;
  upcalls_count(SLOT_SOCKET);
  upcalls_socket_entry = *lpProtocolInfo;
  return upcalls_table.lpWPUCreateSocketHandle(lpProtocolInfo->dwCatalogEntryId,
                                               atomic_fetch_add(&upcalls_contexts, 1) + 1, lpErrno);
}

static void *upcalls__inherit(void *s) {
  INT ignored = 0;
  upcalls_table.lpWPUModifyIFSHandle(atomic_load(&upcalls_heir), (SOCKET)s, &ignored);
  return NULL;
}

static int WSPAPI upcalls_close_socket(SOCKET s, LPINT lpErrno) {
  upcalls_count(SLOT_CLOSE_SOCKET);
  if (atomic_load(&upcalls_defers_close)) return 0;
  /* A system handle that was registered for this provider is not its to close. */
  INT ignored = 0;
  if (upcalls_table.lpWPUCloseSocketHandle(s, &ignored) == 0) return 0;
  pthread_t thread;
  if (atomic_load(&upcalls_heir) != 0 &&
      pthread_create(&thread, NULL, upcalls__inherit, (void *)s) == 0)
    pthread_join(thread, NULL);
  if (upcalls_entry.dwServiceFlags1 & XP1_IFS_HANDLES) return 0;
  return upcalls_fail(lpErrno, ignored);
}

static int WSPAPI upcalls_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)s, (void)dwFlags, (void)lpOverlapped, (void)lpCompletionRoutine, (void)lpThreadId;
  (void)lpErrno;
  upcalls_count(SLOT_SEND);
  *lpNumberOfBytesSent = 0;
  for (DWORD i = 0; i < dwBufferCount; i++) *lpNumberOfBytesSent += lpBuffers[i].len;
  return 0;
}

static int WSPAPI upcalls_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)lpBuffers, (void)dwBufferCount, (void)lpFlags;
  upcalls_count(SLOT_RECV);
  if (lpOverlapped != NULL) {
    lpOverlapped->Internal = WSS_OPERATION_IN_PROGRESS;
    lpOverlapped->InternalHigh = 0;
    upcalls_pending.s = s;
    upcalls_pending.overlapped = lpOverlapped;
    upcalls_pending.routine = lpCompletionRoutine;
    /* The structure is the caller's; its contents stay usable (WSPRecv). */
    upcalls_pending.thread = *lpThreadId;
    return upcalls_fail(lpErrno, WSA_IO_PENDING);
  }
  HANDLE released = atomic_load(&upcalls_released);
  if (released != NULL) {
    SetEvent(atomic_load(&upcalls_entered));
    WaitForSingleObject(released, INFINITE);
  }
  *lpNumberOfBytesRecvd = 0;
  return 0;
}

static int WSPAPI upcalls_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                       LPINT lpErrno) {
  DWORD_PTR context = 0;
  INT ignored = 0;
  upcalls_count(SLOT_GET_SOCK_OPT);
  if (s != atomic_load(&upcalls_claimed) &&
      upcalls_table.lpWPUQuerySocketHandleContext(s, &context, &ignored) != 0)
    return upcalls_fail(lpErrno, WSAENOTSOCK);
  if (level != SOL_SOCKET || optname != SO_PROTOCOL_INFOW)
    return upcalls_fail(lpErrno, WSAENOPROTOOPT);
  if (*optlen < (int)sizeof upcalls_entry) return upcalls_fail(lpErrno, WSAEFAULT);
  memcpy(optval, &upcalls_entry, sizeof upcalls_entry);
  return 0;
}

static int WSPAPI upcalls_cleanup(LPINT lpErrno) {
  upcalls_count(SLOT_CLEANUP);
  if (atomic_load(&upcalls_startups) == 0) return upcalls_fail(lpErrno, WSANOTINITIALISED);
  atomic_fetch_sub(&upcalls_startups, 1);
  return 0;
}

/* --- entries that only count ---------------------------------------------- */

static int WSPAPI upcalls_bind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  (void)s, (void)name, (void)namelen, (void)lpErrno;
  upcalls_count(SLOT_BIND);
  return 0;
}

static int WSPAPI upcalls_listen(SOCKET s, int backlog, LPINT lpErrno) {
  (void)s, (void)backlog, (void)lpErrno;
  upcalls_count(SLOT_LISTEN);
  return 0;
}

static int WSPAPI upcalls_shutdown(SOCKET s, int how, LPINT lpErrno) {
  (void)s, (void)how, (void)lpErrno;
  upcalls_count(SLOT_SHUTDOWN);
  return 0;
}

static int upcalls_refuse(enum upcalls_slot slot, LPINT lpErrno) {
  upcalls_count(slot);
  return upcalls_fail(lpErrno, WSAEOPNOTSUPP);
}

static SOCKET WSPAPI upcalls_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                    LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                    LPINT lpErrno) {
  (void)s, (void)addr, (void)addrlen, (void)lpfnCondition, (void)dwCallbackData;
  upcalls_refuse(SLOT_ACCEPT, lpErrno);
  return INVALID_SOCKET;
}

static INT WSPAPI upcalls_address_to_string(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                            LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                            LPWSTR lpszAddressString,
                                            LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  (void)lpsaAddress, (void)dwAddressLength, (void)lpProtocolInfo, (void)lpszAddressString;
  (void)lpdwAddressStringLength;
  return upcalls_refuse(SLOT_ADDRESS_TO_STRING, lpErrno);
}

static int WSPAPI upcalls_async_select(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                       LPINT lpErrno) {
  (void)s, (void)hWnd, (void)wMsg, (void)lEvent;
  return upcalls_refuse(SLOT_ASYNC_SELECT, lpErrno);
}

static int WSPAPI upcalls_cancel_blocking_call(LPINT lpErrno) {
  return upcalls_refuse(SLOT_CANCEL_BLOCKING_CALL, lpErrno);
}

static int WSPAPI upcalls_connect(SOCKET s, const struct sockaddr *name, int namelen,
                                  LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                  LPQOS lpGQOS, LPINT lpErrno) {
  (void)s, (void)name, (void)namelen, (void)lpCallerData, (void)lpCalleeData, (void)lpSQOS;
  (void)lpGQOS;
  return upcalls_refuse(SLOT_CONNECT, lpErrno);
}

static int WSPAPI upcalls_duplicate_socket(SOCKET s, DWORD dwProcessId,
                                           LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  (void)s, (void)dwProcessId, (void)lpProtocolInfo;
  return upcalls_refuse(SLOT_DUPLICATE_SOCKET, lpErrno);
}

static int WSPAPI upcalls_enum_network_events(SOCKET s, WSAEVENT hEventObject,
                                              LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  (void)s, (void)hEventObject, (void)lpNetworkEvents;
  return upcalls_refuse(SLOT_ENUM_NETWORK_EVENTS, lpErrno);
}

static int WSPAPI upcalls_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                       LPINT lpErrno) {
  (void)s, (void)hEventObject, (void)lNetworkEvents;
  return upcalls_refuse(SLOT_EVENT_SELECT, lpErrno);
}

static BOOL WSPAPI upcalls_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                                 LPDWORD lpcbTransfer, BOOL fWait,
                                                 LPDWORD lpdwFlags, LPINT lpErrno) {
  (void)s, (void)lpOverlapped, (void)lpcbTransfer, (void)fWait, (void)lpdwFlags;
  upcalls_refuse(SLOT_GET_OVERLAPPED_RESULT, lpErrno);
  return FALSE;
}

static int WSPAPI upcalls_get_name(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno) {
  (void)s, (void)name, (void)namelen;
  return upcalls_refuse(SLOT_GET_SOCK_NAME, lpErrno);
}

static BOOL WSPAPI upcalls_get_qos_by_name(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
                                           LPINT lpErrno) {
  (void)s, (void)lpQOSName, (void)lpQOS;
  upcalls_refuse(SLOT_GET_QOS_BY_NAME, lpErrno);
  return FALSE;
}

static int WSPAPI upcalls_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                                DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)s, (void)dwIoControlCode, (void)lpvInBuffer, (void)cbInBuffer, (void)lpvOutBuffer;
  (void)cbOutBuffer, (void)lpcbBytesReturned, (void)lpOverlapped, (void)lpCompletionRoutine;
  (void)lpThreadId;
  return upcalls_refuse(SLOT_IOCTL, lpErrno);
}

static SOCKET WSPAPI upcalls_join_leaf(SOCKET s, const struct sockaddr *name, int namelen,
                                       LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                       LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  (void)name, (void)namelen, (void)lpCallerData, (void)lpCalleeData, (void)lpSQOS, (void)lpGQOS;
  (void)dwFlags, (void)lpErrno;
  upcalls_count(SLOT_JOIN_LEAF);
  return s; /* as a leaf that joins itself (WSPJoinLeaf) */
}

static int WSPAPI upcalls_disconnect(SOCKET s, LPWSABUF lpDisconnectData, LPINT lpErrno) {
  (void)s, (void)lpDisconnectData;
  return upcalls_refuse(SLOT_SEND_DISCONNECT, lpErrno);
}

static int WSPAPI upcalls_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                    struct sockaddr *lpFrom, LPINT lpFromlen,
                                    LPWSAOVERLAPPED lpOverlapped,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                    LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)s, (void)lpBuffers, (void)dwBufferCount, (void)lpNumberOfBytesRecvd, (void)lpFlags;
  (void)lpFrom, (void)lpFromlen, (void)lpOverlapped, (void)lpCompletionRoutine, (void)lpThreadId;
  return upcalls_refuse(SLOT_RECV_FROM, lpErrno);
}

static int WSPAPI upcalls_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                 select_timeout timeout, LPINT lpErrno) {
  (void)nfds, (void)readfds, (void)writefds, (void)exceptfds, (void)timeout;
  return upcalls_refuse(SLOT_SELECT, lpErrno);
}

static int WSPAPI upcalls_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                  LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                  const struct sockaddr *lpTo, int iTolen,
                                  LPWSAOVERLAPPED lpOverlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)s, (void)lpBuffers, (void)dwBufferCount, (void)lpNumberOfBytesSent, (void)dwFlags;
  (void)lpTo, (void)iTolen, (void)lpOverlapped, (void)lpCompletionRoutine, (void)lpThreadId;
  return upcalls_refuse(SLOT_SEND_TO, lpErrno);
}

static int WSPAPI upcalls_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                       int optlen, LPINT lpErrno) {
  (void)s, (void)level, (void)optname, (void)optval, (void)optlen;
  return upcalls_refuse(SLOT_SET_SOCK_OPT, lpErrno);
}

static INT WSPAPI upcalls_string_to_address(LPWSTR AddressString, INT AddressFamily,
                                            LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                            LPSOCKADDR lpAddress, LPINT lpAddressLength,
                                            LPINT lpErrno) {
  (void)AddressString, (void)AddressFamily, (void)lpProtocolInfo, (void)lpAddress;
  (void)lpAddressLength;
  return upcalls_refuse(SLOT_STRING_TO_ADDRESS, lpErrno);
}

static const WSPPROC_TABLE upcalls_procs = {
    .lpWSPAccept = upcalls_accept,
    .lpWSPAddressToString = upcalls_address_to_string,
    .lpWSPAsyncSelect = upcalls_async_select,
    .lpWSPBind = upcalls_bind,
    .lpWSPCancelBlockingCall = upcalls_cancel_blocking_call,
    .lpWSPCleanup = upcalls_cleanup,
    .lpWSPCloseSocket = upcalls_close_socket,
    .lpWSPConnect = upcalls_connect,
    .lpWSPDuplicateSocket = upcalls_duplicate_socket,
    .lpWSPEnumNetworkEvents = upcalls_enum_network_events,
    .lpWSPEventSelect = upcalls_event_select,
    .lpWSPGetOverlappedResult = upcalls_get_overlapped_result,
    .lpWSPGetPeerName = upcalls_get_name,
    .lpWSPGetSockName = upcalls_get_name,
    .lpWSPGetSockOpt = upcalls_get_sock_opt,
    .lpWSPGetQOSByName = upcalls_get_qos_by_name,
    .lpWSPIoctl = upcalls_ioctl,
    .lpWSPJoinLeaf = upcalls_join_leaf,
    .lpWSPListen = upcalls_listen,
    .lpWSPRecv = upcalls_recv,
    .lpWSPRecvDisconnect = upcalls_disconnect,
    .lpWSPRecvFrom = upcalls_recv_from,
    .lpWSPSelect = upcalls_select,
    .lpWSPSend = upcalls_send,
    .lpWSPSendDisconnect = upcalls_disconnect,
    .lpWSPSendTo = upcalls_send_to,
    .lpWSPSetSockOpt = upcalls_set_sock_opt,
    .lpWSPShutdown = upcalls_shutdown,
    .lpWSPSocket = upcalls_socket,
    .lpWSPStringToAddress = upcalls_string_to_address,
};

#endif
