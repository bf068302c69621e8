/*
 * Readiness.c - WSPSelect and network events. A datagram socket can always be sent on; it is
 * readable while a datagram is there, which the device tells.
 */
#include "Base.h"

/* Milliseconds of a timeout, rounded up; no timeout is forever. */
static DWORD MillisecondsOf(const struct timeval *timeout) {
  ULONGLONG all;
  if (timeout == NULL) return INFINITE;
  all = (ULONGLONG)timeout->tv_sec * 1000 + ((ULONGLONG)timeout->tv_usec + 999) / 1000;
  return all >= INFINITE ? INFINITE - 1 : (DWORD)all;
}

/* The sockets of a set: of any size, fd_count is the only truth about it. */
static BOOL AreOurs(const fd_set *set, LPINT lpErrno) {
  DGRAM_STATE state;
  u_int i;
  for (i = 0; set != NULL && i < set->fd_count; i++)
    if (!Enter(set->fd_array[i], &state, lpErrno)) return FALSE;
  return TRUE;
}

/* The readable sockets of a set, into another of its size, each once. */
static BOOL Readable(const fd_set *set, fd_set *ready, LPINT lpErrno) {
  u_int i;
  FD_ZERO(ready);
  for (i = 0; i < set->fd_count; i++) {
    DGRAM_STATE state;
    if (!Enter(set->fd_array[i], &state, lpErrno)) return FALSE;
    if (!state.Readable || FD_ISSET(set->fd_array[i], ready)) continue;
    /* What the macro knows the set has room for. */
    if (ready->fd_count < FD_SETSIZE)
      FD_SET(set->fd_array[i], ready);
    else
      ready->fd_array[ready->fd_count++] = set->fd_array[i];
  }
  return TRUE;
}

static VOID ClearAll(fd_set *set) {
  while (set != NULL && set->fd_count > 0) FD_CLR(set->fd_array[set->fd_count - 1], set);
}

/* Waits until one of the set is readable; NO_ERROR, or WAIT_TIMEOUT. */
static DWORD Await(const fd_set *set, DWORD dwTimeout, LPINT lpErrno) {
  DWORD bytes = 0, error = ERROR_INVALID_HANDLE;
  DWORD *ids = HeapAlloc(GetProcessHeap(), 0, set->fd_count * sizeof(DWORD));
  u_int i;
  if (ids == NULL) return ERROR_NOT_ENOUGH_MEMORY;
  for (i = 0; i < set->fd_count; i++) {
    DGRAM_STATE state;
    if (!Enter(set->fd_array[i], &state, lpErrno)) goto cleanup;
    ids[i] = state.Id;
  }
  error = Control(set->fd_array[0], IOCTL_DGRAM_POLL, ids, set->fd_count * sizeof(DWORD), NULL, 0,
                  dwTimeout, &bytes);
cleanup:
  HeapFree(GetProcessHeap(), 0, ids);
  return error;
}

/* Leaves each socket of a set once: how many those are. */
static int Distinct(fd_set *set) {
  u_int count = 0, i, j;
  if (set == NULL) return 0;
  for (i = 0; i < set->fd_count; i++) {
    for (j = 0; j < count && set->fd_array[j] != set->fd_array[i]; j++)
      ;
    if (j == count) set->fd_array[count++] = set->fd_array[i];
  }
  set->fd_count = count;
  return (int)count;
}

int WSPAPI BaseSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                      const struct timeval *timeout, LPINT lpErrno) {
  DWORD wait = MillisecondsOf(timeout), error;
  fd_set *ready = NULL;
  int result = SOCKET_ERROR, writable;
  SIZE_T size;
  UNREFERENCED_PARAMETER(nfds);
  if (!AreOurs(readfds, lpErrno) || !AreOurs(writefds, lpErrno) || !AreOurs(exceptfds, lpErrno))
    return SOCKET_ERROR;
  writable = Distinct(writefds);
  if (readfds == NULL || readfds->fd_count == 0) {
    /* Nobody has anything to be told of: the time passes. */
    if (writable == 0) SleepEx(wait, TRUE);
    ClearAll(exceptfds);
    return writable;
  }
  size = FIELD_OFFSET(fd_set, fd_array) + readfds->fd_count * sizeof(SOCKET);
  ready = HeapAlloc(GetProcessHeap(), 0, max(size, sizeof(*ready)));
  if (ready == NULL) return Fail(lpErrno, WSAENOBUFS);
  if (!Readable(readfds, ready, lpErrno)) goto cleanup;
  if (ready->fd_count == 0 && writable == 0 && wait != 0) {
    error = Await(readfds, wait, lpErrno);
    if (error != NO_ERROR && error != WAIT_TIMEOUT) {
      *lpErrno = ErrorOf(error);
      goto cleanup;
    }
    if (!Readable(readfds, ready, lpErrno)) goto cleanup;
  }
  readfds->fd_count = ready->fd_count;
  CopyMemory(readfds->fd_array, ready->fd_array, ready->fd_count * sizeof(SOCKET));
  ClearAll(exceptfds);
  result = writable + (int)readfds->fd_count;
cleanup:
  HeapFree(GetProcessHeap(), 0, ready);
  return result;
}

/* The device sets the event itself. */
int WSPAPI BaseEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents, LPINT lpErrno) {
  DGRAM_EVENTS events = {(HANDLE)hEventObject, (LONG)lNetworkEvents};
  DGRAM_STATE state;
  DWORD bytes = 0, error;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (lNetworkEvents != 0 && hEventObject == WSA_INVALID_EVENT) return Fail(lpErrno, WSAEINVAL);
  error = Control(s, IOCTL_DGRAM_EVENTS, &events, sizeof(events), NULL, 0, INFINITE, &bytes);
  return error == NO_ERROR ? 0 : Fail(lpErrno, ErrorOf(error));
}

int WSPAPI BaseEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                 LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  DWORD bytes = 0, error;
  LONG recorded = 0;
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (lpNetworkEvents == NULL) return Fail(lpErrno, WSAEFAULT);
  if (hEventObject != NULL) ResetEvent((HANDLE)hEventObject);
  error = Control(s, IOCTL_DGRAM_RECORD, NULL, 0, &recorded, sizeof(recorded), INFINITE, &bytes);
  if (error != NO_ERROR) return Fail(lpErrno, ErrorOf(error));
  ZeroMemory(lpNetworkEvents, sizeof(*lpNetworkEvents));
  lpNetworkEvents->lNetworkEvents = recorded;
  return 0;
}
