/*
 * hostile.c - a provider that does one thing wrong at a time.
 *
 * It is the non-IFS layer of this folder, with one misdeed switched on by
 * ws2spi_hostile_set or, for a program that cannot call it, by the environment
 * variable WS2SPI_HOSTILE; without one it behaves. What an application gets to
 * see of each misdeed stands beside it in the list below. In no case may the
 * process crash or hang, and after the last cleanup nothing may be left over.
 *
 * Where an entry fails or lies about its result, it has done its work below
 * first: what is tested is only what the client DLL makes of the answer.
 */
#include "nonifs_handles.h"

#include <mswsock.h>
#include <stdio.h>

enum misdeed {
  /* Nothing wrong. */
  BEHAVE,
  /* null-slot:N (0..29, in table order) or null-slot:all. WSASocket fails with
   * WSAEINVALIDPROCTABLE; WSPCleanup, if not the NULL slot, runs once (U94, U95). */
  NULL_SLOT,
  /* version:MAJOR.MINOR, another version than the requested 2.2. WSASocket fails
   * with WSAEINVALIDPROVIDER; WSPCleanup runs once (U92, U93). */
  VERSION,
  /* startup-error:CODE. WSASocket fails with WSAEPROVIDERFAILEDINIT (U98); set
   * right, the next WSASocket works (U99). */
  STARTUP_ERROR,
  /* startup-false-empty: WSPStartup returns FALSE for failure, which is 0, and
   * leaves the table empty. As null-slot:all. */
  STARTUP_FALSE_EMPTY,
  /* slow-startup: WSPStartup returns only after ws2spi_hostile_release. Other
   * threads' calls on other providers go on; a second WSASocket for this one
   * waits for the same WSPStartup (U103). */
  SLOW_STARTUP,
  /* error-zero: failure with *lpErrno 0. The call fails with WSASYSCALLFAILURE
   * (U155). */
  ERROR_ZERO,
  /* error-on-success: *lpErrno written although the call succeeded. The call
   * succeeds and the thread's last error is not that code (U156). */
  ERROR_ON_SUCCESS,
  /* wrong-return:VALUE (default 5): an int entry returns neither 0 nor
   * SOCKET_ERROR. The call fails with WSASYSCALLFAILURE. */
  WRONG_RETURN,
  /* too-many-bytes: more bytes reported than the buffers hold. The call fails
   * with WSASYSCALLFAILURE; never does an application get such a count. */
  TOO_MANY_BYTES,
  /* select-garbage: a count larger than the sets, or than the array of WSAPoll. As
   * too-many-bytes. */
  SELECT_GARBAGE,
  /* too-long: an address or option that is longer than the room for it. The call
   * fails with WSASYSCALLFAILURE and the length is what it was; an accepted socket
   * is closed again. */
  TOO_LONG,
  /* foreign-handle: WSPSocket returns the lower provider's handle. It stays its
   * owner's: no call on it ever reaches this layer. */
  FOREIGN_HANDLE,
  /* no-upcall: WSPSocket returns a number nobody registered. Every call on it
   * gives WSAENOTSOCK. */
  NO_UPCALL,
  /* double-mint: two handles for one socket, of which one is forgotten. The other
   * works; the forgotten one goes with the last WSACleanup. */
  DOUBLE_MINT,
  /* close-others: each WSPBind calls WPUCloseSocketHandle for the lower handle and
   * for INVALID_SOCKET. Both are refused with WSAENOTSOCK (U34); the application
   * notices nothing. */
  CLOSE_OTHERS,
  /* crash-on-stale: a call on a closed or unknown handle aborts the process. The
   * application gets WSAENOTSOCK and the call never arrives (U36, U157). */
  CRASH_ON_STALE,
  /* cleanup-fails: WSPCleanup does its work and reports failure. WSACleanup
   * succeeds all the same, and the module is unloaded. */
  CLEANUP_FAILS,
  /* overwrite-arguments: WSPStartup scribbles over its copy of the upcall table
   * and over lpProtocolInfo. Nobody else is affected (U7): the next chain of this
   * module is started with the right ones. */
  OVERWRITE_ARGUMENTS,
  /* wsasetlasterror: every entry calls WSASetLastError. A failing call shows the
   * code in *lpErrno, not that one (U156). */
  SET_LAST_ERROR,
  /* reenter: WSPStartup calls WSCEnumProtocols and opens a socket of its own
   * entry, WSPSocket opens one of the entry below. No deadlock (U14, U15): the
   * inner WSASocket of WSPStartup fails, the others succeed. */
  REENTER
};

