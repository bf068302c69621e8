/*
 * upcalls_threads.h - checks of the thread upcalls and of the blocking callback,
 * of upcalls without a place for the error, and of the profiles and times in
 * which upcalls fail.
 */
#ifndef UPCALLS_THREADS_H
#define UPCALLS_THREADS_H

#include "upcalls_checks.h"

enum { UPCALLS_RUNS = 16 };

static DWORD_PTR upcalls__ran[UPCALLS_RUNS];
static atomic_int upcalls__runs;

static void CALLBACK upcalls__note(DWORD_PTR context) {
  int run = atomic_fetch_add(&upcalls__runs, 1);
  if (run < UPCALLS_RUNS) upcalls__ran[run] = context;
}

/* Does what an APC may: calls Winsock, and queues another one to itself. */
static void CALLBACK upcalls__chain(DWORD_PTR context) {
  INT error = 0;
  SOCKET s = upcalls_system_socket();
  upcalls__note(s != INVALID_SOCKET && closesocket(s) == 0 ? context : 0);
  if (context > 1)
    upcalls_table.lpWPUQueueApc((LPWSATHREADID)&upcalls_pending.thread, upcalls__chain, context - 1,
                                &error);
}

UPCALLS_CHECK(threads_are_opened_and_closed) {
  WSATHREADID id = {NULL, 5};
  INT error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(&id, &error) == 0 && error == UNTOUCHED);
  EXPECT(id.ThreadHandle != NULL);
  EXPECT(upcalls_table.lpWPUCloseThread(&id, &error) == 0 && error == UNTOUCHED);
  EXPECT(id.ThreadHandle == NULL && id.Reserved == 0);
  EXPECT(upcalls_table.lpWPUCloseThread(&id, &error) == SOCKET_ERROR && error == WSAEFAULT);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
  return NULL;
}

UPCALLS_CHECK(apcs_run_in_alertable_waits_in_order) {
  WSATHREADID id;
  INT error = UNTOUCHED;
  upcalls__runs = 0;
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(&id, &error) == 0);
  WSATHREADID copy = id;
  for (DWORD_PTR i = 0; i < 3; i++) {
    WSATHREADID shown = copy;
    EXPECT(upcalls_table.lpWPUQueueApc(&shown, upcalls__note, ~i, &error) == 0);
    /* The structure is not needed any more. */
    memset(&shown, 0xee, sizeof shown);
  }
  EXPECT(error == UNTOUCHED);
  EXPECT(SleepEx(0, FALSE) == 0 && upcalls__runs == 0);
  WSAEVENT event = upcalls_table.lpWPUCreateEvent(&error);
  EXPECT(WaitForSingleObject(event, 0) == WAIT_TIMEOUT && upcalls__runs == 0);
  /* Queued APCs survive the identity. */
  EXPECT(upcalls_table.lpWPUCloseThread(&id, &error) == 0);
  EXPECT(WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, TRUE) == WSA_WAIT_IO_COMPLETION);
  EXPECT(upcalls__runs == 3);
  for (DWORD_PTR i = 0; i < 3; i++) EXPECT(upcalls__ran[i] == ~i);
  EXPECT(upcalls_table.lpWPUCloseEvent(event, &error));
  return NULL;
}

UPCALLS_CHECK(apcs_may_call_and_queue) {
  INT error = 0;
  upcalls__runs = 0;
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(&upcalls_pending.thread, &error) == 0);
  EXPECT(upcalls_table.lpWPUQueueApc(&upcalls_pending.thread, upcalls__chain, 3, &error) == 0);
  while (upcalls__runs < 3) EXPECT(SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION);
  for (DWORD_PTR i = 0; i < 3; i++) EXPECT(upcalls__ran[i] == 3 - i);
  EXPECT(upcalls_table.lpWPUCloseThread(&upcalls_pending.thread, &error) == 0);
  return NULL;
}

/* A thread that opens itself, tells, and waits alertably until an APC came. */
struct upcalls__target {
  WSATHREADID id;
  HANDLE told, may_end;
  DWORD woken;
  int has_ended;
};

static void *upcalls__target(void *context) {
  struct upcalls__target *target = context;
  INT error = 0;
  upcalls_table.lpWPUOpenCurrentThread(&target->id, &error);
  SetEvent(target->told);
  target->woken = WSAWaitForMultipleEvents(1, &target->may_end, FALSE, WSA_INFINITE, TRUE);
  return NULL;
}

