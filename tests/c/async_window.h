/*
 * async_window.h - WSPAsyncSelect in a layer that has socket numbers of its own.
 *
 * The lower provider is given a window of the layer's in place of the
 * application's. A thread of the layer gets what is posted to it, exchanges the
 * lower socket for the application's and posts on with WPUPostMessage.
 *
 * Every registration has a message number of its own, its tag. A message with
 * another tag is from a registration that was replaced, or from the one that
 * an accepted socket inherited below before we knew its number: it is dropped.
 * So an accepted socket is registered anew, which posts again what holds.
 *
 * The window, its class and the thread exist from the first registration to
 * the last WSPCleanup. No lock is held across a call into another provider, an
 * upcall or a wait. Used by layer_nonifs.c.
 */
#ifndef ASYNC_WINDOW_H
#define ASYNC_WINDOW_H

#include "chains.h"

#include <windows.h>

enum { ASYNC_BUCKETS = 256, ASYNC_TAGS = 0x4000 };

/* What the application asked for. */
struct async_registration {
  struct async_registration *next;
  SOCKET lower;
  SOCKET socket;
  HWND window;
  UINT message;
  UINT tag;
  long events;
};

enum async_state { ASYNC_ABSENT, ASYNC_CHANGING, ASYNC_PRESENT };

static struct provider_lock async_lock = PROVIDER_LOCK_FREE;
static struct async_registration *async_registrations[ASYNC_BUCKETS];
static unsigned async_last_tag;
static atomic_int async_state = ASYNC_ABSENT;
static HANDLE async_thread;
static HWND async_window;

/* The place of a socket's registration: it points to NULL if there is none. */
static inline struct async_registration **async__find_locked(SOCKET lower) {
  struct async_registration **place = &async_registrations[lower / 4 % ASYNC_BUCKETS];
  while (*place != NULL && (*place)->lower != lower) place = &(*place)->next;
  return place;
}

/* Copies a socket's registration; 0 if there is none. */
static inline int async__copy(SOCKET lower, struct async_registration *copy) {
  provider_lock_take(&async_lock);
  struct async_registration *found = *async__find_locked(lower);
  if (found != NULL) *copy = *found;
  provider_lock_drop(&async_lock);
  return found != NULL;
}

/* Takes a socket's registration away; 0 if there is none. */
static inline int async_forget(SOCKET lower) {
  provider_lock_take(&async_lock);
  struct async_registration **place = async__find_locked(lower);
  struct async_registration *found = *place;
  if (found != NULL) *place = found->next;
  provider_lock_drop(&async_lock);
  free(found);
  return found != NULL;
}

/* Keeps a registration, in place of the socket's former one if it has one.
 * Without a tag it gets a new one, which is returned; 0 without memory. */
static inline UINT async__keep(const struct async_registration *wanted) {
  struct async_registration *fresh = malloc(sizeof *fresh);
  if (fresh == NULL) return 0;
  provider_lock_take(&async_lock);
  struct async_registration **place = async__find_locked(wanted->lower);
  struct async_registration *known = *place;
  struct async_registration *next = known != NULL ? known->next : NULL;
  *fresh = *wanted;
  fresh->next = next;
  UINT tag = fresh->tag;
  if (tag == 0) tag = fresh->tag = WM_APP + async_last_tag++ % ASYNC_TAGS;
  *place = fresh;
  provider_lock_drop(&async_lock);
  free(known);
  return tag;
}

/* The procedure of the layer's window. */
static LRESULT WINAPI async__procedure(HWND window, UINT message, WPARAM lower, LPARAM event) {
  struct async_registration to;
  if (message < WM_APP || message >= WM_APP + ASYNC_TAGS) {
    if (message == WM_DESTROY) PostQuitMessage(0);
    return DefWindowProcW(window, message, lower, event);
  }
  if (async__copy(lower, &to) && to.tag == message)
    chains_upcalls.lpWPUPostMessage(to.window, to.message, to.socket, event);
  return 0;
}

