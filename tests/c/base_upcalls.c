/*
 * base_upcalls.c - a base provider whose business is its upcalls.
 *
 * It has a family of its own, and does as little with a socket as a provider can
 * (upcalls_provider.h). What it exports are checks: each calls upcalls through
 * the table that WSPStartup was given, as a provider in C does, and says which
 * expectation does not hold (upcalls_checks.h). The tests call them, compiled by
 * different compilers at different levels.
 */
#define _GNU_SOURCE /* sigaction and setitimer, beside C11 */

#include "upcalls_events.h"
#include "upcalls_sockets.h"
#include "upcalls_threads.h"

/* --- the controls ---------------------------------------------------------- */

/* The table and the entry that the last WSPStartup got. */
__declspec(dllexport) const WSPUPCALLTABLE *ws2spi_upcalls_table(void);
__declspec(dllexport) const WSAPROTOCOL_INFOW *ws2spi_upcalls_entry(void);
/* The catalog entry that this provider wants to be installed under. */
__declspec(dllexport) void ws2spi_upcalls_wanted_entry(LPWSAPROTOCOL_INFOW entry);
/* How often the entry in that slot of WSPPROC_TABLE was called. */
__declspec(dllexport) int ws2spi_upcalls_calls(int slot);
/* The versions it speaks, as WSPStartup packs them. */
__declspec(dllexport) void ws2spi_upcalls_versions(int lowest, int highest);
/* Says that a live handle is its own, when it is asked for SO_PROTOCOL_INFOW. */
__declspec(dllexport) void ws2spi_upcalls_claim(SOCKET s);
/* Receives block from now on; waits until one does; lets all of them go. */
__declspec(dllexport) void ws2spi_upcalls_block(void);
__declspec(dllexport) void ws2spi_upcalls_wait_entered(void);
__declspec(dllexport) void ws2spi_upcalls_release(void);
/* Ends the overlapped receive: by APC if it has a routine, else by
 * WPUCompleteOverlappedRequest. Returns the upcall's error. */
__declspec(dllexport) int ws2spi_upcalls_finish(int error, int bytes);
/* Mints a handle for any entry. */
__declspec(dllexport) SOCKET ws2spi_upcalls_mint(int entry);
/* Starts another provider as a client in C does, with our table. */
__declspec(dllexport) int ws2spi_upcalls_start(LPWSPSTARTUP startup, LPWSAPROTOCOL_INFOW info,
                                               LPWSPPROC_TABLE procs);
/* What the upcalls that a provider needs in WSPStartup returned there. */
__declspec(dllexport) int ws2spi_upcalls_worked_in_startup(void);

static int upcalls__worked;

const WSPUPCALLTABLE *ws2spi_upcalls_table(void) { return &upcalls_table; }

const WSAPROTOCOL_INFOW *ws2spi_upcalls_entry(void) { return &upcalls_entry; }

int ws2spi_upcalls_calls(int slot) {
  return slot >= 0 && slot < SLOTS ? atomic_load(&upcalls_calls[slot]) : -1;
}

void ws2spi_upcalls_versions(int lowest, int highest) {
  atomic_store(&upcalls_lowest, (unsigned)lowest);
  atomic_store(&upcalls_highest, (unsigned)highest);
}

void ws2spi_upcalls_claim(SOCKET s) { atomic_store(&upcalls_claimed, s); }

void ws2spi_upcalls_block(void) { atomic_store(&upcalls_receive, RECEIVE_BLOCKS); }

void ws2spi_upcalls_wait_entered(void) {
  WaitForSingleObject(upcalls_event(&upcalls_entered), INFINITE);
}

void ws2spi_upcalls_release(void) {
  atomic_store(&upcalls_receive, RECEIVE_END);
  SetEvent(upcalls_event(&upcalls_released));
}

/* One context for an APC: a completion routine needs four arguments. */
struct upcalls__completion {
  LPWSAOVERLAPPED overlapped;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
  DWORD error, bytes;
};

