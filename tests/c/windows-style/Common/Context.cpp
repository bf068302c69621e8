// Context.cpp - the open sockets, in a table of lists. An IFS layer finds them by the handle, which
// is the provider's below.
#include "..\common\LSP.H"

#define CONTEXT_BUCKETS 256

typedef struct _CONTEXT_BUCKET {
  CRITICAL_SECTION Lock;
  LIST_ENTRY Sockets;
} CONTEXT_BUCKET;

static __declspec(align(64)) CONTEXT_BUCKET gBuckets[CONTEXT_BUCKETS];

// Made before the first socket and never freed: sockets come and go on all threads.
static class __declspec(novtable) ContextTable {
 public:
  ContextTable() {
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    // Who spins on the only processor waits for nobody.
    DWORD spins = system.dwNumberOfProcessors > 1 ? 4000 : 0;
    for (int i = 0; i < CONTEXT_BUCKETS; i++) {
      InitializeCriticalSectionAndSpinCount(&gBuckets[i].Lock, spins);
      InitializeListHead(&gBuckets[i].Sockets);
    }
  }
} gContextTable;

static CONTEXT_BUCKET *Bucket(__in SOCKET Socket) {
  return &gBuckets[(Socket >> 2) % CONTEXT_BUCKETS];
}

// The caller has the bucket's lock.
static LPSOCKET_CONTEXT Find(__in CONTEXT_BUCKET *Bucket, __in SOCKET Socket) {
  for (PLIST_ENTRY link = Bucket->Sockets.Flink; link != &Bucket->Sockets; link = link->Flink) {
    LPSOCKET_CONTEXT context = CONTAINING_RECORD(link, SOCKET_CONTEXT, Link);
    if (context->Socket == Socket) return context;
  }
  return NULL;
}

BOOL ContextInsert(__in SOCKET Socket, __in LPPROVIDER Provider, __out LPINT lpErrno) {
  CONTEXT_BUCKET *bucket = Bucket(Socket);
  LPSOCKET_CONTEXT context = (LPSOCKET_CONTEXT)LspAlloc(sizeof(SOCKET_CONTEXT), lpErrno);
  LPSOCKET_CONTEXT old;
  if (context == NULL) return FALSE;
  context->Socket = Socket;
  context->Provider = Provider;
  EnterCriticalSection(&bucket->Lock);
  // A handle that was closed below without us.
  old = Find(bucket, Socket);
  if (old != NULL) RemoveEntryList(&old->Link);
  InsertTailList(&bucket->Sockets, &context->Link);
  LeaveCriticalSection(&bucket->Lock);
  LspFree(old);
  return TRUE;
}

LPPROVIDER ContextProvider(__in SOCKET Socket, __out_opt LPINT lpErrno) {
  CONTEXT_BUCKET *bucket = Bucket(Socket);
  LPPROVIDER provider = NULL;
  EnterCriticalSection(&bucket->Lock);
  LPSOCKET_CONTEXT context = Find(bucket, Socket);
  if (context != NULL) provider = context->Provider;
  LeaveCriticalSection(&bucket->Lock);
  if (provider == NULL && lpErrno != NULL) *lpErrno = WSAENOTSOCK;
  return provider;
}

VOID ContextCountSend(__in SOCKET Socket) {
  CONTEXT_BUCKET *bucket = Bucket(Socket);
  EnterCriticalSection(&bucket->Lock);
  LPSOCKET_CONTEXT context = Find(bucket, Socket);
  if (context != NULL) InterlockedIncrement(&context->Sends);
  LeaveCriticalSection(&bucket->Lock);
}

VOID ContextRemove(__in SOCKET Socket) {
  CONTEXT_BUCKET *bucket = Bucket(Socket);
  EnterCriticalSection(&bucket->Lock);
  LPSOCKET_CONTEXT context = Find(bucket, Socket);
  if (context != NULL) RemoveEntryList(&context->Link);
  LeaveCriticalSection(&bucket->Lock);
  LspFree(context);
}

// At the last WSPCleanup: the provider below closes its sockets itself.
VOID ContextRemoveAll(VOID) {
  for (int i = 0; i < CONTEXT_BUCKETS; i++) {
    EnterCriticalSection(&gBuckets[i].Lock);
    while (gBuckets[i].Sockets.Flink != &gBuckets[i].Sockets) {
      PLIST_ENTRY link = gBuckets[i].Sockets.Flink;
      RemoveEntryList(link);
      LspFree(CONTAINING_RECORD(link, SOCKET_CONTEXT, Link));
    }
    LeaveCriticalSection(&gBuckets[i].Lock);
  }
}
