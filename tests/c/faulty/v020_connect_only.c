/*
 * v020_connect_only.c - breaks V020: patches WSPConnect and leaves ConnectEx to the provider below.
 */
#include "../lower.h"

/* The chains of one test stand over one base, whose table is always the same. */
static struct lower faulty__lower;

static int WSPAPI faulty_connect(SOCKET s, const struct sockaddr *name, int namelen,
                                 LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                 LPQOS lpGQOS, LPINT lpErrno) {
  return faulty__lower.procs.lpWSPConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS,
                                          lpGQOS, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  int error = lower_start(&faulty__lower, wVersionRequested, lpProtocolInfo, &UpcallTable,
                          WSCGetProviderPath);
  if (error != 0) return error;
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = lpWSPData->wHighVersion = MAKEWORD(2, 2);
  *lpProcTable = faulty__lower.procs;
  lpProcTable->lpWSPConnect = faulty_connect;
  return 0;
}