static void CALLBACK upcalls__complete(DWORD_PTR context) {
  struct upcalls__completion completion = *(struct upcalls__completion *)context;
  free((void *)context);
  completion.overlapped->InternalHigh = completion.bytes;
  completion.overlapped->Internal = completion.error;
  completion.routine(completion.error, completion.bytes, completion.overlapped, 0);
}

int ws2spi_upcalls_finish(int error, int bytes) {
  INT failure = 0;
  if (upcalls_pending.routine == NULL) {
    WPUCompleteOverlappedRequest(upcalls_pending.s, upcalls_pending.overlapped, (DWORD)error,
                                 (DWORD)bytes, &failure);
    return failure;
  }
  struct upcalls__completion *completion = malloc(sizeof *completion);
  if (completion == NULL) return WSAENOBUFS;
  completion->overlapped = upcalls_pending.overlapped;
  completion->routine = upcalls_pending.routine;
  completion->error = (DWORD)error;
  completion->bytes = (DWORD)bytes;
  if (upcalls_table.lpWPUQueueApc(&upcalls_pending.thread, upcalls__complete, (DWORD_PTR)completion,
                                  &failure) != 0)
    free(completion);
  return failure;
}

SOCKET ws2spi_upcalls_mint(int entry) {
  INT error = 0;
  return upcalls_table.lpWPUCreateSocketHandle((DWORD)entry, 1, &error);
}

int ws2spi_upcalls_start(LPWSPSTARTUP startup, LPWSAPROTOCOL_INFOW info, LPWSPPROC_TABLE procs) {
  WSPDATA data;
  memset(procs, 0, sizeof *procs);
  return startup(MAKEWORD(2, 2), &data, info, upcalls_table, procs);
}

int ws2spi_upcalls_worked_in_startup(void) { return upcalls__worked; }

void ws2spi_upcalls_wanted_entry(LPWSAPROTOCOL_INFOW entry) {
  static const WCHAR name[] = L"ws2spi example: upcalls";
  memset(entry, 0, sizeof *entry);
  entry->dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO;
  entry->ProtocolChain.ChainLen = BASE_PROTOCOL;
  entry->iVersion = 1;
  entry->iAddressFamily = AF_UPCALLS;
  entry->iMaxSockAddr = entry->iMinSockAddr = 16;
  entry->iSocketType = SOCK_STREAM;
  entry->iNetworkByteOrder = LITTLEENDIAN;
  memcpy(entry->szProtocol, name, sizeof name);
}

/* --- start ----------------------------------------------------------------- */

static int upcalls__is_below(unsigned version, unsigned other) {
  return LOBYTE(version) != LOBYTE(other) ? LOBYTE(version) < LOBYTE(other)
                                          : HIBYTE(version) < HIBYTE(other);
}

static int upcalls__work(const WSPUPCALLTABLE *up, LPWSAPROTOCOL_INFOW info) {
  WCHAR path[MAX_PATH];
  INT error = 0, room = MAX_PATH;
  WSATHREADID id;
  WSAEVENT event = up->lpWPUCreateEvent(&error);
  int events = event != WSA_INVALID_EVENT && up->lpWPUCloseEvent(event, &error);
  int paths = up->lpWPUGetProviderPath(&info->ProviderId, path, &room, &error) == 0;
  int threads =
      up->lpWPUOpenCurrentThread(&id, &error) == 0 && up->lpWPUCloseThread(&id, &error) == 0;
  return events && paths && threads;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  unsigned highest = atomic_load(&upcalls_highest);
  if (upcalls__is_below(wVersionRequested, atomic_load(&upcalls_lowest))) return WSAVERNOTSUPPORTED;
  if (lpWSPData == NULL || lpProtocolInfo == NULL || lpProcTable == NULL) return WSAEFAULT;
  upcalls_table = UpcallTable;
  upcalls_entry = *lpProtocolInfo;
  upcalls__worked = upcalls__work(&UpcallTable, lpProtocolInfo);
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wHighVersion = (WORD)highest;
  lpWSPData->wVersion =
      upcalls__is_below(wVersionRequested, highest) ? wVersionRequested : (WORD)highest;
  *lpProcTable = upcalls_procs;
  atomic_fetch_add(&upcalls_startups, 1);
  return 0;
}
