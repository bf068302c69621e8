// Overlap.cpp - overlapped operations: begun below with blocks of the layer's own, collected by a
// thread at a completion port of its own, told to the program with WPUCompleteOverlappedRequest or
// WPUQueueApc.
//
// Two threads meet in an operation: the one that makes the call below, and the worker, whose packet
// may come before that call returns. Who is second tells the program. A call below that succeeds at
// once is told at once, as success, and its packet is dropped.
//
// WSPGetOverlappedResult reads the program's block: Internal is WSS_OPERATION_IN_PROGRESS until the
// end, which is written last; OffsetHigh is the error, InternalHigh the count, Offset the flags.
#include "NonIFS.h"

// What the driver kit calls STATUS_BUFFER_OVERFLOW: a part of a datagram, told as a warning.
#define LOWER_BUFFER_OVERFLOW 0x80000005

enum { STARTING, STARTED, ENDED, TOLD };

// A thread that waits for a block without an event.
typedef struct _WAITER {
  LIST_ENTRY Link;
  LPWSAOVERLAPPED App;
  HANDLE Event;
} WAITER;

// The routines that are running on this thread, the innermost first: one that waits alertably lets
// others begin.
typedef struct _ROUTINE_FRAME {
  LPSOCK_INFO Socket;
  LIST_ENTRY Late;  // Those of the same socket that came meanwhile.
  struct _ROUTINE_FRAME *Outer;
} ROUTINE_FRAME;

static HANDLE gPort;
static HANDLE gWorker;
static HANDLE gIdle;  // Signaled while no packet is to come.
static LONG gPackets;
static LIST_ENTRY gWaiters = {&gWaiters, &gWaiters};
static __declspec(thread) ROUTINE_FRAME *tFrames;

// Of any thread: who finds it final sees the rest of the block.
static BOOL IsPending(LPWSAOVERLAPPED App) {
  PVOID status = InterlockedCompareExchangePointer((PVOID volatile *)&App->Internal, NULL, NULL);
  return (DWORD)(ULONG_PTR)status == WSS_OPERATION_IN_PROGRESS;
}

static VOID SetStatus(LPWSAOVERLAPPED App, ULONG_PTR Status) {
  InterlockedExchangePointer((PVOID volatile *)&App->Internal, (PVOID)Status);
}

static HANDLE EventOf(LPWSAOVERLAPPED App) {
  // The low bit keeps packets away; it is no part of the event.
  return (HANDLE)((ULONG_PTR)App->hEvent & ~(ULONG_PTR)1);
}

static VOID Release(LPLSP_OPERATION Operation) {
  INT ignored;
  if (InterlockedDecrement(&Operation->References) != 0) return;
  if (Operation->ThreadOpened) gUpCallTable.lpWPUCloseThread(&Operation->Thread, &ignored);
  SockRelease(Operation->Socket);
  LspFree(Operation);
}

static VOID PacketIsGone(VOID) {
  EnterCriticalSection(&gCriticalSection);
  if (--gPackets == 0) SetEvent(gIdle);
  LeaveCriticalSection(&gCriticalSection);
}

static VOID CallRoutine(LPLSP_OPERATION Operation) {
  LSP_RESULT told = Operation->Told;
  Operation->Routine(told.Error, told.Bytes, Operation->App, told.Flags);
  Release(Operation);
}

// On the thread that made the call, while it waits alertably. The routines of one socket do not
// nest: one that comes during another waits for its end.
static VOID CALLBACK Apc(DWORD_PTR Context) {
  LPLSP_OPERATION operation = (LPLSP_OPERATION)Context;
  ROUTINE_FRAME frame, *other;
  for (other = tFrames; other != NULL; other = other->Outer) {
    if (other->Socket != operation->Socket) continue;
    InsertTailList(&other->Late, &operation->Link);
    return;
  }
  frame.Socket = operation->Socket;
  frame.Outer = tFrames;
  InitializeListHead(&frame.Late);
  tFrames = &frame;
  CallRoutine(operation);
  while (frame.Late.Flink != &frame.Late) {
    PLIST_ENTRY link = frame.Late.Flink;
    RemoveEntryList(link);
    CallRoutine(CONTAINING_RECORD(link, LSP_OPERATION, Link));
  }
  tFrames = frame.Outer;
}

static VOID WakeWaiters(const WSAOVERLAPPED *App) {
  EnterCriticalSection(&gCriticalSection);
  for (PLIST_ENTRY link = gWaiters.Flink; link != &gWaiters; link = link->Flink) {
    WAITER *waiter = CONTAINING_RECORD(link, WAITER, Link);
    if (waiter->App == App) SetEvent(waiter->Event);
  }
  LeaveCriticalSection(&gCriticalSection);
}

