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

#include "upcalls_calls.h"
#include "upcalls_events.h"
#include "upcalls_sockets.h"
#include "upcalls_threads.h"

/* --- the controls ---------------------------------------------------------- */

/* The table and the entry that the last WSPStartup got. */
__declspec(dllexport) const WSPUPCALLTABLE *ws2spi_upcalls_table(void);
__declspec(dllexport) const WSAPROTOCOL_INFOW *ws2spi_upcalls_entry(void);
/* The entry that the last WSPSocket got. */
__declspec(dllexport) const WSAPROTOCOL_INFOW *ws2spi_upcalls_socket_entry(void);
/* The catalog entry that this provider wants to be installed under. */
__declspec(dllexport) void ws2spi_upcalls_wanted_entry(LPWSAPROTOCOL_INFOW entry);
/* How often the entry in that slot of WSPPROC_TABLE was called. */
__declspec(dllexport) int ws2spi_upcalls_calls(int slot);
/* The versions it speaks, as WSPStartup packs them. */
__declspec(dllexport) void ws2spi_upcalls_versions(int lowest, int highest);
/* Says that a live handle is its own, when it is asked for SO_PROTOCOL_INFOW. */
__declspec(dllexport) void ws2spi_upcalls_claim(SOCKET s);
/* Receives signal the one event and wait for the other; NULL: they do not. */
__declspec(dllexport) void ws2spi_upcalls_gate(HANDLE entered, HANDLE released);
/* Registers a handle of the system for this provider's entry. */
__declspec(dllexport) SOCKET ws2spi_upcalls_register(SOCKET s);
/* Closing a system handle has another thread register it with that entry. */
__declspec(dllexport) void ws2spi_upcalls_bequeath(int entry);
/* Ends the overlapped receive: by APC if it has a routine, else by
 * WPUCompleteOverlappedRequest. Returns the upcall's error. */
__declspec(dllexport) int ws2spi_upcalls_finish(int error, int bytes);
/* Mints a handle for any entry. */
__declspec(dllexport) SOCKET ws2spi_upcalls_mint(int entry);
/* Starts another provider as a client in C does, with our table. */
__declspec(dllexport) int ws2spi_upcalls_start(LPWSPSTARTUP startup, int version, LPWSPDATA data,
                                               LPWSAPROTOCOL_INFOW info, LPWSPPROC_TABLE procs);
/* Every socket function says that this is no socket; else what does not hold. */
__declspec(dllexport) const char *ws2spi_upcalls_expect_no_socket(SOCKET s);
/* What the upcalls that a provider needs in WSPStartup returned there. */
__declspec(dllexport) int ws2spi_upcalls_worked_in_startup(void);

static int upcalls__worked;

const WSPUPCALLTABLE *ws2spi_upcalls_table(void) { return &upcalls_table; }

const WSAPROTOCOL_INFOW *ws2spi_upcalls_entry(void) { return &upcalls_entry; }

const WSAPROTOCOL_INFOW *ws2spi_upcalls_socket_entry(void) { return &upcalls_socket_entry; }

int ws2spi_upcalls_calls(int slot) {
  return slot >= 0 && slot < SLOTS ? atomic_load(&upcalls_calls[slot]) : -1;
}

void ws2spi_upcalls_versions(int lowest, int highest) {
  atomic_store(&upcalls_lowest, (unsigned)lowest);
  atomic_store(&upcalls_highest, (unsigned)highest);
}

void ws2spi_upcalls_claim(SOCKET s) { atomic_store(&upcalls_claimed, s); }

void ws2spi_upcalls_gate(HANDLE entered, HANDLE released) {
  atomic_store(&upcalls_entered, entered);
  atomic_store(&upcalls_released, released);
}

SOCKET ws2spi_upcalls_register(SOCKET s) {
  INT error = 0;
  return upcalls_table.lpWPUModifyIFSHandle(upcalls_entry.dwCatalogEntryId, s, &error);
}

void ws2spi_upcalls_bequeath(int entry) { atomic_store(&upcalls_heir, (unsigned)entry); }

int ws2spi_upcalls_finish(int error, int bytes) {
  return upcalls_finish((DWORD)error, (DWORD)bytes);
}

SOCKET ws2spi_upcalls_mint(int entry) {
  INT error = 0;
  return upcalls_table.lpWPUCreateSocketHandle((DWORD)entry, 1, &error);
}

int ws2spi_upcalls_start(LPWSPSTARTUP startup, int version, LPWSPDATA data,
                         LPWSAPROTOCOL_INFOW info, LPWSPPROC_TABLE procs) {
  return startup((WORD)version, data, info, upcalls_table, procs);
}

const char *ws2spi_upcalls_expect_no_socket(SOCKET s) { return upcalls_expect_no_socket(s); }

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
