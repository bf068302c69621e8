/*
 * layer_nonifs.c - a non-IFS layer.
 *
 * Every socket of the lower provider gets a second number above it: the layer
 * asks the client DLL for one (WPUCreateSocketHandle) and attaches the index of
 * its own record to it. Applications only ever see that number, so every call
 * on the socket, ReadFile and WriteFile included, comes through this layer. It
 * looks the record up again (WPUQuerySocketHandleContext), calls the lower
 * provider with the lower socket, and passes the answer on.
 *
 * What the application is told later must name its socket and its blocks, not
 * the lower ones, so a layer of this kind takes part in everything asynchronous:
 *
 *   overlapped calls     started below with blocks of the layer's own, collected
 *                        on a completion port of its own, told upwards with
 *                        WPUCompleteOverlappedRequest or WPUQueueApc
 *                        (operations.h, overlapped.h, extensions.h)
 *   window messages      received by a window of the layer's own and posted on
 *                        with WPUPostMessage (async_window.h)
 *   network events       name no socket: the application's event object goes
 *                        down as it is
 *
 * The layer changes nothing about the traffic. What an application can notice:
 * Internal holds a Winsock error instead of a status of the system, CancelIo
 * finds nothing (the operations are the lower socket's), and packets are queued
 * also for what succeeds at once (WPUCompleteOverlappedRequest knows no skipping).
 *
 * Installed with XP1_IFS_HANDLES clear, over any number of chains.
 */
#include "async_window.h"
#include "extensions.h"
#include "nonifs_handles.h"
#include "overlapped.h"

#define LAYER_NAME L"ws2spi example: non-IFS layer"

/* --- entries that must not pass a call straight down --------------------- */

/*
 * Notification by window message names the socket in the message, and the lower
 * provider would name the lower one. So it posts to a window of the layer's own
 * (async_window.h), which passes the message on with our number. The window of
 * the application is never seen below, so it is checked here.
 */
static int WSPAPI nonifs_async_select(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                      LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  (void)below;
  if (lEvent != 0 && !IsWindow(hWnd)) return pass_leave(record, provider_fail(lpErrno, WSAEINVAL));
  return pass_leave(record, async_select(lower, record->lower, s, hWnd, wMsg, lEvent, lpErrno));
}

/* An event object may go down: whoever waits for it never sees a socket. It
 * replaces a notification by message, there and here. */
static int WSPAPI nonifs_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                      LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  int result = lower->lpWSPEventSelect(below, hEventObject, lNetworkEvents, lpErrno);
  if (result == 0) async_forget(below);
  return pass_leave(record, result);
}

/* Whether a socket is for overlapped use is known from how it was made; what it
 * accepts is as it is. */
static void nonifs_note_synchronous(SOCKET s) {
  INT ignored = 0;
  struct socket_record *record = s == INVALID_SOCKET ? NULL : pass_enter(s, &ignored);
  if (record == NULL) return;
  atomic_store(&record->completion, COMPLETION_SYNCHRONOUS);
  sockets_release(record);
}

/* Duplicates of synchronous sockets that are on their way, by the lower
 * provider's mark in the information: nothing else tells what they are. */
enum { NONIFS_MARKS = 64 };

static _Atomic(DWORD) nonifs_marks[NONIFS_MARKS];

static int WSPAPI nonifs_duplicate_socket(SOCKET s, DWORD dwProcessId,
                                          LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  int result = pass_duplicate_socket(s, dwProcessId, lpProtocolInfo, lpErrno);
  INT ignored = 0;
  struct socket_record *record = result != 0 ? NULL : pass_enter(s, &ignored);
  if (record == NULL) return result;
  if (atomic_load(&record->completion) == COMPLETION_SYNCHRONOUS)
    atomic_store(&nonifs_marks[lpProtocolInfo->dwProviderReserved % NONIFS_MARKS],
                 lpProtocolInfo->dwProviderReserved);
  return pass_leave(record, result);
}

static SOCKET WSPAPI nonifs_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  DWORD mark = lpProtocolInfo == NULL ? 0 : lpProtocolInfo->dwProviderReserved;
  SOCKET s = pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
  /* A duplicate is what the original is, whatever flags ask for it. */
  int is_synchronous = mark == 0 ? (dwFlags & WSA_FLAG_OVERLAPPED) == 0
                                 : atomic_load(&nonifs_marks[mark % NONIFS_MARKS]) == mark;
  if (is_synchronous) nonifs_note_synchronous(s);
  return s;
}

