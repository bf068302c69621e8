/*
 * upcalls_sockets.h - checks of the socket-handle upcalls: handles that are
 * minted, and system handles that are registered.
 */
#ifndef UPCALLS_SOCKETS_H
#define UPCALLS_SOCKETS_H

#include "upcalls_checks.h"

static SOCKET upcalls__mint(DWORD_PTR context) {
  INT error = 0;
  return upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, context, &error);
}

UPCALLS_CHECK(contexts_are_kept) {
  DWORD_PTR contexts[] = {0, 1, ~(DWORD_PTR)0, 0x123456789abcdef}, found = 7;
  SOCKET handles[4];
  INT error = UNTOUCHED;
  for (int i = 0; i < 4; i++) {
    handles[i] =
        upcalls_table.lpWPUCreateSocketHandle(upcalls_entry.dwCatalogEntryId, contexts[i], &error);
    EXPECT(handles[i] != INVALID_SOCKET && handles[i] != 0);
  }
  for (int i = 0; i < 4; i++) {
    EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(handles[i], &found, &error) == 0);
    EXPECT(found == contexts[i]);
  }
  SOCKET twin = upcalls__mint(1);
  EXPECT(twin != handles[1]);
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(twin, &error) == 0 && error == UNTOUCHED);
  EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(handles[1], &found, &error) == 0);
  for (int i = 0; i < 4; i++) {
    EXPECT(upcalls_table.lpWPUCloseSocketHandle(handles[i], &error) == 0);
    EXPECT(upcalls_table.lpWPUCloseSocketHandle(handles[i], &error) == SOCKET_ERROR);
    EXPECT(error == WSAENOTSOCK);
    found = 99;
    error = UNTOUCHED;
    EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(handles[i], &found, &error) == SOCKET_ERROR);
    EXPECT(error == WSAENOTSOCK && found == 99);
  }
  return NULL;
}

UPCALLS_CHECK(unknown_entries_get_no_handle) {
  INT error = UNTOUCHED;
  SOCKET system = upcalls_system_socket();
  EXPECT(upcalls_table.lpWPUCreateSocketHandle(0, 1, &error) == INVALID_SOCKET);
  EXPECT(error == WSAEINVAL);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUCreateSocketHandle(0xfffffffe, 1, &error) == INVALID_SOCKET);
  EXPECT(error == WSAEINVAL);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUModifyIFSHandle(0xfffffffe, system, &error) == INVALID_SOCKET);
  EXPECT(error == WSAEINVAL);
  /* A registration that failed left the one before in force. */
  EXPECT(listen(system, 1) == SOCKET_ERROR && WSAGetLastError() == WSAEINVAL);
  EXPECT(closesocket(system) == 0);
  return NULL;
}

static const char *upcalls__expect_not_minted(SOCKET s) {
  DWORD_PTR found = 99;
  INT error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(s, &found, &error) == SOCKET_ERROR);
  EXPECT(error == WSAENOTSOCK && found == 99);
  error = UNTOUCHED;
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(s, &error) == SOCKET_ERROR);
  EXPECT(error == WSAENOTSOCK);
  WSAOVERLAPPED overlapped = {WSS_OPERATION_IN_PROGRESS, 0, {{0, 0}}, NULL};
  error = UNTOUCHED;
  EXPECT(WPUCompleteOverlappedRequest(s, &overlapped, 0, 5, &error) == SOCKET_ERROR);
  EXPECT(error == WSAEINVAL && overlapped.Internal == WSS_OPERATION_IN_PROGRESS);
  return NULL;
}

UPCALLS_CHECK(system_handles_have_no_context) {
  INT error = 0;
  SOCKET system = upcalls_system_socket();
  WSAEVENT event = upcalls_table.lpWPUCreateEvent(&error);
  SOCKET none[] = {system, (SOCKET)event, INVALID_SOCKET, 0, 4, 1};
  for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
    const char *wrong = upcalls__expect_not_minted(none[i]);
    if (wrong != NULL) return wrong;
  }
  /* Nothing was closed: the socket works, the event too. */
  EXPECT(listen(system, 1) == SOCKET_ERROR && WSAGetLastError() == WSAEINVAL);
  EXPECT(closesocket(system) == 0);
  EXPECT(upcalls_table.lpWPUCloseEvent(event, &error));
  return NULL;
}

