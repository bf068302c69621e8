/*
 * v028_table_changed.c - breaks V028: keeps the table and changes it with the first socket.
 */
#include "../ifs_handles.h"

static LPWSPPROC_TABLE faulty__table;

static SOCKET WSPAPI faulty_socket(int af, int type, int protocol,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                   LPINT lpErrno) {
  faulty__table->lpWSPGetQOSByName = NULL;
  return pass_socket(af, type, protocol, lpProtocolInfo, g, dwFlags, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  table.lpWSPSocket = faulty_socket;
  int error = chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                             lpProcTable, L"ws2spi faulty layer");
  faulty__table = lpProcTable;
  return error;
}