/* A name for the class that no other copy of the layer in the process has. */
static inline void async__class_name(WCHAR name[24]) {
  static const WCHAR prefix[] = L"layer.";
  ULONG_PTR own = (ULONG_PTR)&async_lock;
  int length = 0;
  for (; prefix[length] != 0; length++) name[length] = prefix[length];
  for (; own != 0; own /= 16) name[length++] = L"0123456789abcdef"[own % 16];
  name[length] = 0;
}

/* The layer's thread: makes the window, says so by setting the event, and
 * dispatches until the window is destroyed. */
static DWORD WINAPI async__run(LPVOID ready) {
  WCHAR name[24];
  MSG message;
  async__class_name(name);
  WNDCLASSW class_of_ours = {.lpfnWndProc = async__procedure, .lpszClassName = name};
  if (RegisterClassW(&class_of_ours) != 0)
    async_window = CreateWindowExW(0, name, NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
  HWND window = async_window;
  SetEvent(ready);
  while (window != NULL && GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
  UnregisterClassW(name, NULL);
  return 0;
}

/* Ends the thread and waits for it. */
static inline void async__join(void) {
  WaitForSingleObject(async_thread, INFINITE);
  CloseHandle(async_thread);
}

/* Makes sure that there is a window; 0 when there can be none. */
static inline int async__start(void) {
  int state = ASYNC_ABSENT;
  while (!atomic_compare_exchange_strong(&async_state, &state, ASYNC_CHANGING)) {
    if (state == ASYNC_PRESENT) return 1;
    SleepEx(0, FALSE); /* another thread is at it */
    state = ASYNC_ABSENT;
  }
  HANDLE ready = CreateEventW(NULL, TRUE, FALSE, NULL);
  async_window = NULL;
  async_thread = ready == NULL ? NULL : CreateThread(NULL, 0, async__run, ready, 0, NULL);
  if (async_thread != NULL) {
    WaitForSingleObject(ready, INFINITE);
    if (async_window == NULL) async__join();
  }
  if (ready != NULL) CloseHandle(ready);
  int is_present = async_window != NULL;
  atomic_store(&async_state, is_present ? ASYNC_PRESENT : ASYNC_ABSENT);
  return is_present;
}

/* The last cleanup: the window goes, its thread ends, and what is left of
 * registrations is forgotten. */
static inline void async_stop(void) {
  int state = ASYNC_PRESENT;
  if (atomic_compare_exchange_strong(&async_state, &state, ASYNC_CHANGING)) {
    PostMessageW(async_window, WM_CLOSE, 0, 0);
    async__join();
    atomic_store(&async_state, ASYNC_ABSENT);
  }
  for (int i = 0; i < ASYNC_BUCKETS; i++)
    while (async_registrations[i] != NULL) async_forget(async_registrations[i]->lower);
}

/* WSPAsyncSelect on the lower socket, for the application's window and number
 * of it. A call that fails leaves the former registration as it was. */
static inline int async_select(const WSPPROC_TABLE *procs, SOCKET lower, SOCKET socket, HWND window,
                               UINT message, long events, LPINT error) {
  if (events == 0) {
    int ended = procs->lpWSPAsyncSelect(lower, NULL, 0, 0, error);
    if (ended == 0) async_forget(lower);
    return ended;
  }
  struct async_registration wanted = {
      .lower = lower, .socket = socket, .window = window, .message = message, .events = events};
  struct async_registration former;
  int had_one = async__copy(lower, &former);
  /* Kept first: what holds is posted before the call below returns. */
  UINT tag = async__start() ? async__keep(&wanted) : 0;
  if (tag == 0) return provider_fail(error, WSAENOBUFS);
  int result = procs->lpWSPAsyncSelect(lower, async_window, tag, events, error);
  if (result != 0 && (!had_one || async__keep(&former) == 0)) async_forget(lower);
  return result;
}

/* A socket that was accepted from another inherits its registration. */
static inline void async_inherit(const WSPPROC_TABLE *procs, SOCKET listener, SOCKET lower,
                                 SOCKET socket) {
  struct async_registration from;
  int ignored = 0;
  if (async__copy(listener, &from))
    async_select(procs, lower, socket, from.window, from.message, from.events, &ignored);
}

#endif
