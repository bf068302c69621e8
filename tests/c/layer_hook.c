/*
 * layer_hook.c - a hook layer: the lower provider's table with four pointers
 * patched.
 *
 * It makes no upcall and no sockets. The table it hands out is the lower
 * provider's, WSPConnect, WSPSend, WSPIoctl and WSPCleanup excepted, so all other
 * calls go straight to the lower provider: its WSPSocket too, which is therefore
 * called with the *chain's* entry as lpProtocolInfo. The hooks see calls only
 * because the provider below registers each socket under the id of the entry it
 * was passed, and accepted sockets under the listener's. Above a base that
 * registers a fixed id this layer would be bypassed without a word.
 *
 * Who hooks WSPConnect hooks ConnectEx as well, which programs get as a pointer
 * from WSPIoctl: it would go past the hook otherwise.
 *
 * Many layers in the field are built like this.
 */
#include "lower.h"
#include "provider_lock.h"

#include <mswsock.h>

/* A hook knows nothing of sockets: which lower provider a call is for must be
 * in the function pointer itself. So there is one set of hooks per distinct
 * lower table; chains over the same provider share it. */
enum { HOOK_SLOTS = 4 };

struct hook_slot {
  WSPPROC_TABLE lower;
  HMODULE module;
  /* The lower provider's, once somebody has asked for it. */
  _Atomic(LPFN_CONNECTEX) connect_ex;
  /* Starts of the lower provider that no cleanup has matched; 0: slot free. */
  unsigned starts;
};

static struct provider_lock hook__lock = PROVIDER_LOCK_FREE;
static struct hook_slot hook__slots[HOOK_SLOTS];
static atomic_ullong hook__connects, hook__sends;

/* What the hooks saw since the module was loaded, for whoever tests them. */
__declspec(dllexport) unsigned long long ws2spi_hook_connects(void);
__declspec(dllexport) unsigned long long ws2spi_hook_sends(void);

/* The entry and the table that the last WSPStartup got. */
__declspec(dllexport) const WSAPROTOCOL_INFOW *ws2spi_hook_entry(void);
__declspec(dllexport) const WSPUPCALLTABLE *ws2spi_hook_table(void);

static WSAPROTOCOL_INFOW hook__entry;
static WSPUPCALLTABLE hook__table;

const WSAPROTOCOL_INFOW *ws2spi_hook_entry(void) { return &hook__entry; }
const WSPUPCALLTABLE *ws2spi_hook_table(void) { return &hook__table; }

unsigned long long ws2spi_hook_connects(void) { return atomic_load(&hook__connects); }
unsigned long long ws2spi_hook_sends(void) { return atomic_load(&hook__sends); }

/* Each WSPCleanup that reaches a hook matches one start of the lower provider
 * and one load of its module. */
static int hook__cleanup(struct hook_slot *slot, LPINT lpErrno) {
  provider_lock_take(&hook__lock);
  LPWSPCLEANUP cleanup = slot->starts > 0 ? slot->lower.lpWSPCleanup : NULL;
  HMODULE module = slot->module;
  if (cleanup != NULL) slot->starts--;
  provider_lock_drop(&hook__lock);
  if (cleanup == NULL) {
    if (lpErrno != NULL) *lpErrno = WSANOTINITIALISED;
    return SOCKET_ERROR;
  }
  int result = cleanup(lpErrno);
  FreeLibrary(module);
  return result;
}

/* Exchanges the ConnectEx that WSPIoctl has answered with for `ours`. */
static void hook__exchange(struct hook_slot *slot, DWORD code, const void *id, void *answer,
                           LPFN_CONNECTEX ours) {
  static const GUID connect_ex = WSAID_CONNECTEX;
  LPFN_CONNECTEX theirs;
  if (code != SIO_GET_EXTENSION_FUNCTION_POINTER || memcmp(id, &connect_ex, sizeof(GUID)) != 0)
    return;
  memcpy(&theirs, answer, sizeof theirs);
  atomic_store(&slot->connect_ex, theirs);
  memcpy(answer, &ours, sizeof ours);
}

