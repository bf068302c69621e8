// Statistics.cpp - counts of the sockets of all processes that have the layer, in a page that they
// share; a thread of the layer traces them when they have changed. With LSP_STATISTICS in the
// environment only.
#include "Lsp.h"

typedef struct _STATISTICS_PAGE {
  volatile LONG Opened;
  volatile LONG Processes;
} STATISTICS_PAGE;

static const TCHAR gPageName[] = _T("ws2spi example layer statistics");

static HANDLE gMapping;
static STATISTICS_PAGE *gPage;
static HANDLE gStop;
static HANDLE gChanged;  // A semaphore: one for each change that was not told.
static HANDLE gMonitor;
static HANDLE gStarter;  // The thread that has started the layer.

static DWORD WINAPI Monitor(LPVOID Parameter) {
  HANDLE handles[2] = {gStop, gChanged};
  UNREFERENCED_PARAMETER(Parameter);
  while (WaitForMultipleObjects(2, handles, FALSE, INFINITE) == WAIT_OBJECT_0 + 1)
    Trace(_T("sockets opened: %ld\n"), gPage->Opened);
  DWORD code = 0;
  if (gStarter != NULL && GetExitCodeThread(gStarter, &code) && code == STILL_ACTIVE)
    Trace(_T("the thread that has started the layer is still there\n"));
  return 0;
}

// The page of another process, or one of our own, which is zero.
static BOOL MapPage(VOID) {
  gMapping = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, gPageName);
  if (gMapping == NULL)
    gMapping = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                 sizeof(STATISTICS_PAGE), gPageName);
  if (gMapping == NULL) return FALSE;
  gPage = (STATISTICS_PAGE *)MapViewOfFile(gMapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
  return gPage != NULL;
}

static BOOL IsWanted(VOID) {
  TCHAR value[32];
  // What is not set stays as it is written.
  return ExpandEnvironmentStrings(_T("%LSP_STATISTICS%"), value, 32) != 0 && value[0] != _T('%');
}

// At the first WSPStartup: the layer works without, too.
VOID StatisticsStart(VOID) {
  HANDLE same = NULL;
  if (!IsWanted()) return;
  EnterCriticalSection(&gCriticalSection);
  if (gPage == NULL && MapPage()) {
    InterlockedIncrement(&gPage->Processes);
    // By its number, or by what it calls itself where that is refused.
    gStarter = OpenThread(THREAD_QUERY_INFORMATION, FALSE, GetCurrentThreadId());
    if (gStarter == NULL &&
        DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &same, 0,
                        FALSE, DUPLICATE_SAME_ACCESS))
      gStarter = same;
    gStop = CreateEvent(NULL, TRUE, FALSE, NULL);
    gChanged = CreateSemaphore(NULL, 0, 1, NULL);
    if (gStop != NULL && gChanged != NULL) gMonitor = CreateThread(NULL, 0, Monitor, NULL, 0, NULL);
  }
  LeaveCriticalSection(&gCriticalSection);
}

VOID StatisticsCount(VOID) {
  EnterCriticalSection(&gCriticalSection);
  if (gPage != NULL) {
    InterlockedIncrement(&gPage->Opened);
    // A change that was not told yet is told together with this one.
    if (gChanged != NULL) ReleaseSemaphore(gChanged, 1, NULL);
  }
  LeaveCriticalSection(&gCriticalSection);
}

static VOID Close(HANDLE *Handle) {
  if (*Handle != NULL) CloseHandle(*Handle);
  *Handle = NULL;
}

// At the last WSPCleanup.
VOID StatisticsStop(VOID) {
  if (gMonitor != NULL) {
    SetEvent(gStop);
    WaitForSingleObject(gMonitor, INFINITE);
  }
  EnterCriticalSection(&gCriticalSection);
  if (gPage != NULL) {
    InterlockedDecrement(&gPage->Processes);
    UnmapViewOfFile((LPCVOID)gPage);
  }
  gPage = NULL;
  Close(&gMonitor);
  Close(&gStarter);
  Close(&gStop);
  Close(&gChanged);
  Close(&gMapping);
  LeaveCriticalSection(&gCriticalSection);
}
