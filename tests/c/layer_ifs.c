/*
 * layer_ifs.c - an IFS layer.
 *
 * It gives the application the lower provider's own handle, which the operating
 * system understands (ReadFile, completion ports), and only tells the client
 * DLL that calls on it belong to the layer's entry: WPUModifyIFSHandle after
 * every WSPSocket, WSPAccept and WSPJoinLeaf. Overlapped calls go down with the
 * caller's OVERLAPPED; such a layer sees them begin, never complete.
 *
 * Beyond that it changes nothing. An IFS layer leaves the calls that it does not
 * care for to the provider below, by handing out that provider's own functions:
 * the handle means the same to both. Here these are all calls on a socket but
 * those that make, close or duplicate one, or that tell the catalog entry
 * (SO_PROTOCOL_INFOW answers with the chain the application opened); they cost
 * nothing through this layer. What is left are the entries of pass_through.h,
 * with handles as ifs_handles.h keeps them; they are also the whole table where
 * one GUID stands for several chains, which may have different providers below.
 *
 * Installed with XP1_IFS_HANDLES set, directly above IFS providers.
 */
#include "ifs_handles.h"

/* Puts the functions of the provider below into a table, where the layer's own
 * would do nothing but call them. */
static void layer_ifs__hand_out(WSPPROC_TABLE *table, const WSPPROC_TABLE *lower) {
  table->lpWSPAsyncSelect = lower->lpWSPAsyncSelect;
  table->lpWSPBind = lower->lpWSPBind;
  table->lpWSPConnect = lower->lpWSPConnect;
  table->lpWSPEnumNetworkEvents = lower->lpWSPEnumNetworkEvents;
  table->lpWSPEventSelect = lower->lpWSPEventSelect;
  table->lpWSPGetOverlappedResult = lower->lpWSPGetOverlappedResult;
  table->lpWSPGetPeerName = lower->lpWSPGetPeerName;
  table->lpWSPGetSockName = lower->lpWSPGetSockName;
  table->lpWSPGetQOSByName = lower->lpWSPGetQOSByName;
  table->lpWSPIoctl = lower->lpWSPIoctl;
  table->lpWSPListen = lower->lpWSPListen;
  table->lpWSPRecv = lower->lpWSPRecv;
  table->lpWSPRecvDisconnect = lower->lpWSPRecvDisconnect;
  table->lpWSPRecvFrom = lower->lpWSPRecvFrom;
  table->lpWSPSelect = lower->lpWSPSelect;
  table->lpWSPSend = lower->lpWSPSend;
  table->lpWSPSendDisconnect = lower->lpWSPSendDisconnect;
  table->lpWSPSendTo = lower->lpWSPSendTo;
  table->lpWSPSetSockOpt = lower->lpWSPSetSockOpt;
  table->lpWSPShutdown = lower->lpWSPShutdown;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  WSPPROC_TABLE table = ifs_table();
  int error = chains_startup(wVersionRequested, lpWSPData, lpProtocolInfo, &UpcallTable, &table,
                             lpProcTable, L"ws2spi example: IFS layer");
  if (error != 0 || !lower_is_only_chain(lpProtocolInfo)) return error;
  struct chain *chain = chains_find(lpProtocolInfo, NULL);
  if (chain != NULL) {
    atomic_store(&chain->is_bypassed, 1);
    layer_ifs__hand_out(lpProcTable, &chain->lower.procs);
    chain_release(chain);
  }
  return 0;
}
