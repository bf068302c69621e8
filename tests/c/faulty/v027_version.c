/*
 * v027_version.c - breaks V027: offers version 1.1.
 */
#include "../ifs_handles.h"

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();

  int error = chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                             lpProcTable, L"ws2spi faulty layer");
  if (error == 0) lpWSPData->wVersion = MAKEWORD(1, 1);
  return error;
}