static const struct {
  const char *name;
  enum misdeed misdeed;
} hostile__misdeeds[] = {
    {"", BEHAVE},
    {"null-slot", NULL_SLOT},
    {"version", VERSION},
    {"startup-error", STARTUP_ERROR},
    {"startup-false-empty", STARTUP_FALSE_EMPTY},
    {"slow-startup", SLOW_STARTUP},
    {"error-zero", ERROR_ZERO},
    {"error-on-success", ERROR_ON_SUCCESS},
    {"wrong-return", WRONG_RETURN},
    {"too-many-bytes", TOO_MANY_BYTES},
    {"select-garbage", SELECT_GARBAGE},
    {"too-long", TOO_LONG},
    {"foreign-handle", FOREIGN_HANDLE},
    {"no-upcall", NO_UPCALL},
    {"double-mint", DOUBLE_MINT},
    {"close-others", CLOSE_OTHERS},
    {"crash-on-stale", CRASH_ON_STALE},
    {"cleanup-fails", CLEANUP_FAILS},
    {"overwrite-arguments", OVERWRITE_ARGUMENTS},
    {"wsasetlasterror", SET_LAST_ERROR},
    {"reenter", REENTER},
};

/* The code an honest provider never uses, for lies to be recognised by. */
enum { HOSTILE_CODE = 12345 };

static atomic_int hostile__misdeed, hostile__argument, hostile__second_argument;
static atomic_int hostile__is_set;
static atomic_int hostile__startups, hostile__cleanups, hostile__upcall_error, hostile__inner_error;
static _Atomic(HANDLE) hostile__entered, hostile__released;
static _Thread_local int hostile__is_inside;

/* --- the controls -------------------------------------------------------- */

/* Switches to one misdeed by its name in the list, with ":ARGUMENT" where it
 * takes one; "" is good behaviour. Returns 1, or 0 for a name that is unknown.
 * From then on the environment is not looked at. */
__declspec(dllexport) int ws2spi_hostile_set(const char *misdeed);
/* Successful WSPStartup calls and WSPCleanup calls so far. */
__declspec(dllexport) int ws2spi_hostile_startups(void);
__declspec(dllexport) int ws2spi_hostile_cleanups(void);
/* close-others: the error of the last WPUCloseSocketHandle, 0 if it succeeded. */
__declspec(dllexport) int ws2spi_hostile_upcall_error(void);
/* reenter: the error of the last inner WSASocket, 0 if it succeeded. */
__declspec(dllexport) int ws2spi_hostile_inner_error(void);
/* slow-startup: waits until a WSPStartup waits; lets all of them go. */
__declspec(dllexport) void ws2spi_hostile_wait_entered(void);
__declspec(dllexport) void ws2spi_hostile_release(void);

static int hostile__choose(const char *text) {
  size_t length = strcspn(text, ":");
  const char *argument = text[length] == ':' ? text + length + 1 : "";
  for (size_t i = 0; i < sizeof hostile__misdeeds / sizeof *hostile__misdeeds; i++) {
    const char *name = hostile__misdeeds[i].name;
    if (strlen(name) != length || memcmp(name, text, length) != 0) continue;
    int first = hostile__misdeeds[i].misdeed == WRONG_RETURN ? 5 : 0, second = 0;
    if (strcmp(argument, "all") == 0) first = -1;
    sscanf(argument, "%d.%d", &first, &second);
    atomic_store(&hostile__argument, first);
    atomic_store(&hostile__second_argument, second);
    atomic_store(&hostile__misdeed, hostile__misdeeds[i].misdeed);
    return 1;
  }
  return 0;
}

