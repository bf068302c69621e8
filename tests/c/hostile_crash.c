/*
 * hostile_crash.c - an IFS layer that crashes.
 *
 * It is layer_ifs.c, but its WSPSend writes where nothing is, in a function of the C
 * library that it calls: what the report of a crash has to name is the layer.
 */
#include "ifs_handles.h"

static int WSPAPI crash_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                             LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                             LPWSATHREADID lpThreadId, LPINT lpErrno) {
  void *volatile nowhere = (void *)~(ULONG_PTR)0xffff;
  memset(nowhere, 1, dwBufferCount);
  return pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                   lpCompletionRoutine, lpThreadId, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  table.lpWSPSend = crash_send;
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, L"ws2spi example: a layer that crashes");
}
