/*
 * layer_ifs.c - an IFS layer.
 *
 * It gives the application the lower provider's own handle, which the operating
 * system understands (ReadFile, completion ports), and only tells the client
 * DLL that calls on it belong to the layer's entry: WPUModifyIFSHandle after
 * every WSPSocket, WSPAccept and WSPJoinLeaf. Overlapped calls go down with the
 * caller's OVERLAPPED; such a layer sees them begin, never complete.
 *
 * Beyond that it changes nothing: the entries are those of pass_through.h, with
 * handles as ifs_handles.h keeps them. SO_PROTOCOL_INFOW answers with the chain
 * the application opened.
 *
 * Installed with XP1_IFS_HANDLES set, directly above IFS providers.
 */
#include "ifs_handles.h"

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  return chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                        lpProcTable, L"ws2spi example: IFS layer");
}