UPCALLS_CHECK(apcs_wake_other_threads) {
  struct upcalls__target target;
  pthread_t thread;
  INT error = UNTOUCHED;
  memset(&target, 0, sizeof target);
  upcalls__runs = 0;
  target.told = CreateEventW(NULL, TRUE, FALSE, NULL);
  target.may_end = CreateEventW(NULL, TRUE, FALSE, NULL);
  EXPECT(pthread_create(&thread, NULL, upcalls__target, &target) == 0);
  EXPECT(WaitForSingleObject(target.told, INFINITE) == WAIT_OBJECT_0);
  EXPECT(upcalls_table.lpWPUQueueApc(&target.id, upcalls__note, 12, &error) == 0);
  EXPECT(pthread_join(thread, NULL) == 0);
  EXPECT(target.woken == WSA_WAIT_IO_COMPLETION && upcalls__runs == 1 && upcalls__ran[0] == 12);
  /* The thread has ended; its identity is closed here, on another thread. */
  EXPECT(upcalls_table.lpWPUQueueApc(&target.id, upcalls__note, 13, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  EXPECT(upcalls_table.lpWPUCloseThread(&target.id, &error) == 0);
  EXPECT(upcalls__runs == 1);
  CloseHandle(target.told);
  CloseHandle(target.may_end);
  return NULL;
}

UPCALLS_CHECK(apcs_need_a_thread_and_a_routine) {
  INT error = 0;
  WSATHREADID id, none = {NULL, 0}, event = {NULL, 0};
  event.ThreadHandle = (HANDLE)upcalls_table.lpWPUCreateEvent(&error);
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(&id, &error) == 0);
  WSATHREADID closed = id;
  struct {
    LPWSATHREADID id;
    LPWSAUSERAPC routine;
  } wrong[] = {{NULL, upcalls__note}, {&none, upcalls__note}, {&event, upcalls__note}, {&id, NULL}};
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    error = UNTOUCHED;
    EXPECT(upcalls_table.lpWPUQueueApc(wrong[i].id, wrong[i].routine, 0, &error) == SOCKET_ERROR);
    EXPECT(error == WSAEFAULT);
  }
  EXPECT(upcalls_table.lpWPUCloseThread(&id, &error) == 0);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUQueueApc(&closed, upcalls__note, 0, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  EXPECT(CloseHandle(event.ThreadHandle));
  EXPECT(SleepEx(0, TRUE) == 0);
  return NULL;
}

/* --- completion routines ---------------------------------------------------- */

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

/* Ends the overlapped receive and returns the error of the upcall for it. */
static int upcalls_finish(DWORD error, DWORD bytes) {
  INT failure = 0;
  if (upcalls_pending.routine == NULL) {
    WPUCompleteOverlappedRequest(upcalls_pending.s, upcalls_pending.overlapped, error, bytes,
                                 &failure);
    return failure;
  }
  struct upcalls__completion *completion = malloc(sizeof *completion);
  if (completion == NULL) return WSAENOBUFS;
  completion->overlapped = upcalls_pending.overlapped;
  completion->routine = upcalls_pending.routine;
  completion->error = error;
  completion->bytes = bytes;
  if (upcalls_table.lpWPUQueueApc(&upcalls_pending.thread, upcalls__complete, (DWORD_PTR)completion,
                                  &failure) != 0)
    free(completion);
  return failure;
}

/* Where and with what the completion routine ran. */
static struct {
  pthread_t thread;
  DWORD error, bytes;
  LPWSAOVERLAPPED overlapped;
} upcalls__completed;

static void CALLBACK upcalls__routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped,
                                      DWORD flags) {
  (void)flags;
  upcalls__completed.thread = pthread_self();
  upcalls__completed.error = error;
  upcalls__completed.bytes = bytes;
  upcalls__completed.overlapped = overlapped;
}

static void *upcalls__finish_41(void *failure) {
  *(int *)failure = upcalls_finish(0, 41);
  return NULL;
}

/* A layer's own thread opens itself and calls the provider below with that
 * identity; another thread ends the operation. */