/* One event for both threads that want it; whoever comes second drops his. */
static HANDLE hostile__event(_Atomic(HANDLE) *place) {
  HANDLE known = atomic_load(place);
  if (known != NULL) return known;
  HANDLE made = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (atomic_compare_exchange_strong(place, &known, made)) return made;
  CloseHandle(made);
  return known;
}

/* A new choice begins with fresh events. */
static void hostile__drop_event(_Atomic(HANDLE) *place) {
  HANDLE known = atomic_exchange(place, NULL);
  if (known != NULL) CloseHandle(known);
}

int ws2spi_hostile_set(const char *misdeed) {
  hostile__drop_event(&hostile__entered);
  hostile__drop_event(&hostile__released);
  atomic_store(&hostile__is_set, 1);
  return hostile__choose(misdeed != NULL ? misdeed : "");
}

int ws2spi_hostile_startups(void) { return atomic_load(&hostile__startups); }
int ws2spi_hostile_cleanups(void) { return atomic_load(&hostile__cleanups); }
int ws2spi_hostile_upcall_error(void) { return atomic_load(&hostile__upcall_error); }
int ws2spi_hostile_inner_error(void) { return atomic_load(&hostile__inner_error); }

void ws2spi_hostile_wait_entered(void) {
  WaitForSingleObject(hostile__event(&hostile__entered), INFINITE);
}

void ws2spi_hostile_release(void) { SetEvent(hostile__event(&hostile__released)); }

static int hostile__is(enum misdeed misdeed) {
  return atomic_load(&hostile__misdeed) == (int)misdeed;
}

/* --- the entries --------------------------------------------------------- */

/* Before an entry does its work. */
static void hostile__begin(SOCKET s) {
  DWORD_PTR index = 0;
  INT ignored = 0;
  if (hostile__is(SET_LAST_ERROR)) WSASetLastError(HOSTILE_CODE);
  if (!hostile__is(CRASH_ON_STALE)) return;
  if (chains_upcalls.lpWPUQuerySocketHandleContext(s, &index, &ignored) != 0) abort();
  struct socket_record *record = sockets_reference(index, s);
  if (record == NULL) abort();
  sockets_release(record);
}

/* After an int entry has done its work: what it says it did. */
static int hostile__answer(int result, LPINT lpErrno) {
  if (hostile__is(ERROR_ZERO)) return provider_fail(lpErrno, 0);
  if (result == 0 && hostile__is(ERROR_ON_SUCCESS)) provider_fail(lpErrno, HOSTILE_CODE);
  if (result == 0 && hostile__is(WRONG_RETURN)) return atomic_load(&hostile__argument);
  return result;
}

/* After an entry that reports a count of bytes. */
static int hostile__counted(int result, DWORD most, LPDWORD count, LPINT lpErrno) {
  if (result == 0 && count != NULL && hostile__is(TOO_MANY_BYTES)) *count = most + 1;
  return hostile__answer(result, lpErrno);
}

/* After an entry has stored a length. */
static void hostile__stored(int succeeded, LPINT length) {
  if (succeeded && length != NULL && hostile__is(TOO_LONG)) *length += 1000;
}

static DWORD hostile__room(const WSABUF *buffers, DWORD count) {
  DWORD room = 0;
  for (DWORD i = 0; buffers != NULL && i < count; i++) room += buffers[i].len;
  return room;
}

