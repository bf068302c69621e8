/*
 * ifs_startup.h - the start of a faulty IFS layer: the table of ifs_handles.h,
 * in which FAULTY(table) replaces what goes wrong.
 *
 * Included last, by the file that defines FAULTY.
 */
__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  FAULTY(table);
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, L"ws2spi faulty layer");
}
