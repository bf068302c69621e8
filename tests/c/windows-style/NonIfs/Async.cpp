// Async.cpp - WSPAsyncSelect: the provider below posts to a window of the layer's own, whose thread
// passes the message on with the number that the program knows.
#include "NonIfs.h"

// Each registration has a message of its own, its tag. A message with another is of one that was
// replaced, or of the one that an accepted socket inherited below, before anybody knew its number:
// it is dropped, and the accepted socket is registered anew.
#define WM_FIRST_TAG WM_APP
#define TAG_COUNT    0x3000
#define WM_STOP      (WM_APP + TAG_COUNT)

static HANDLE gThread;
static HANDLE gReady;
static HWND gWindow;
static UINT gLastTag;
static LPCTSTR gClass = _T("ws2spi example: non-IFS layer");

// Posts on what a socket below is told.
static VOID PostOn(SOCKET Lower, UINT Tag, LPARAM lParam) {
  LPSOCK_INFO info = SockFindTag(Lower, Tag);
  if (info == NULL) return;
  if (!gUpCallTable.lpWPUPostMessage(info->hWnd, info->uMsg, (WPARAM)info->App, lParam))
    Trace(_T("WPUPostMessage failed: %lu\n"), GetLastError());
  // The number is given back when this was the last reference.
  SockRelease(info);
}

static LRESULT CALLBACK WindowProc(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam) {
  if (uMsg >= WM_FIRST_TAG && uMsg < WM_FIRST_TAG + TAG_COUNT) {
    PostOn((SOCKET)wParam, uMsg, lParam);
    return 0;
  }
  switch (uMsg) {
    case WM_STOP:
      DestroyWindow(hWnd);
      return 0;
    case WM_DESTROY:
      PostQuitMessage(0);
      return 0;
  }
  return DefWindowProc(hWnd, uMsg, wParam, lParam);
}

static DWORD WINAPI WindowThread(LPVOID Parameter) {
  WNDCLASS cls;
  MSG msg;
  ZeroMemory(&cls, sizeof(cls));
  cls.lpfnWndProc = (WNDPROC)WindowProc;
  cls.hInstance = gInstance;
  cls.lpszClassName = gClass;
  if (RegisterClass(&cls) == 0) Trace(_T("RegisterClass failed: %lu\n"), GetLastError());
  gWindow = CreateWindow(gClass, _T(""), WS_OVERLAPPEDWINDOW, CW_USEDEFAULT, CW_USEDEFAULT,
                         CW_USEDEFAULT, CW_USEDEFAULT, NULL, NULL, gInstance, NULL);
  SetEvent((HANDLE)Parameter);
  if (gWindow == NULL) return GetLastError();
  while (GetMessage(&msg, NULL, 0, 0) > 0) {
    TranslateMessage(&msg);
    DispatchMessage(&msg);
  }
  UnregisterClass(gClass, gInstance);
  return 0;
}

// The window, made by its thread at the first need.
static HWND Window(VOID) {
  EnterCriticalSection(&gCriticalSection);
  if (gThread == NULL) {
    gReady = CreateEvent(NULL, TRUE, FALSE, NULL);
    gThread = CreateThread(NULL, 0, WindowThread, gReady, 0, NULL);
  }
  LeaveCriticalSection(&gCriticalSection);
  if (gThread == NULL) return NULL;
  WaitForSingleObject(gReady, INFINITE);
  return gWindow;
}

// No message of the socket is posted on any more.
VOID AsyncForget(LPSOCK_INFO Info) {
  EnterCriticalSection(&gCriticalSection);
  Info->Tag = 0;
  LeaveCriticalSection(&gCriticalSection);
}

// A call that fails leaves what was registered before.
int AsyncSelect(LPSOCK_INFO Info, HWND hWnd, UINT uMsg, LONG lEvent, LPINT lpErrno) {
  HWND window = NULL;
  SOCK_INFO before;
  UINT tag = 0;
  int result = SOCKET_ERROR;
  if (lEvent == 0) {
    result = NEXT(Info).lpWSPAsyncSelect(Info->Lower, NULL, 0, 0, lpErrno);
    if (result == 0) AsyncForget(Info);
    return result;
  }
  if (!IsWindow(hWnd)) {
    *lpErrno = WSAEINVAL;
    return SOCKET_ERROR;
  }
  window = Window();
  if (window == NULL) {
    *lpErrno = WSAENOBUFS;
    return SOCKET_ERROR;
  }
  // Noted first: what holds is posted before the call below returns.
  EnterCriticalSection(&gCriticalSection);
  before = *Info;
  tag = WM_FIRST_TAG + gLastTag++ % TAG_COUNT;
  Info->Tag = tag;
  Info->hWnd = hWnd;
  Info->uMsg = uMsg;
  Info->lEvent = lEvent;
  LeaveCriticalSection(&gCriticalSection);
  result = NEXT(Info).lpWSPAsyncSelect(Info->Lower, window, tag, lEvent, lpErrno);
  if (result == SOCKET_ERROR) {
    EnterCriticalSection(&gCriticalSection);
    Info->Tag = before.Tag;
    Info->hWnd = before.hWnd;
    Info->uMsg = before.uMsg;
    Info->lEvent = before.lEvent;
    LeaveCriticalSection(&gCriticalSection);
  }
  return result;
}

// What is wanted of a listener is wanted of the sockets that it accepts.
VOID AsyncInherit(LPSOCK_INFO Listener, SOCKET Accepted) {
  INT ignored;
  if (Listener->Tag == 0) return;
  LPSOCK_INFO info = SockFind(Accepted, &ignored);
  if (info == NULL) return;
  AsyncSelect(info, Listener->hWnd, Listener->uMsg, Listener->lEvent, &ignored);
  SockRelease(info);
}

VOID AsyncStop(VOID) {
  if (gThread == NULL) return;
  WaitForSingleObject(gReady, INFINITE);
  if (gWindow != NULL) PostMessage(gWindow, WM_STOP, 0, 0);
  WaitForSingleObject(gThread, INFINITE);
  CloseHandle(gThread);
  CloseHandle(gReady);
  gThread = NULL;
  gWindow = NULL;
}