static int WSPAPI hostile_bind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  INT error = 0;
  hostile__begin(s);
  struct socket_record *record = hostile__is(CLOSE_OTHERS) ? pass_enter(s, &error) : NULL;
  if (record != NULL) {
    chains_upcalls.lpWPUCloseSocketHandle(INVALID_SOCKET, &error);
    error = 0;
    chains_upcalls.lpWPUCloseSocketHandle(record->lower, &error);
    atomic_store(&hostile__upcall_error, error);
    sockets_release(record);
  }
  return hostile__answer(pass_bind(s, name, namelen, lpErrno), lpErrno);
}

static int WSPAPI hostile_connect(SOCKET s, const struct sockaddr *name, int namelen,
                                  LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                  LPQOS lpGQOS, LPINT lpErrno) {
  hostile__begin(s);
  return hostile__answer(
      pass_connect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS, lpErrno), lpErrno);
}

static int WSPAPI hostile_listen(SOCKET s, int backlog, LPINT lpErrno) {
  hostile__begin(s);
  return hostile__answer(pass_listen(s, backlog, lpErrno), lpErrno);
}

static int WSPAPI hostile_shutdown(SOCKET s, int how, LPINT lpErrno) {
  hostile__begin(s);
  return hostile__answer(pass_shutdown(s, how, lpErrno), lpErrno);
}

static int WSPAPI hostile_get_sock_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                        LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_get_sock_name(s, name, namelen, lpErrno);
  hostile__stored(result == 0, namelen);
  return hostile__answer(result, lpErrno);
}

static int WSPAPI hostile_get_peer_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                        LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_get_peer_name(s, name, namelen, lpErrno);
  hostile__stored(result == 0, namelen);
  return hostile__answer(result, lpErrno);
}

static int WSPAPI hostile_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                       LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_get_sock_opt(s, level, optname, optval, optlen, lpErrno);
  hostile__stored(result == 0, optlen);
  return hostile__answer(result, lpErrno);
}

static int WSPAPI hostile_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                       int optlen, LPINT lpErrno) {
  hostile__begin(s);
  return hostile__answer(pass_set_sock_opt(s, level, optname, optval, optlen, lpErrno), lpErrno);
}

/* select-garbage: the WSAPoll of this provider, which is asked itself then. */
static int WSAAPI hostile__poll(WSAPOLLFD *fds, ULONG count, INT timeout) {
  (void)fds, (void)count, (void)timeout;
  return 1000;
}

static int hostile__offer_poll(DWORD code, LPVOID out, LPDWORD returned, LPINT lpErrno) {
  int(WSAAPI * function)(WSAPOLLFD *, ULONG, INT) = hostile__poll;
  if (code == SIO_BSP_HANDLE_POLL) return provider_fail(lpErrno, WSAEOPNOTSUPP);
  memcpy(out, &function, sizeof function);
  *returned = sizeof function;
  return 0;
}

static int WSPAPI hostile_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                                DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  hostile__begin(s);
  if (hostile__is(SELECT_GARBAGE) && (dwIoControlCode == SIO_BSP_HANDLE_POLL ||
                                      dwIoControlCode == SIO_GET_EXTENSION_FUNCTION_POINTER))
    return hostile__offer_poll(dwIoControlCode, lpvOutBuffer, lpcbBytesReturned, lpErrno);
  int result =
      pass_ioctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                 lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  return hostile__counted(result, cbOutBuffer, lpcbBytesReturned, lpErrno);
}

static int WSPAPI hostile_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, lpErrno);
  return hostile__counted(result, hostile__room(lpBuffers, dwBufferCount), lpNumberOfBytesRecvd,
                          lpErrno);
}

static int WSPAPI hostile_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                    struct sockaddr *lpFrom, LPINT lpFromlen,
                                    LPWSAOVERLAPPED lpOverlapped,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                    LPWSATHREADID lpThreadId, LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_recv_from(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
                              lpFromlen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  hostile__stored(result == 0, lpFromlen);
  return hostile__counted(result, hostile__room(lpBuffers, dwBufferCount), lpNumberOfBytesRecvd,
                          lpErrno);
}

