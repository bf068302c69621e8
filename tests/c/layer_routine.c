/*
 * layer_routine.c - an IFS layer with completion routines of its own.
 *
 * What comes with a completion routine goes down with a routine of the layer's,
 * which finds the program's by the OVERLAPPED and calls it. An operation of
 * which there is no more room to remember goes down as it came.
 */
#include "ifs_handles.h"

enum { ROUTINES = 1024 };

struct routine {
  LPWSAOVERLAPPED overlapped;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
};

static struct provider_lock routines__lock = PROVIDER_LOCK_FREE;
static struct routine routines__known[ROUTINES];

static LPWSAOVERLAPPED_COMPLETION_ROUTINE routines__take(LPWSAOVERLAPPED overlapped) {
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = NULL;
  provider_lock_take(&routines__lock);
  for (unsigned i = 0; i < ROUTINES && routine == NULL; i++)
    if (routines__known[i].overlapped == overlapped) {
      routine = routines__known[i].routine;
      routines__known[i] = (struct routine){NULL, NULL};
    }
  provider_lock_drop(&routines__lock);
  return routine;
}

static void CALLBACK routines__end(DWORD dwError, DWORD cbTransferred, LPWSAOVERLAPPED lpOverlapped,
                                   DWORD dwFlags) {
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = routines__take(lpOverlapped);
  if (routine != NULL) routine(dwError, cbTransferred, lpOverlapped, dwFlags);
}

/* The routine to pass down. */
static LPWSAOVERLAPPED_COMPLETION_ROUTINE routines__exchange(
    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (overlapped == NULL || routine == NULL) return routine;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE ours = routine;
  provider_lock_take(&routines__lock);
  for (unsigned i = 0; i < ROUTINES && ours == routine; i++)
    if (routines__known[i].overlapped == NULL) {
      routines__known[i] = (struct routine){overlapped, routine};
      ours = routines__end;
    }
  provider_lock_drop(&routines__lock);
  return ours;
}

/* What failed at once ends without a routine. */
static int routines__settle(int result, LPINT lpErrno, LPWSAOVERLAPPED overlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE down) {
  if (result != 0 && *lpErrno != WSA_IO_PENDING && down == routines__end)
    routines__take(overlapped);
  return result;
}

static int WSPAPI routine_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  LPWSAOVERLAPPED_COMPLETION_ROUTINE down = routines__exchange(lpOverlapped, lpCompletionRoutine);
  int result = pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                         down, lpThreadId, lpErrno);
  return routines__settle(result, lpErrno, lpOverlapped, down);
}

static int WSPAPI routine_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                               LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                               LPWSAOVERLAPPED lpOverlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                               LPWSATHREADID lpThreadId, LPINT lpErrno) {
  LPWSAOVERLAPPED_COMPLETION_ROUTINE down = routines__exchange(lpOverlapped, lpCompletionRoutine);
  int result = pass_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                         down, lpThreadId, lpErrno);
  return routines__settle(result, lpErrno, lpOverlapped, down);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  table.lpWSPRecv = routine_recv;
  table.lpWSPSend = routine_send;
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, L"ws2spi routine layer");
}