// Tells the program, whose block may be gone as soon as that is done.
static VOID Tell(LPLSP_OPERATION Operation, LSP_RESULT Result) {
  LPWSAOVERLAPPED app = Operation->App;
  INT error;
  app->OffsetHigh = Result.Error;
  app->Offset = Result.Flags;
  if (Operation->Routine == NULL) {
    if (WPUCompleteOverlappedRequest(Operation->Socket->App, app, Result.Error, Result.Bytes,
                                     &error) == SOCKET_ERROR)
      Trace(_T("WPUCompleteOverlappedRequest failed: %d\n"), error);
    WakeWaiters(app);
    return;
  }
  Operation->Told = Result;
  app->InternalHigh = Result.Bytes;
  SetStatus(app, Result.Error);
  InterlockedIncrement(&Operation->References);
  if (gUpCallTable.lpWPUQueueApc(&Operation->Thread, Apc, (DWORD_PTR)Operation, &error) == 0)
    return;
  // The thread is gone: nobody is to be told.
  Trace(_T("WPUQueueApc failed: %d\n"), error);
  Release(Operation);
}

// A packet has come. What it does not say, the flags and the error of Winsock, the provider below
// knows, unless the socket was closed there.
static VOID PacketCame(LPLSP_OPERATION Operation, BOOL Succeeded, DWORD Bytes) {
  LPSOCK_INFO info = Operation->Socket;
  DWORD ignored = 0, flags = 0;
  INT error = 0;
  if (InterlockedCompareExchange(&Operation->State, TOLD, TOLD) != TOLD) {
    if (!NEXT(info).lpWSPGetOverlappedResult(info->Lower, &Operation->Lower, &ignored, FALSE,
                                             &flags, &error) &&
        error == WSAENOTSOCK) {
      error = WSA_OPERATION_ABORTED;
      flags = 0;
    }
    Operation->Packet.Error = Succeeded ? 0 : (DWORD)error;
    Operation->Packet.Bytes = Bytes;
    Operation->Packet.Flags = flags;
    if (InterlockedCompareExchange(&Operation->State, ENDED, STARTING) == STARTED)
      Tell(Operation, Operation->Packet);
  }
  Release(Operation);
  PacketIsGone();
}

static DWORD WINAPI Worker(LPVOID Parameter) {
  HANDLE port = (HANDLE)Parameter;
  for (;;) {
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    LPOVERLAPPED lower = NULL;
    BOOL succeeded = GetQueuedCompletionStatus(port, &bytes, &key, &lower, INFINITE);
    if (lower == NULL) break;
    PacketCame(CONTAINING_RECORD(lower, LSP_OPERATION, Lower), succeeded, bytes);
  }
  ExitThread(0);
  return 0;
}

// The port and its thread. One: the ends are told in the order in which they came. The caller has
// the lock.
static BOOL Start(VOID) {
  if (gPort != NULL) return TRUE;
  HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
  HANDLE idle = CreateEvent(NULL, TRUE, TRUE, NULL);
  HANDLE worker = NULL;
  if (port != NULL && idle != NULL) worker = CreateThread(NULL, 0, Worker, port, 0, NULL);
  if (worker == NULL) {
    if (port != NULL) CloseHandle(port);
    if (idle != NULL) CloseHandle(idle);
    return FALSE;
  }
  gPort = port;
  gIdle = idle;
  gWorker = worker;
  return TRUE;
}

// Whether a call with this block is overlapped on this socket.
BOOL OverlapApplies(LPSOCK_INFO Info, LPWSAOVERLAPPED App) {
  return App != NULL && !Info->Synchronous;
}

// Puts the socket below on the port, once, and counts the packet that is to come. A duplicate of a
// socket shares the port of that.
static BOOL Associate(LPSOCK_INFO Info, LPINT lpErrno) {
  DWORD before = GetLastError();
  EnterCriticalSection(&gCriticalSection);
  if (!Start()) {
    *lpErrno = WSAENOBUFS;
  } else if (!Info->OnPort) {
    Info->OnPort = CreateIoCompletionPort((HANDLE)Info->Lower, gPort, 0, 0) == gPort ||
                   GetLastError() == ERROR_INVALID_PARAMETER;
    // It was closed meanwhile.
    if (!Info->OnPort) *lpErrno = WSAENOTSOCK;
  }
  if (Info->OnPort && gPackets++ == 0) ResetEvent(gIdle);
  LeaveCriticalSection(&gCriticalSection);
  SetLastError(before);
  return Info->OnPort;
}

