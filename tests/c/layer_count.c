/*
 * layer_count.c - an IFS layer that counts the bytes going through it.
 *
 * The smallest useful layer: an IFS layer as layer_ifs.c is one, with the four
 * entries that move data wrapped. It counts what the calls themselves report.
 * An overlapped call that is still pending when it returns is not counted: an
 * IFS layer hands the caller's OVERLAPPED down and never sees it complete.
 * Extension functions (WSARecvMsg, TransmitFile) are the lower provider's own
 * and pass the layer by, as they do with every layer that does not replace them.
 *
 * The totals are over all chains and sockets of the process. They are exported
 * in plain C, so that a program or test can look them up by name.
 */
#include "ifs_handles.h"

static atomic_ullong count__sent, count__received, count__calls;

/* Bytes accepted by WSPSend and WSPSendTo since loading or the last reset. */
__declspec(dllexport) unsigned long long ws2spi_count_bytes_sent(void);
/* Bytes delivered by WSPRecv and WSPRecvFrom; peeked bytes do not count. */
__declspec(dllexport) unsigned long long ws2spi_count_bytes_received(void);
/* Calls of these four entries, failed ones included. */
__declspec(dllexport) unsigned long long ws2spi_count_calls(void);
/* Sets the three to 0. */
__declspec(dllexport) void ws2spi_count_reset(void);

unsigned long long ws2spi_count_bytes_sent(void) { return atomic_load(&count__sent); }
unsigned long long ws2spi_count_bytes_received(void) { return atomic_load(&count__received); }
unsigned long long ws2spi_count_calls(void) { return atomic_load(&count__calls); }

void ws2spi_count_reset(void) {
  atomic_store(&count__sent, 0);
  atomic_store(&count__received, 0);
  atomic_store(&count__calls, 0);
}

/* Counts a call and stores its error. A datagram too long for its buffer fails
 * with WSAEMSGSIZE and still delivers the bytes that fit; a pending call reports
 * no bytes. */
static int count__done(atomic_ullong *total, int result, const DWORD *bytes, INT error,
                       LPINT lpErrno) {
  int moved = result == 0 || (total == &count__received && error == WSAEMSGSIZE);
  atomic_fetch_add(&count__calls, 1);
  if (moved && bytes != NULL) atomic_fetch_add(total, *bytes);
  return result == 0 ? 0 : provider_fail(lpErrno, error);
}

static int WSPAPI count_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                             LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                             LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT error = 0;
  int result = pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, &error);
  return count__done(&count__sent, result, lpNumberOfBytesSent, error, lpErrno);
}

static int WSPAPI count_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                const struct sockaddr *lpTo, int iTolen,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT error = 0;
  int result = pass_send_to(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpTo, iTolen,
                            lpOverlapped, lpCompletionRoutine, lpThreadId, &error);
  return count__done(&count__sent, result, lpNumberOfBytesSent, error, lpErrno);
}

static int WSPAPI count_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                             LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                             LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT error = 0;
  int peeks = lpFlags != NULL && (*lpFlags & MSG_PEEK) != 0;
  int result = pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, &error);
  return count__done(&count__received, result, peeks ? NULL : lpNumberOfBytesRecvd, error, lpErrno);
}

static int WSPAPI count_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                  LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                  struct sockaddr *lpFrom, LPINT lpFromlen,
                                  LPWSAOVERLAPPED lpOverlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT error = 0;
  int peeks = lpFlags != NULL && (*lpFlags & MSG_PEEK) != 0;
  int result = pass_recv_from(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
                              lpFromlen, lpOverlapped, lpCompletionRoutine, lpThreadId, &error);
  return count__done(&count__received, result, peeks ? NULL : lpNumberOfBytesRecvd, error, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  table.lpWSPRecv = count_recv;
  table.lpWSPRecvFrom = count_recv_from;
  table.lpWSPSend = count_send;
  table.lpWSPSendTo = count_send_to;
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, L"ws2spi example: byte counter");
}