static int WSPAPI hostile_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, lpErrno);
  return hostile__counted(result, hostile__room(lpBuffers, dwBufferCount), lpNumberOfBytesSent,
                          lpErrno);
}

static int WSPAPI hostile_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                  LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                  const struct sockaddr *lpTo, int iTolen,
                                  LPWSAOVERLAPPED lpOverlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {
  hostile__begin(s);
  int result = pass_send_to(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpTo, iTolen,
                            lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  return hostile__counted(result, hostile__room(lpBuffers, dwBufferCount), lpNumberOfBytesSent,
                          lpErrno);
}

static int WSPAPI hostile_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                 select_timeout timeout, LPINT lpErrno) {
  int result = pass_select(nfds, readfds, writefds, exceptfds, timeout, lpErrno);
  if (hostile__is(ERROR_ZERO)) return provider_fail(lpErrno, 0);
  if (result >= 0 && hostile__is(ERROR_ON_SUCCESS)) provider_fail(lpErrno, HOSTILE_CODE);
  if (result >= 0 && hostile__is(SELECT_GARBAGE)) return 1000;
  return result >= 0 && hostile__is(WRONG_RETURN) ? -7 : result;
}

static int WSPAPI hostile_close_socket(SOCKET s, LPINT lpErrno) {
  hostile__begin(s);
  return pass_close_socket(s, lpErrno);
}

/* A socket entry that has to fail without a code closes what it made. */
static SOCKET hostile__made(SOCKET s, LPINT lpErrno) {
  INT ignored = 0;
  if (s == INVALID_SOCKET) return s;
  if (hostile__is(ERROR_ON_SUCCESS)) provider_fail(lpErrno, HOSTILE_CODE);
  if (!hostile__is(ERROR_ZERO)) return s;
  pass_close_socket(s, &ignored);
  provider_fail(lpErrno, 0);
  return INVALID_SOCKET;
}

static SOCKET WSPAPI hostile_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                    LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                    LPINT lpErrno) {
  hostile__begin(s);
  SOCKET accepted = pass_accept(s, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  hostile__stored(accepted != INVALID_SOCKET, addrlen);
  return hostile__made(accepted, lpErrno);
}

/* Opens and closes a socket through the API, from inside a provider. */
static void hostile__reenter(WSAPROTOCOL_INFOW *entry) {
  struct lower_catalog catalog;
  INT error = 0;
  if (hostile__is_inside++ == 0) {
    if (lower__read_catalog(&catalog, &error)) free(catalog.entries);
    SOCKET s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, entry, 0, 0);
    atomic_store(&hostile__inner_error, s == INVALID_SOCKET ? WSAGetLastError() : 0);
    if (s != INVALID_SOCKET) closesocket(s);
  }
  hostile__is_inside--;
}

static SOCKET WSPAPI hostile_socket(int af, int type, int protocol,
                                    LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                    LPINT lpErrno) {
  INT ignored = 0;
  if (hostile__is(SET_LAST_ERROR)) WSASetLastError(HOSTILE_CODE);
  struct chain *chain = chains_find(lpProtocolInfo, lpErrno);
  if (chain == NULL) return INVALID_SOCKET;
  WSAPROTOCOL_INFOW below = chain->lower.info;
  SOCKET s = INVALID_SOCKET;
  if (hostile__is(NO_UPCALL)) {
    s = (SOCKET)0x7ffffff4;
  } else if (hostile__is(FOREIGN_HANDLE)) {
    s = chain->lower.procs.lpWSPSocket(af, type, protocol, &below, g, dwFlags, lpErrno);
  } else {
    if (hostile__is(REENTER)) hostile__reenter(&below);
    if (hostile__is(DOUBLE_MINT))
      chains_upcalls.lpWPUCreateSocketHandle(chain->own.dwCatalogEntryId, 0, &ignored);
    s = hostile__made(pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno),
                      lpErrno);
  }
  chain_release(chain);
  return s;
}