UPCALLS_CHECK(a_deferred_close_keeps_the_handle) {
  DWORD_PTR context = 0;
  INT error = 0;
  SOCKET s = upcalls__mint(4242);
  int closes = atomic_load(&upcalls_calls[SLOT_CLOSE_SOCKET]);
  atomic_store(&upcalls_defers_close, 1);
  EXPECT(closesocket(s) == 0);
  atomic_store(&upcalls_defers_close, 0);
  EXPECT(atomic_load(&upcalls_calls[SLOT_CLOSE_SOCKET]) == closes + 1);
  /* For the application it is closed, for the provider it is not. */
  EXPECT(closesocket(s) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
  EXPECT(listen(s, 1) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
  EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(s, &context, &error) == 0 && context == 4242);
  WSAOVERLAPPED overlapped = {WSS_OPERATION_IN_PROGRESS, 0, {{0, 0}}, NULL};
  EXPECT(WPUCompleteOverlappedRequest(s, &overlapped, 0, 5, &error) == 0);
  EXPECT(overlapped.InternalHigh == 5 && overlapped.Internal != WSS_OPERATION_IN_PROGRESS);
  /* Nobody else gets the value meanwhile. */
  for (int i = 0; i < 5000; i++) {
    SOCKET other = upcalls__mint(1);
    EXPECT(other != INVALID_SOCKET && other != s);
    EXPECT(upcalls_table.lpWPUCloseSocketHandle(other, &error) == 0);
  }
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(s, &error) == 0);
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(s, &error) == SOCKET_ERROR);
  /* The provider's WSPCloseSocket was not called back for any of it. */
  EXPECT(atomic_load(&upcalls_calls[SLOT_CLOSE_SOCKET]) == closes + 1);
  return NULL;
}

UPCALLS_CHECK(the_last_registration_gets_the_calls) {
  DWORD own = upcalls_entry.dwCatalogEntryId;
  INT error = UNTOUCHED;
  SOCKET system = upcalls_system_socket();
  int listens = atomic_load(&upcalls_calls[SLOT_LISTEN]);
  EXPECT(listen(system, 1) == SOCKET_ERROR); /* the base: not bound */
  EXPECT(upcalls_table.lpWPUModifyIFSHandle(own, system, &error) == system);
  EXPECT(upcalls_table.lpWPUModifyIFSHandle(own, system, &error) == system && error == UNTOUCHED);
  EXPECT(listen(system, 1) == 0);
  EXPECT(atomic_load(&upcalls_calls[SLOT_LISTEN]) == listens + 1);
  /* Ours says that it closed it; the association is gone, and nobody claims it. */
  atomic_store(&upcalls_defers_close, 1);
  EXPECT(closesocket(system) == 0);
  atomic_store(&upcalls_defers_close, 0);
  EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(system, NULL, &error) == SOCKET_ERROR);
  EXPECT(CloseHandle((HANDLE)system) == TRUE);
  EXPECT(listen(system, 1) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
  return NULL;
}

UPCALLS_CHECK(what_is_no_system_handle_cannot_be_registered) {
  DWORD own = upcalls_entry.dwCatalogEntryId;
  DWORD_PTR context = 0;
  INT error = 0;
  SOCKET minted = upcalls__mint(31), closed = upcalls_system_socket();
  EXPECT(closesocket(closed) == 0);
  SOCKET none[] = {INVALID_SOCKET, 0, 4, closed, minted};
  for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
    error = UNTOUCHED;
    EXPECT(upcalls_table.lpWPUModifyIFSHandle(own, none[i], &error) == INVALID_SOCKET);
    EXPECT(error == WSAEINVAL);
  }
  EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(minted, &context, &error) == 0);
  EXPECT(context == 31);
  EXPECT(upcalls_table.lpWPUCloseSocketHandle(minted, &error) == 0);
  return NULL;
}

/* Called on many threads at once. */
UPCALLS_CHECK(handles_do_not_cross) {
  SOCKET handles[16];
  INT error = 0;
  DWORD_PTR mine = (DWORD_PTR)&error, found = 0;
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 16; i++) {
      handles[i] = upcalls__mint(mine + i);
      EXPECT(handles[i] != INVALID_SOCKET);
    }
    for (int i = 0; i < 16; i++) {
      EXPECT(upcalls_table.lpWPUQuerySocketHandleContext(handles[i], &found, &error) == 0);
      EXPECT(found == mine + i);
    }
    for (int i = 0; i < 16; i++)
      EXPECT(upcalls_table.lpWPUCloseSocketHandle(handles[i], &error) == 0);
  }
  return NULL;
}

#endif