UPCALLS_CHECK(completions_reach_the_opened_thread) {
  char bytes[64];
  WSABUF buffer = {sizeof bytes, bytes};
  WSAOVERLAPPED overlapped = {0, 0, {{0, 0}}, NULL};
  WSATHREADID id;
  INT error = 0;
  int failure = -1;
  DWORD flags = 0;
  pthread_t other;
  SOCKET s = upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, 3, &error);
  memset(&upcalls__completed, 0, sizeof upcalls__completed);
  EXPECT(upcalls_table.lpWPUOpenCurrentThread(&id, &error) == 0);
  EXPECT(upcalls_procs.lpWSPRecv(s, &buffer, 1, NULL, &flags, &overlapped, upcalls__routine, &id,
                                 &error) == SOCKET_ERROR);
  EXPECT(error == WSA_IO_PENDING);
  EXPECT(pthread_create(&other, NULL, upcalls__finish_41, &failure) == 0);
  EXPECT(pthread_join(other, NULL) == 0 && failure == 0);
  EXPECT(upcalls__completed.overlapped == NULL);
  EXPECT(SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION);
  EXPECT(pthread_equal(upcalls__completed.thread, pthread_self()));
  EXPECT(upcalls__completed.overlapped == &overlapped);
  EXPECT(upcalls__completed.error == 0 && upcalls__completed.bytes == 41);
  EXPECT(overlapped.Internal == 0 && overlapped.InternalHigh == 41);
  EXPECT(upcalls_table.lpWPUCloseThread(&id, &error) == 0);
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(s, &error) == 0);
  return NULL;
}

/* --- the blocking callback -------------------------------------------------- */

UPCALLS_CHECK(without_a_hook_there_is_no_callback) {
  LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)(DWORD_PTR)1;
  DWORD_PTR context = 1;
  INT error = UNTOUCHED;
  DWORD own = upcalls_entry.dwCatalogEntryId;
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(own, &callback, &context, &error) == 0);
  EXPECT(callback == NULL && context == 0 && error == UNTOUCHED);
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(0xfffffffe, &callback, &context, &error) == 0);
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(own, NULL, &context, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(own, &callback, NULL, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  return NULL;
}

/* Called on a thread with a hook that has nothing to do and cancels nothing. */
UPCALLS_CHECK(with_a_hook_there_is_a_callback) {
  LPBLOCKINGCALLBACK callback = NULL;
  DWORD_PTR context = 0;
  INT error = UNTOUCHED;
  DWORD own = upcalls_entry.dwCatalogEntryId;
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(own, &callback, &context, &error) == 0);
  EXPECT(callback != NULL && callback(context) == TRUE);
  EXPECT(upcalls_table.lpWPUQueryBlockingCallback(0xfffffffe, &callback, &context, &error) ==
         SOCKET_ERROR);
  EXPECT(error == WSAEINVAL && callback == NULL);
  return NULL;
}

/* --- all of them ------------------------------------------------------------ */

UPCALLS_CHECK(no_slot_is_empty) {
  void (*slots[15])(void);
  EXPECT(sizeof upcalls_table == sizeof slots);
  memcpy(slots, &upcalls_table, sizeof slots);
  for (int i = 0; i < 15; i++) EXPECT(slots[i] != NULL);
  return NULL;
}

/* Each upcall that has an lpErrno, succeeding and failing, without one. The last
 * error of the thread belongs to the application. */