static int WSPAPI hostile_cleanup(LPINT lpErrno) {
  atomic_fetch_add(&hostile__cleanups, 1);
  int result = chains_cleanup(lpErrno, NULL);
  return hostile__is(CLEANUP_FAILS) ? provider_fail(lpErrno, WSAENETDOWN) : result;
}

/* --- start --------------------------------------------------------------- */

static WSPPROC_TABLE hostile__table(void) {
  WSPPROC_TABLE table = pass_table();
  table.lpWSPAccept = hostile_accept;
  table.lpWSPBind = hostile_bind;
  table.lpWSPCleanup = hostile_cleanup;
  table.lpWSPCloseSocket = hostile_close_socket;
  table.lpWSPConnect = hostile_connect;
  table.lpWSPGetPeerName = hostile_get_peer_name;
  table.lpWSPGetSockName = hostile_get_sock_name;
  table.lpWSPGetSockOpt = hostile_get_sock_opt;
  table.lpWSPIoctl = hostile_ioctl;
  table.lpWSPListen = hostile_listen;
  table.lpWSPRecv = hostile_recv;
  table.lpWSPRecvFrom = hostile_recv_from;
  table.lpWSPSelect = hostile_select;
  table.lpWSPSend = hostile_send;
  table.lpWSPSendTo = hostile_send_to;
  table.lpWSPSetSockOpt = hostile_set_sock_opt;
  table.lpWSPShutdown = hostile_shutdown;
  table.lpWSPSocket = hostile_socket;
  return table;
}

/* Makes slot `first` NULL, or all of them if it is negative. */
static void hostile__punch(LPWSPPROC_TABLE table, int first) {
  char *slots = (char *)table;
  size_t size = sizeof *table / 30;
  if (first < 0)
    memset(slots, 0, sizeof *table);
  else if (first < 30)
    memset(slots + size * (size_t)first, 0, size);
}

/* Volatile: the compiler would drop writes to a copy that nobody reads again. */
static void hostile__scribble(volatile void *memory, size_t length) {
  for (size_t i = 0; i < length; i++) ((volatile char *)memory)[i] = (char)0xEE;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  const char *chosen = getenv("WS2SPI_HOSTILE");
  if (!atomic_load(&hostile__is_set) && chosen != NULL) hostile__choose(chosen);
  if (hostile__is(STARTUP_ERROR)) return atomic_load(&hostile__argument);
  if (hostile__is(SLOW_STARTUP)) {
    SetEvent(hostile__event(&hostile__entered));
    WaitForSingleObject(hostile__event(&hostile__released), INFINITE);
  }
  if (hostile__is(REENTER) && lpProtocolInfo != NULL) hostile__reenter(lpProtocolInfo);

  WSPPROC_TABLE table = hostile__table();
  int error = chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                             lpProcTable, L"ws2spi: hostile provider");
  if (error != 0) return error;
  atomic_fetch_add(&hostile__startups, 1);
  if (hostile__is(VERSION))
    lpWSPData->wVersion =
        MAKEWORD(atomic_load(&hostile__argument), atomic_load(&hostile__second_argument));
  if (hostile__is(NULL_SLOT)) hostile__punch(lpProcTable, atomic_load(&hostile__argument));
  if (hostile__is(STARTUP_FALSE_EMPTY)) hostile__punch(lpProcTable, -1);
  if (hostile__is(OVERWRITE_ARGUMENTS)) {
    hostile__scribble(&UpcallTable, sizeof UpcallTable);
    hostile__scribble(lpProtocolInfo, sizeof *lpProtocolInfo);
  }
  /* With no cleanup to call, nobody can undo this start but ourselves. */
  if (lpProcTable->lpWSPCleanup == NULL) chains_cleanup(NULL, NULL);
  return 0;
}
