// Overlap.cpp - overlapped operations: begun below with blocks of the layer's own, collected by
// threads at a completion port of its own, told to the program with WPUCompleteOverlappedRequest or
// WPUQueueApc.
#include "NonIFS.h"

#define MAX_WORKERS 4

static HANDLE gPort;
static HANDLE gWorkers[MAX_WORKERS];
static DWORD gWorkerCount;
static volatile LONG gOperations;
static HANDLE gIdle;  // Signaled while there is no operation.

static VOID Free(LPLSP_OPERATION Operation) {
  INT ignored;
  if (Operation->ThreadOpened) gUpCallTable.lpWPUCloseThread(&Operation->Thread, &ignored);
  SockRelease(Operation->Socket);
  LspFree(Operation);
  EnterCriticalSection(&gCriticalSection);
  if (--gOperations == 0) SetEvent(gIdle);
  LeaveCriticalSection(&gCriticalSection);
}

static VOID CALLBACK Apc(DWORD_PTR Context) {
  LPLSP_OPERATION operation = (LPLSP_OPERATION)Context;
  operation->App->Internal = operation->Error;
  operation->Routine(operation->Error, operation->Bytes, operation->App, operation->Flags);
  Free(operation);
}

static VOID Complete(LPLSP_OPERATION Operation) {
  INT error;
  LPWSAOVERLAPPED app = Operation->App;
  app->OffsetHigh = Operation->Error;
  app->Offset = Operation->Flags;
  app->InternalHigh = Operation->Bytes;
  if (Operation->Routine != NULL) {
    if (gUpCallTable.lpWPUQueueApc(&Operation->Thread, Apc, (DWORD_PTR)Operation, &error) == 0)
      return;
    Trace(_T("WPUQueueApc failed: %d\n"), error);
    app->Internal = Operation->Error;
  } else if (WPUCompleteOverlappedRequest(Operation->Socket->App, app, Operation->Error,
                                          Operation->Bytes, &error) == SOCKET_ERROR) {
    Trace(_T("WPUCompleteOverlappedRequest failed: %d\n"), error);
  }
  Free(Operation);
}

static DWORD WINAPI Worker(LPVOID Parameter) {
  HANDLE port = (HANDLE)Parameter;
  for (;;) {
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    LPOVERLAPPED lower = NULL;
    INT error = 0;
    BOOL succeeded = GetQueuedCompletionStatus(port, &bytes, &key, &lower, INFINITE);
    if (lower == NULL) break;
    LPLSP_OPERATION operation = CONTAINING_RECORD(lower, LSP_OPERATION, Lower);
    LPSOCK_INFO info = operation->Socket;
    if (!NEXT(info).lpWSPGetOverlappedResult(info->Lower, lower, &bytes, FALSE, &operation->Flags,
                                             &error)) {
      // A socket that was closed below can tell no more.
      if (error == WSAENOTSOCK) error = succeeded ? 0 : WSA_OPERATION_ABORTED;
    }
    operation->Error = error;
    operation->Bytes = bytes;
    Complete(operation);
  }
  ExitThread(0);
  return 0;
}

// The port and a thread for each processor.
static BOOL Start(VOID) {
  BOOL started = TRUE;
  SYSTEM_INFO system;
  EnterCriticalSection(&gCriticalSection);
  if (gPort == NULL) {
    GetSystemInfo(&system);
    gIdle = CreateEvent(NULL, TRUE, TRUE, NULL);
    gPort = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    gWorkerCount = min(system.dwNumberOfProcessors, (DWORD)MAX_WORKERS);
    for (DWORD i = 0; gPort != NULL && i < gWorkerCount; i++) {
      gWorkers[i] = CreateThread(NULL, 0, Worker, gPort, 0, NULL);
      if (gWorkers[i] == NULL) started = FALSE;
    }
  }
  LeaveCriticalSection(&gCriticalSection);
  return started && gPort != NULL;
}

LPLSP_OPERATION OverlapBegin(LPSOCK_INFO Info, LPWSAOVERLAPPED App,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
                             LPINT lpErrno) {
  LPLSP_OPERATION operation = NULL;
  if (!Start()) {
    *lpErrno = WSAENOBUFS;
    return NULL;
  }
  EnterCriticalSection(&gCriticalSection);
  if (!Info->OnPort)
    Info->OnPort = CreateIoCompletionPort((HANDLE)Info->Lower, gPort, 0, 0) != NULL;
  LeaveCriticalSection(&gCriticalSection);
  if (Info->OnPort)
    operation = (LPLSP_OPERATION)LspAlloc(sizeof(*operation), lpErrno);
  else
    *lpErrno = WSAEOPNOTSUPP;
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
  operation->Socket = Info;
  operation->App = App;
  operation->Routine = Routine;
  EnterCriticalSection(&gCriticalSection);
  Info->References++;
  if (gOperations++ == 0) ResetEvent(gIdle);
  LeaveCriticalSection(&gCriticalSection);
  App->Internal = WSS_OPERATION_IN_PROGRESS;
  App->InternalHigh = 0;
  // The low bit keeps packets away; it is no part of the event.
  if (Routine == NULL && App->hEvent != NULL)
    ResetEvent((HANDLE)((ULONG_PTR)App->hEvent & ~(ULONG_PTR)1));
  return operation;
}

// A packet comes for what succeeded at once, too: the program waits for it in either case.
int OverlapStarted(LPLSP_OPERATION Operation, int Result, LPINT lpErrno) {
  if (Result == 0) *lpErrno = WSA_IO_PENDING;
  if (*lpErrno != WSA_IO_PENDING) {
    Operation->App->Internal = *lpErrno;
    Free(Operation);
  }
  return SOCKET_ERROR;
}

BOOL OverlapResult(LPWSAOVERLAPPED App, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT lpErrno) {
  volatile ULONG_PTR *status = &App->Internal;
  while (*status == WSS_OPERATION_IN_PROGRESS) {
    HANDLE event = (HANDLE)((ULONG_PTR)App->hEvent & ~(ULONG_PTR)1);
    if (!Wait) {
      *lpErrno = WSA_IO_INCOMPLETE;
      return FALSE;
    }
    if (event != NULL)
      WaitForSingleObject(event, 10);
    else
      Sleep(1);
  }
  *Bytes = (DWORD)App->InternalHigh;
  *Flags = App->Offset;
  if (App->OffsetHigh == 0) return TRUE;
  *lpErrno = App->OffsetHigh;
  return FALSE;
}

// At the last WSPCleanup, when all sockets are closed: what was going on has ended or ends now.
VOID OverlapStop(VOID) {
  DWORD code = STILL_ACTIVE;
  if (gPort == NULL) return;
  // Completion routines of this thread run meanwhile.
  while (WaitForSingleObjectEx(gIdle, 10000, TRUE) == WAIT_IO_COMPLETION)
    ;
  for (DWORD i = 0; i < gWorkerCount; i++) PostQueuedCompletionStatus(gPort, 0, 0, NULL);
  WaitForMultipleObjectsEx(gWorkerCount, gWorkers, TRUE, 10000, FALSE);
  for (DWORD i = 0; i < gWorkerCount; i++) {
    GetExitCodeThread(gWorkers[i], &code);
    if (code != 0) Trace(_T("a worker has not ended: %lu\n"), code);
    CloseHandle(gWorkers[i]);
  }
  CloseHandle(gPort);
  CloseHandle(gIdle);
  gPort = NULL;
}
