// Sockets.cpp - the records of the sockets. They are found by the context of the handle, which is
// their index, and used again, never freed, while the layer is loaded: a thread may hold one whose
// socket another thread is closing.
#include "nonifs.h"

static LIST_ENTRY gOpen = {&gOpen, &gOpen};
static LIST_ENTRY gFree = {&gFree, &gFree};
static LPSOCK_INFO *gRecords;  // By their index.
static DWORD gRecordCount, gRecordRoom;

LPSOCK_INFO SockFind(__in SOCKET s, __out LPINT lpErrno) {
  DWORD_PTR context = 0;
  LPSOCK_INFO info = NULL;
  if (gUpCallTable.lpWPUQuerySocketHandleContext(s, &context, lpErrno) == SOCKET_ERROR) {
    *lpErrno = WSAENOTSOCK;
    return NULL;
  }
  EnterCriticalSection(&gCriticalSection);
  // Numbers of other providers have contexts too, which mean nothing here.
  if (context < gRecordCount) info = gRecords[context];
  if (info != NULL && info->App == s && !info->Closed)
    info->References++;
  else
    info = NULL;
  LeaveCriticalSection(&gCriticalSection);
  if (info == NULL) *lpErrno = WSAENOTSOCK;
  return info;
}

// The record of a socket below that is to be told of by this message.
LPSOCK_INFO SockFindTag(__in SOCKET Lower, __in UINT Tag) {
  LPSOCK_INFO found = NULL;
  EnterCriticalSection(&gCriticalSection);
  for (PLIST_ENTRY link = gOpen.Flink; link != &gOpen && found == NULL; link = link->Flink) {
    LPSOCK_INFO info = CONTAINING_RECORD(link, SOCK_INFO, Link);
    if (info->Lower == Lower && info->Tag == Tag && !info->Closed) {
      info->References++;
      found = info;
    }
  }
  LeaveCriticalSection(&gCriticalSection);
  return found;
}

// One more, for who has one.
VOID SockReference(__in LPSOCK_INFO Info) {
  EnterCriticalSection(&gCriticalSection);
  Info->References++;
  LeaveCriticalSection(&gCriticalSection);
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

// A record that is free or new. The caller has the lock.
static LPSOCK_INFO TakeRecord(__out LPINT lpErrno) {
  LPSOCK_INFO info = NULL;
  if (gFree.Flink != &gFree) {
    info = CONTAINING_RECORD(gFree.Flink, SOCK_INFO, Link);
    RemoveEntryList(&info->Link);
    return info;
  }
  if (gRecordCount == gRecordRoom) {
    DWORD room = gRecordRoom == 0 ? 64 : gRecordRoom * 2;
    SIZE_T size = room * sizeof(*gRecords);
    LPVOID records =
        gRecords == NULL ? HeapAlloc(gHeap, 0, size) : HeapReAlloc(gHeap, 0, gRecords, size);
    if (records == NULL) {
      *lpErrno = WSAENOBUFS;
      return NULL;
    }
    gRecords = (LPSOCK_INFO *)records;
    gRecordRoom = room;
  }
  info = (LPSOCK_INFO)LspAlloc(sizeof(*info), lpErrno);
  if (info == NULL) return NULL;
  info->Index = gRecordCount;
  gRecords[gRecordCount++] = info;
  return info;
}

// A number of the layer's own for a socket of the provider below, which is closed when that fails.
SOCKET SockPresent(__in LPPROVIDER Provider, __in SOCKET Lower, __in BOOL Synchronous,
                   __out LPINT lpErrno) {
  INT ignored;
  SOCKET app = INVALID_SOCKET;
  LPSOCK_INFO info = NULL;
  EnterCriticalSection(&gCriticalSection);
  info = TakeRecord(lpErrno);
  if (info != NULL) {
    DWORD index = info->Index;
    ZeroMemory(info, sizeof(*info));
    info->Index = index;
    info->App = INVALID_SOCKET;
    info->Lower = Lower;
    info->Provider = Provider;
    info->Synchronous = Synchronous;
    info->References = 1;
    InsertTailList(&gOpen, &info->Link);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (info != NULL)
    app =
        gUpCallTable.lpWPUCreateSocketHandle(Provider->Own.dwCatalogEntryId, info->Index, lpErrno);
  EnterCriticalSection(&gCriticalSection);
  if (app != INVALID_SOCKET) {
    info->App = app;
  } else if (info != NULL) {
    RemoveEntryList(&info->Link);
    InsertTailList(&gFree, &info->Link);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (app == INVALID_SOCKET) Provider->NextProcTable.lpWSPCloseSocket(Lower, &ignored);
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