#define HOOK_FUNCTIONS(n)                                                                          \
  static int WSPAPI hook_connect_##n(SOCKET s, const struct sockaddr *name, int namelen,           \
                                     LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,   \
                                     LPQOS lpGQOS, LPINT lpErrno) {                                \
    atomic_fetch_add(&hook__connects, 1);                                                          \
    return hook__slots[n].lower.lpWSPConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, \
                                             lpGQOS, lpErrno);                                     \
  }                                                                                                \
  static int WSPAPI hook_send_##n(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,               \
                                  LPDWORD lpNumberOfBytesSent, DWORD dwFlags,                      \
                                  LPWSAOVERLAPPED lpOverlapped,                                    \
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,          \
                                  LPWSATHREADID lpThreadId, LPINT lpErrno) {                       \
    atomic_fetch_add(&hook__sends, 1);                                                             \
    return hook__slots[n].lower.lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,        \
                                          dwFlags, lpOverlapped, lpCompletionRoutine, lpThreadId,  \
                                          lpErrno);                                                \
  }                                                                                                \
  static BOOL PASCAL hook_connect_ex_##n(SOCKET s, const struct sockaddr *name, int namelen,       \
                                         PVOID lpSendBuffer, DWORD dwSendDataLength,               \
                                         LPDWORD lpdwBytesSent, LPOVERLAPPED lpOverlapped) {       \
    LPFN_CONNECTEX lower = atomic_load(&hook__slots[n].connect_ex);                                \
    atomic_fetch_add(&hook__connects, 1);                                                          \
    return lower(s, name, namelen, lpSendBuffer, dwSendDataLength, lpdwBytesSent, lpOverlapped);   \
  }                                                                                                \
  static int WSPAPI hook_ioctl_##n(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,            \
                                   DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,       \
                                   LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,        \
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,         \
                                   LPWSATHREADID lpThreadId, LPINT lpErrno) {                      \
    int result = hook__slots[n].lower.lpWSPIoctl(                                                  \
        s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer, lpcbBytesReturned, \
        lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);                                   \
    if (result == 0)                                                                               \
      hook__exchange(&hook__slots[n], dwIoControlCode, lpvInBuffer, lpvOutBuffer,                  \
                     hook_connect_ex_##n);                                                         \
    return result;                                                                                 \
  }                                                                                                \
  static int WSPAPI hook_cleanup_##n(LPINT lpErrno) {                                              \
    return hook__cleanup(&hook__slots[n], lpErrno);                                                \
  }

HOOK_FUNCTIONS(0)
HOOK_FUNCTIONS(1)
HOOK_FUNCTIONS(2)
HOOK_FUNCTIONS(3)

static const struct {
  LPWSPCONNECT connect;
  LPWSPSEND send;
  LPWSPIOCTL ioctl;
  LPWSPCLEANUP cleanup;
} hook__functions[HOOK_SLOTS] = {
    {hook_connect_0, hook_send_0, hook_ioctl_0, hook_cleanup_0},
    {hook_connect_1, hook_send_1, hook_ioctl_1, hook_cleanup_1},
    {hook_connect_2, hook_send_2, hook_ioctl_2, hook_cleanup_2},
    {hook_connect_3, hook_send_3, hook_ioctl_3, hook_cleanup_3},
};

/* The slot of a lower table, counted up; -1 when there are too many tables. */
static int hook__slot_for(const struct lower *lower) {
  int found = -1;
  provider_lock_take(&hook__lock);
  for (int i = 0; i < HOOK_SLOTS; i++) {
    struct hook_slot *slot = &hook__slots[i];
    int is_same = memcmp(&slot->lower, &lower->procs, sizeof lower->procs) == 0;
    if (slot->starts > 0 && is_same) {
      found = i;
      break;
    }
    if (slot->starts == 0 && found < 0) found = i;
  }
  if (found >= 0) {
    struct hook_slot *slot = &hook__slots[found];
    if (slot->starts++ == 0) {
      slot->lower = lower->procs;
      slot->module = lower->module;
    }
  }
  provider_lock_drop(&hook__lock);
  return found;
}

/* The path from the catalog's function instead of the upcall: either will do. */
static int WSPAPI hook_provider_path(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                                     LPINT lpProviderDllPathLen, LPINT lpErrno) {
  return WSCGetProviderPath(lpProviderId, lpszProviderDllPath, lpProviderDllPathLen, lpErrno);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  struct lower lower;
  if (LOBYTE(wVersionRequested) < 2 ||
      (LOBYTE(wVersionRequested) == 2 && HIBYTE(wVersionRequested) < 2))
    return WSAVERNOTSUPPORTED;
  if (lpWSPData == NULL || lpProtocolInfo == NULL || lpProcTable == NULL) return WSAEFAULT;
  hook__entry = *lpProtocolInfo;
  hook__table = UpcallTable;
  int error = lower_start(&lower, MAKEWORD(2, 2), lpProtocolInfo, &UpcallTable, hook_provider_path);
  if (error != 0) return error;
  int slot = hook__slot_for(&lower);
  if (slot < 0) {
    lower_cleanup(&lower);
    lower_unload(&lower);
    return WSAEPROVIDERFAILEDINIT;
  }
  *lpProcTable = lower.procs;
  lpProcTable->lpWSPConnect = hook__functions[slot].connect;
  lpProcTable->lpWSPSend = hook__functions[slot].send;
  lpProcTable->lpWSPIoctl = hook__functions[slot].ioctl;
  lpProcTable->lpWSPCleanup = hook__functions[slot].cleanup;
  memset(lpWSPData, 0, sizeof *lpWSPData);
  lpWSPData->wVersion = lpWSPData->wHighVersion = MAKEWORD(2, 2);
  memcpy(lpWSPData->szDescription, L"ws2spi example: hook layer",
         sizeof L"ws2spi example: hook layer");
  return 0;
}