LPLSP_OPERATION OverlapBegin(LPSOCK_INFO Info, LPWSAOVERLAPPED App,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
                             LPINT lpErrno) {
  LPLSP_OPERATION operation = NULL;
  if (Routine == NULL && EventOf(App) != NULL && !ResetEvent(EventOf(App))) {
    *lpErrno = WSA_INVALID_HANDLE;
    return NULL;
  }
  operation = (LPLSP_OPERATION)LspAlloc(sizeof(*operation), lpErrno);
  if (operation == NULL) return NULL;
  if (Routine != NULL && Thread != NULL) {
    operation->Thread = *Thread;
  } else if (Routine != NULL) {
    // Some calls do not say which thread they are made by.
    operation->ThreadOpened = gUpCallTable.lpWPUOpenCurrentThread(&operation->Thread, lpErrno) == 0;
    if (!operation->ThreadOpened) {
      LspFree(operation);
      return NULL;
    }
  }
  operation->State = STARTING;
  operation->References = 2;
  operation->Socket = Info;
  operation->App = App;
  operation->Routine = Routine;
  SockReference(Info);
  if (!Associate(Info, lpErrno)) {
    operation->References = 1;
    Release(operation);
    return NULL;
  }
  SetStatus(App, WSS_OPERATION_IN_PROGRESS);
  return operation;
}

// What the program is told when the call below has returned, having moved so many bytes if it
// succeeded at once.
int OverlapStarted(LPLSP_OPERATION Operation, int Result, INT Error, DWORD Bytes, DWORD Flags,
                   LPINT lpErrno) {
  LSP_RESULT told = {0, Bytes, Flags};
  // A message that is too long to be sent has no packet; a part of one that came has.
  BOOL partial = Error == WSAEMSGSIZE && Operation->Lower.Internal == LOWER_BUFFER_OVERFLOW;
  if (Result == 0 || partial) {
    InterlockedCompareExchange(&Operation->State, TOLD, STARTING);
    if (Result != 0) told.Error = (DWORD)Error;
    Tell(Operation, told);
  } else if (Error == WSA_IO_PENDING) {
    if (InterlockedCompareExchange(&Operation->State, STARTED, STARTING) == ENDED)
      Tell(Operation, Operation->Packet);
  } else {
    // It has not begun.
    SetStatus(Operation->App, (ULONG_PTR)Error);
    Release(Operation);
    PacketIsGone();
  }
  if (Result != 0) *lpErrno = Error;
  Release(Operation);
  return Result;
}

// Waits for the end of a block. One without an event is looked at after it stands on the list, and
// the list is gone through after a block was written.
static BOOL Await(LPWSAOVERLAPPED App) {
  WAITER waiter;
  if (EventOf(App) != NULL) return WaitForSingleObject(EventOf(App), INFINITE) == WAIT_OBJECT_0;
  waiter.App = App;
  waiter.Event = CreateEvent(NULL, TRUE, FALSE, NULL);
  if (waiter.Event == NULL) return FALSE;
  EnterCriticalSection(&gCriticalSection);
  InsertTailList(&gWaiters, &waiter.Link);
  LeaveCriticalSection(&gCriticalSection);
  if (IsPending(App)) WaitForSingleObject(waiter.Event, INFINITE);
  EnterCriticalSection(&gCriticalSection);
  RemoveEntryList(&waiter.Link);
  LeaveCriticalSection(&gCriticalSection);
  CloseHandle(waiter.Event);
  return TRUE;
}

BOOL OverlapResult(LPWSAOVERLAPPED App, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT lpErrno) {
  if (IsPending(App) && Wait && !Await(App)) {
    *lpErrno = WSA_INVALID_HANDLE;
    return FALSE;
  }
  if (IsPending(App)) {
    *lpErrno = WSA_IO_INCOMPLETE;
    return FALSE;
  }
  *Bytes = (DWORD)App->InternalHigh;
  if (App->OffsetHigh != 0) {
    // The flags stay as they were.
    *lpErrno = (INT)App->OffsetHigh;
    return FALSE;
  }
  *Flags = App->Offset;
  return TRUE;
}

// At the last WSPCleanup, when all sockets are closed: what was going on ends now.
VOID OverlapStop(VOID) {
  DWORD code = STILL_ACTIVE;
  if (gPort == NULL) return;
  WaitForSingleObjectEx(gIdle, 10000, FALSE);
  PostQueuedCompletionStatus(gPort, 0, 0, NULL);
  WaitForSingleObject(gWorker, 10000);
  GetExitCodeThread(gWorker, &code);
  if (code != 0) Trace(_T("the worker has not ended: %lu\n"), code);
  CloseHandle(gWorker);
  CloseHandle(gPort);
  CloseHandle(gIdle);
  gPort = NULL;
}