UPCALLS_CHECK(errors_need_no_place_and_are_not_the_last_error) {
  const WSPUPCALLTABLE *up = &upcalls_table;
  LPBLOCKINGCALLBACK callback;
  DWORD_PTR context;
  WCHAR path[MAX_PATH];
  INT room = MAX_PATH;
  WSATHREADID id, none = {NULL, 0};
  DWORD own = upcalls_entry.dwCatalogEntryId;
  SOCKET system = upcalls_system_socket();
  WSAOVERLAPPED overlapped = {0, 0, {{0, 0}}, NULL};
  WSASetLastError(4321);
  WSAEVENT event = up->lpWPUCreateEvent(NULL);
  EXPECT(event != WSA_INVALID_EVENT);
  EXPECT(up->lpWPUSetEvent(event, NULL) && up->lpWPUResetEvent(event, NULL));
  EXPECT(up->lpWPUCloseEvent(event, NULL) && !up->lpWPUCloseEvent(event, NULL));
  EXPECT(!up->lpWPUSetEvent(event, NULL) && !up->lpWPUResetEvent(event, NULL));
  SOCKET s = up->lpWPUCreateSocketHandle(own, 5, NULL);
  EXPECT(s != INVALID_SOCKET && up->lpWPUCreateSocketHandle(0, 5, NULL) == INVALID_SOCKET);
  EXPECT(up->lpWPUQuerySocketHandleContext(s, &context, NULL) == 0);
  EXPECT(WPUCompleteOverlappedRequest(s, &overlapped, 0, 0, NULL) == 0);
  EXPECT(up->lpWPUCloseSocketHandle(s, NULL) == 0);
  EXPECT(up->lpWPUCloseSocketHandle(s, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUQuerySocketHandleContext(s, &context, NULL) == SOCKET_ERROR);
  EXPECT(WPUCompleteOverlappedRequest(s, &overlapped, 0, 0, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUModifyIFSHandle(own, system, NULL) == system);
  EXPECT(up->lpWPUModifyIFSHandle(own, 4, NULL) == INVALID_SOCKET);
  EXPECT(up->lpWPUGetProviderPath(&upcalls_entry.ProviderId, path, &room, NULL) == 0);
  EXPECT(up->lpWPUGetProviderPath(NULL, path, &room, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUQueryBlockingCallback(own, &callback, &context, NULL) == 0);
  EXPECT(up->lpWPUQueryBlockingCallback(own, NULL, &context, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUOpenCurrentThread(&id, NULL) == 0);
  EXPECT(up->lpWPUOpenCurrentThread(NULL, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUQueueApc(&none, upcalls__note, 0, NULL) == SOCKET_ERROR);
  EXPECT(up->lpWPUCloseThread(&id, NULL) == 0 && up->lpWPUCloseThread(&id, NULL) == SOCKET_ERROR);
  EXPECT(WSAGetLastError() == 4321);
  EXPECT(CloseHandle((HANDLE)system));
  return NULL;
}

/* Before the first WSAStartup and after the last WSACleanup. */
UPCALLS_CHECK(not_started) {
  const WSPUPCALLTABLE *up = &upcalls_table;
  LPBLOCKINGCALLBACK callback;
  DWORD_PTR context;
  WCHAR path[MAX_PATH];
  INT room = MAX_PATH, error = UNTOUCHED;
  WSATHREADID id = {NULL, 0};
  DWORD own = upcalls_entry.dwCatalogEntryId;
  EXPECT(up->lpWPUOpenCurrentThread(&id, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
  error = UNTOUCHED;
  EXPECT(up->lpWPUCloseThread(&id, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
  error = UNTOUCHED;
  EXPECT(up->lpWPUModifyIFSHandle(own, 4, &error) == INVALID_SOCKET && error == WSANOTINITIALISED);
  error = UNTOUCHED;
  EXPECT(up->lpWPUCreateSocketHandle(own, 4, &error) == INVALID_SOCKET);
  EXPECT(error == WSANOTINITIALISED);
  error = UNTOUCHED;
  EXPECT(up->lpWPUGetProviderPath(&upcalls_entry.ProviderId, path, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSANOTINITIALISED);
  error = UNTOUCHED;
  EXPECT(up->lpWPUQueryBlockingCallback(own, &callback, &context, &error) == SOCKET_ERROR);
  EXPECT(error == WSANOTINITIALISED);
  /* Events need no start. */
  WSAEVENT event = up->lpWPUCreateEvent(&error);
  EXPECT(up->lpWPUSetEvent(event, &error) && upcalls_is_signalled(event));
  EXPECT(up->lpWPUCloseEvent(event, &error));
  return NULL;
}

/* The seven upcalls that Windows CE does not have. */
UPCALLS_CHECK(what_windows_ce_lacks) {
  const WSPUPCALLTABLE *up = &upcalls_table;
  LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)(DWORD_PTR)1;
  DWORD_PTR context = 1;
  WCHAR path[MAX_PATH];
  INT room = MAX_PATH, error = UNTOUCHED;
  WSATHREADID id = {NULL, 0};
  DWORD own = upcalls_entry.dwCatalogEntryId;
  EXPECT(up->lpWPUQueueApc(&id, upcalls__note, 0, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEOPNOTSUPP);
  error = UNTOUCHED;
  EXPECT(up->lpWPUOpenCurrentThread(&id, &error) == SOCKET_ERROR && error == WSAEOPNOTSUPP);
  error = UNTOUCHED;
  EXPECT(up->lpWPUCloseThread(&id, &error) == SOCKET_ERROR && error == WSAEOPNOTSUPP);
  error = UNTOUCHED;
  EXPECT(up->lpWPUModifyIFSHandle(own, 4, &error) == INVALID_SOCKET && error == WSAEOPNOTSUPP);
  error = UNTOUCHED;
  EXPECT(up->lpWPUGetProviderPath(&upcalls_entry.ProviderId, path, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEOPNOTSUPP);
  EXPECT(up->lpWPUPostMessage(NULL, 1, 2, 3) == FALSE);
  EXPECT(up->lpWPUQueryBlockingCallback(own, &callback, &context, &error) == 0);
  EXPECT(callback == NULL && context == 0);
  return NULL;
}

#endif
