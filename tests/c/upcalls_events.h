/*
 * upcalls_events.h - checks of the event upcalls, WPUFDIsSet, WPUGetProviderPath
 * and WPUPostMessage, and of what holds for all upcalls.
 */
#ifndef UPCALLS_EVENTS_H
#define UPCALLS_EVENTS_H

#include "upcalls_checks.h"

#include <signal.h>
#ifndef _WIN32
#include <sys/time.h>
#endif

/* --- events ---------------------------------------------------------------- */

UPCALLS_CHECK(events_are_manual_reset) {
  INT error = UNTOUCHED;
  WSAEVENT event = upcalls_table.lpWPUCreateEvent(&error);
  EXPECT(event != WSA_INVALID_EVENT);
  EXPECT(!upcalls_is_signalled(event));
  EXPECT(upcalls_table.lpWPUSetEvent(event, &error) == TRUE);
  EXPECT(upcalls_is_signalled(event));
  EXPECT(upcalls_is_signalled(event));
  EXPECT(upcalls_table.lpWPUSetEvent(event, &error) == TRUE);
  EXPECT(upcalls_table.lpWPUResetEvent(event, &error) == TRUE);
  EXPECT(!upcalls_is_signalled(event));
  EXPECT(upcalls_table.lpWPUResetEvent(event, &error) == TRUE);
  EXPECT(upcalls_table.lpWPUCloseEvent(event, &error) == TRUE);
  EXPECT(error == UNTOUCHED);
  return NULL;
}

static const char *upcalls__expect_no_event(WSAEVENT garbage) {
  INT error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUSetEvent(garbage, &error) == FALSE && error == WSA_INVALID_HANDLE);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUResetEvent(garbage, &error) == FALSE && error == WSA_INVALID_HANDLE);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUCloseEvent(garbage, &error) == FALSE && error == WSA_INVALID_HANDLE);
  return NULL;
}

UPCALLS_CHECK(garbage_is_no_event) {
  INT error = 0;
  SOCKET own = upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, 0, &error);
  SOCKET system = upcalls_system_socket();
  WSAEVENT closed = upcalls_table.lpWPUCreateEvent(&error);
  EXPECT(own != INVALID_SOCKET && system != INVALID_SOCKET && closed != WSA_INVALID_EVENT);
  EXPECT(upcalls_table.lpWPUCloseEvent(closed, &error) == TRUE);
  WSAEVENT garbage[] = {WSA_INVALID_EVENT, (WSAEVENT)1,  (WSAEVENT)-1, closed,
                        (WSAEVENT)system,  (WSAEVENT)own};
  for (unsigned i = 0; i < sizeof garbage / sizeof *garbage; i++) {
    const char *wrong = upcalls__expect_no_event(garbage[i]);
    if (wrong != NULL) return wrong;
  }
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(own, &error) == 0);
  EXPECT(closesocket(system) == 0);
  return NULL;
}

UPCALLS_CHECK(events_of_all_kinds_are_one) {
  INT error = 0;
  WSAEVENT events[] = {upcalls_table.lpWPUCreateEvent(&error), WSACreateEvent(),
                       CreateEventW(NULL, FALSE, FALSE, NULL)};
  EXPECT(WSASetEvent(events[0]));
  EXPECT(upcalls_table.lpWPUSetEvent(events[1], &error));
  EXPECT(upcalls_table.lpWPUSetEvent(events[2], &error));
  EXPECT(WSAWaitForMultipleEvents(3, events, TRUE, 0, FALSE) == WSA_WAIT_EVENT_0);
  EXPECT(WaitForSingleObject(events[0], 0) == WAIT_OBJECT_0);
  /* The native one resets itself. */
  EXPECT(WaitForSingleObject(events[2], 0) == WAIT_TIMEOUT);
  EXPECT(WSACloseEvent(events[0]));
  EXPECT(upcalls_table.lpWPUCloseEvent(events[1], &error));
  EXPECT(upcalls_table.lpWPUCloseEvent(events[2], &error));
  return NULL;
}

#ifndef _WIN32
static volatile sig_atomic_t upcalls__signals;
static WSAEVENT upcalls__signalled;

static void upcalls__on_signal(int number) {
  (void)number;
  upcalls__signals = upcalls__signals + 1;
  upcalls_table.lpWPUSetEvent(upcalls__signalled, NULL);
  if (upcalls__signals % 2 == 0) upcalls_table.lpWPUResetEvent(upcalls__signalled, NULL);
}

/* A signal every 100 microseconds interrupts this very thread in the midst of
 * the same functions, on the same event, and in waits for it. */
UPCALLS_CHECK(events_can_be_set_in_signal_handlers) {
  INT error = 0;
  struct sigaction action, before;
  struct itimerval fast = {{0, 100}, {0, 100}}, off = {{0, 0}, {0, 0}};
  upcalls__signalled = upcalls_table.lpWPUCreateEvent(&error);
  memset(&action, 0, sizeof action);
  action.sa_handler = upcalls__on_signal;
  EXPECT(sigaction(SIGALRM, &action, &before) == 0);
  EXPECT(setitimer(ITIMER_REAL, &fast, NULL) == 0);
  int healthy = 1;
  while (upcalls__signals < 2000 && healthy) {
    healthy = upcalls_table.lpWPUSetEvent(upcalls__signalled, &error) &&
              upcalls_table.lpWPUResetEvent(upcalls__signalled, &error);
    WSAEVENT other = upcalls_table.lpWPUCreateEvent(&error);
    WaitForSingleObject(upcalls__signalled, 1);
    healthy = healthy && upcalls_table.lpWPUCloseEvent(other, &error);
  }
  setitimer(ITIMER_REAL, &off, NULL);
  sigaction(SIGALRM, &before, NULL);
  EXPECT(healthy);
  /* A handler can end a wait that has no end of its own. */
  upcalls_table.lpWPUResetEvent(upcalls__signalled, &error);
  upcalls__signals = 0;
  EXPECT(sigaction(SIGALRM, &action, &before) == 0);
  struct itimerval once = {{0, 0}, {0, 20000}};
  EXPECT(setitimer(ITIMER_REAL, &once, NULL) == 0);
  EXPECT(WaitForSingleObject(upcalls__signalled, INFINITE) == WAIT_OBJECT_0);
  EXPECT(upcalls__signals == 1);
  sigaction(SIGALRM, &before, NULL);
  EXPECT(upcalls_table.lpWPUCloseEvent(upcalls__signalled, &error));
  return NULL;
}
#endif