static SOCKET WSPAPI nonifs_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                   LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                   LPINT lpErrno) {
  PASS_ENTER(INVALID_SOCKET);
  SOCKET handle = INVALID_SOCKET;
  SOCKET accepted =
      lower->lpWSPAccept(below, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  if (accepted != INVALID_SOCKET) handle = pass_present(record->chain, accepted, lpErrno);
  if (atomic_load(&record->completion) == COMPLETION_SYNCHRONOUS) nonifs_note_synchronous(handle);
  if (handle != INVALID_SOCKET) async_inherit(lower, below, accepted, handle);
  sockets_release(record);
  return handle;
}

/* No message is passed on any more once the socket is closed. */
static int WSPAPI nonifs_close_socket(SOCKET s, LPINT lpErrno) {
  PASS_ENTER(SOCKET_ERROR);
  (void)lower;
  int result = sockets_close(record, lpErrno);
  if (result == 0) async_forget(below);
  return pass_leave(record, result);
}

/* Port, workers and window end with the last user. Every lower socket is closed
 * by then: what was pending ends, and the workers ask the lower providers how,
 * so these are cleaned up after them. Nothing is posted any more afterwards. */
static int WSPAPI nonifs_cleanup(LPINT lpErrno) {
  int result = chains_cleanup(lpErrno, operations_stop);
  if (result == 0 && chains_are_gone()) {
    async_stop();
    sockets_free_memory(); /* the operations had kept some */
  }
  return result;
}

/*
 * Base handles: SIO_BASE_HANDLE must reach the base, whatever the layer does.
 * SIO_BSP_HANDLE, _SELECT and _POLL ask at which level select, WSAPoll and
 * WSASendMsg are to be served. A layer that holds data back answers them with
 * its own socket; this one holds nothing, its socket is ready exactly when the
 * lower one is, so these go down too: selecting at the base gives the same
 * answer, and works for sets with sockets from several chains.
 *
 * Extension functions are exchanged for our own after the lower provider has
 * checked the call and found that it has the function.
 */
static int WSPAPI nonifs_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                               DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                               LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (dwIoControlCode != SIO_GET_EXTENSION_FUNCTION_POINTER)
    return overlapped_ioctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                            lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId,
                            lpErrno);
  PASS_ENTER(SOCKET_ERROR);
  int result = lower->lpWSPIoctl(below, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
                                 cbOutBuffer, lpcbBytesReturned, NULL, NULL, NULL, lpErrno);
  if (result == 0) {
    extension_fn function;
    memcpy(&function, lpvOutBuffer, sizeof function);
    if (!extension_exchange(lpvInBuffer, &function)) {
      function = NULL;
      *lpcbBytesReturned = 0;
      result = provider_fail(lpErrno, WSAEINVAL);
    }
    memcpy(lpvOutBuffer, &function, sizeof function);
  }
  return pass_leave(record, result);
}

/* The value of SO_UPDATE_ACCEPT_CONTEXT is a socket, the one that listens. */
static int WSPAPI nonifs_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                      int optlen, LPINT lpErrno) {
  SOCKET listener = INVALID_SOCKET;
  if (level == SOL_SOCKET && optname == SO_UPDATE_ACCEPT_CONTEXT && optval != NULL &&
      optlen >= (int)sizeof listener) {
    memcpy(&listener, optval, sizeof listener);
    struct socket_record *listening = pass_enter(listener, lpErrno);
    if (listening == NULL) return SOCKET_ERROR;
    listener = listening->lower;
    int result =
        pass_set_sock_opt(s, level, optname, (const char *)&listener, sizeof listener, lpErrno);
    sockets_release(listening);
    return result;
  }
  return pass_set_sock_opt(s, level, optname, optval, optlen, lpErrno);
}

/* --- start --------------------------------------------------------------- */

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = pass_table();
  table.lpWSPAccept = nonifs_accept;
  table.lpWSPAsyncSelect = nonifs_async_select;
  table.lpWSPCleanup = nonifs_cleanup;
  table.lpWSPCloseSocket = nonifs_close_socket;
  table.lpWSPDuplicateSocket = nonifs_duplicate_socket;
  table.lpWSPEventSelect = nonifs_event_select;
  table.lpWSPGetOverlappedResult = overlapped_get_result;
  table.lpWSPIoctl = nonifs_ioctl;
  table.lpWSPRecv = overlapped_recv;
  table.lpWSPRecvFrom = overlapped_recv_from;
  table.lpWSPSend = overlapped_send;
  table.lpWSPSendTo = overlapped_send_to;
  table.lpWSPSetSockOpt = nonifs_set_sock_opt;
  table.lpWSPSocket = nonifs_socket;
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, LAYER_NAME);
}
