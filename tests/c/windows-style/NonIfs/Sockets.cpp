// Sockets.cpp - the records of the sockets. They are found by the context of the handle, and used
// again, never freed, while the layer is loaded: a thread may hold one whose socket another thread
// is closing.
#include "nonifs.h"

static LIST_ENTRY gOpen = {&gOpen, &gOpen};
static LIST_ENTRY gFree = {&gFree, &gFree};

LPSOCK_INFO SockFind(__in SOCKET s, __out LPINT lpErrno) {
  DWORD_PTR context = 0;
  LPSOCK_INFO info = NULL;
  if (gUpCallTable.lpWPUQuerySocketHandleContext(s, &context, lpErrno) == SOCKET_ERROR) {
    *lpErrno = WSAENOTSOCK;
    return NULL;
  }
  EnterCriticalSection(&gCriticalSection);
  info = (LPSOCK_INFO)context;
  if (info->App == s && !info->Closed)
    info->References++;
  else
    info = NULL;
  LeaveCriticalSection(&gCriticalSection);
  if (info == NULL) *lpErrno = WSAENOTSOCK;
  return info;
}

// The record of a socket below, for messages.
LPSOCK_INFO SockFindLower(__in SOCKET Lower) {
  LPSOCK_INFO found = NULL;
  EnterCriticalSection(&gCriticalSection);
  for (PLIST_ENTRY link = gOpen.Flink; link != &gOpen && found == NULL; link = link->Flink) {
    LPSOCK_INFO info = CONTAINING_RECORD(link, SOCK_INFO, Link);
    if (info->Lower == Lower && !info->Closed) {
      info->References++;
      found = info;
    }
  }
  LeaveCriticalSection(&gCriticalSection);
  return found;
}

// The last reference of a closed socket gives its number back: not before the last operation has
// ended.
VOID SockRelease(__in LPSOCK_INFO Info) {
  INT ignored;
  BOOL last = FALSE;
  SOCKET app = INVALID_SOCKET;
  EnterCriticalSection(&gCriticalSection);
  last = --Info->References == 0;
  if (last) {
    app = Info->App;
    Info->App = INVALID_SOCKET;
    RemoveEntryList(&Info->Link);
    InsertTailList(&gFree, &Info->Link);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (last) gUpCallTable.lpWPUCloseSocketHandle(app, &ignored);
}

SOCKET SockPresent(__in LPPROVIDER Provider, __in SOCKET Lower, __out LPINT lpErrno) {
  INT ignored;
  SOCKET app = INVALID_SOCKET;
  LPSOCK_INFO info = NULL;
  EnterCriticalSection(&gCriticalSection);
  if (gFree.Flink != &gFree) {
    info = CONTAINING_RECORD(gFree.Flink, SOCK_INFO, Link);
    RemoveEntryList(&info->Link);
  } else {
    info = (LPSOCK_INFO)LspAlloc(sizeof(*info), lpErrno);
  }
  if (info != NULL) {
    ZeroMemory(info, sizeof(*info));
    info->App = INVALID_SOCKET;
    info->Lower = Lower;
    info->Provider = Provider;
    info->References = 1;
    InsertTailList(&gOpen, &info->Link);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (info != NULL)
    app = gUpCallTable.lpWPUCreateSocketHandle(Provider->Own.dwCatalogEntryId, (DWORD_PTR)info,
                                               lpErrno);
  if (app == INVALID_SOCKET) {
    Provider->NextProcTable.lpWSPCloseSocket(Lower, &ignored);
    if (info != NULL) {
      EnterCriticalSection(&gCriticalSection);
      RemoveEntryList(&info->Link);
      InsertTailList(&gFree, &info->Link);
      LeaveCriticalSection(&gCriticalSection);
    }
    return INVALID_SOCKET;
  }
  EnterCriticalSection(&gCriticalSection);
  info->App = app;
  LeaveCriticalSection(&gCriticalSection);
  return app;
}

// The caller has a reference beside the open socket's, which goes here. The socket below is closed
// at once.
int SockClose(__in LPSOCK_INFO Info, __out LPINT lpErrno) {
  BOOL first = FALSE;
  EnterCriticalSection(&gCriticalSection);
  first = !Info->Closed;
  Info->Closed = TRUE;
  LeaveCriticalSection(&gCriticalSection);
  if (!first) {
    *lpErrno = WSAENOTSOCK;
    return SOCKET_ERROR;
  }
  if (NEXT(Info).lpWSPCloseSocket(Info->Lower, lpErrno) == SOCKET_ERROR) {
    EnterCriticalSection(&gCriticalSection);
    Info->Closed = FALSE;
    LeaveCriticalSection(&gCriticalSection);
    return SOCKET_ERROR;
  }
  SockRelease(Info);
  return 0;
}

// At the last WSPCleanup.
VOID SockCloseAll(VOID) {
  for (;;) {
    LPSOCK_INFO info = NULL;
    INT ignored;
    EnterCriticalSection(&gCriticalSection);
    for (PLIST_ENTRY link = gOpen.Flink; link != &gOpen && info == NULL; link = link->Flink) {
      LPSOCK_INFO open = CONTAINING_RECORD(link, SOCK_INFO, Link);
      if (!open->Closed) {
        open->References++;
        info = open;
      }
    }
    LeaveCriticalSection(&gCriticalSection);
    if (info == NULL) return;
    if (SockClose(info, &ignored) == SOCKET_ERROR) {
      // It stays closed for us: the clean-up below ends it.
      EnterCriticalSection(&gCriticalSection);
      info->Closed = TRUE;
      LeaveCriticalSection(&gCriticalSection);
    }
    SockRelease(info);
  }
}