/* Called while the process may open no more handles. */
UPCALLS_CHECK(exhaustion_is_told) {
  INT error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUCreateEvent(&error) == WSA_INVALID_EVENT);
  EXPECT(error == WSA_NOT_ENOUGH_MEMORY);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, 1, &error) ==
         INVALID_SOCKET);
  EXPECT(error == WSAENOBUFS);
  return NULL;
}

/* --- sets, messages -------------------------------------------------------- */

UPCALLS_CHECK(membership) {
  fd_set set;
  FD_ZERO(&set);
  EXPECT(upcalls_table.lpWPUFDIsSet(8, &set) == 0);
  FD_SET(8, &set);
  FD_SET(12, &set);
  set.fd_array[2] = 16; /* beyond fd_count */
  EXPECT(upcalls_table.lpWPUFDIsSet(8, &set) != 0 && upcalls_table.lpWPUFDIsSet(12, &set) != 0);
  EXPECT(upcalls_table.lpWPUFDIsSet(16, &set) == 0 && upcalls_table.lpWPUFDIsSet(20, &set) == 0);
  EXPECT(upcalls_table.lpWPUFDIsSet(8, NULL) == 0);
  /* As an application with a larger FD_SETSIZE lays it out. */
  struct {
    u_int fd_count;
    SOCKET fd_array[1000];
  } large;
  large.fd_count = 1000;
  for (unsigned i = 0; i < 1000; i++) large.fd_array[i] = 4 * (SOCKET)(i + 1);
  EXPECT(upcalls_table.lpWPUFDIsSet(4000, (fd_set *)&large) != 0);
  EXPECT(upcalls_table.lpWPUFDIsSet(4004, (fd_set *)&large) == 0);
  return NULL;
}

/* An export that the public headers leave out. */
typedef BOOL(WINAPI *upcalls_post_routine)(HWND, UINT, WPARAM, LPARAM);
int WSAAPI WSApSetPostRoutine(upcalls_post_routine lpPostRoutine);

static struct {
  HWND window;
  UINT message;
  WPARAM wparam;
  LPARAM lparam;
} upcalls__posted;

static BOOL WINAPI upcalls__post(HWND window, UINT message, WPARAM wparam, LPARAM lparam) {
  upcalls__posted.window = window;
  upcalls__posted.message = message;
  upcalls__posted.wparam = wparam;
  upcalls__posted.lparam = lparam;
  return message != 0;
}

UPCALLS_CHECK(messages_take_the_route_that_is_set) {
  HWND window = (HWND)(DWORD_PTR)0x1234;
  EXPECT(upcalls_table.lpWPUPostMessage(window, 1, 2, 3) == FALSE);
  EXPECT(WSApSetPostRoutine(upcalls__post) == 0);
  EXPECT(upcalls_table.lpWPUPostMessage(window, 0x404, 77, -5) == TRUE);
  EXPECT(upcalls__posted.window == window && upcalls__posted.message == 0x404);
  EXPECT(upcalls__posted.wparam == 77 && upcalls__posted.lparam == -5);
  EXPECT(upcalls_table.lpWPUPostMessage(window, 0, 0, 0) == FALSE);
  EXPECT(WSApSetPostRoutine(NULL) == 0);
  EXPECT(upcalls_table.lpWPUPostMessage(window, 1, 2, 3) == FALSE);
  return NULL;
}

/* --- paths ----------------------------------------------------------------- */

static int upcalls__length(const WCHAR *text) {
  int length = 0;
  while (text[length] != 0) length++;
  return length;
}

/* The provider is installed under a path with an environment string in it. */
UPCALLS_CHECK(paths_come_as_stored) {
  GUID unknown = {0x12345678, 1, 2, {3}};
  GUID *own = &upcalls_entry.ProviderId;
  WCHAR path[MAX_PATH], again[MAX_PATH];
  INT error = UNTOUCHED, room = MAX_PATH;
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, path, &room, &error) == 0 && error == UNTOUCHED);
  int length = upcalls__length(path);
  EXPECT(path[0] == '%' && room == length);
  memset(again, 0xee, sizeof again);
  room = length;
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, again, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT && room == length + 1 && again[0] == 0xeeee);
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, again, &room, &error) == 0 && room == length);
  EXPECT(memcmp(path, again, sizeof *path * (length + 1)) == 0 && again[length + 1] == 0xeeee);
  room = 0;
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, again, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT && room == length + 1);
  room = MAX_PATH;
  EXPECT(upcalls_table.lpWPUGetProviderPath(&unknown, path, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEINVAL);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUGetProviderPath(NULL, path, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, NULL, &room, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUGetProviderPath(own, path, NULL, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEFAULT);
  return NULL;
}

#endif
