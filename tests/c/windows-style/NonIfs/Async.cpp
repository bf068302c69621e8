// Async.cpp - WSPAsyncSelect: the provider below posts to a window of the layer's own, whose thread
// passes the message on with the number that the program knows.
#include "NonIfs.h"

#define WM_SOCKET (WM_USER + 1)
#define WM_STOP   (WM_USER + 2)

static HANDLE gThread;
static HANDLE gReady;
static HWND gWindow;
static LPCTSTR gClass = _T("ws2spi example: non-IFS layer");

static LRESULT CALLBACK WindowProc(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam) {
  LPSOCK_INFO info = NULL;
  switch (uMsg) {
    case WM_SOCKET:
      info = SockFindLower((SOCKET)wParam);
      if (info == NULL) return 0;
      if (info->hWnd != NULL &&
          !gUpCallTable.lpWPUPostMessage(info->hWnd, info->uMsg, (WPARAM)info->App, lParam))
        Trace(_T("WPUPostMessage failed: %lu\n"), GetLastError());
      // The number is given back when this was the last reference.
      SockRelease(info);
      return 0;
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

int AsyncSelect(LPSOCK_INFO Info, HWND hWnd, UINT uMsg, LONG lEvent, LPINT lpErrno) {
  HWND window = NULL;
  if (lEvent != 0 && !IsWindow(hWnd)) {
    *lpErrno = WSAEINVAL;
    return SOCKET_ERROR;
  }
  window = Window();
  if (window == NULL) {
    *lpErrno = WSAENOBUFS;
    return SOCKET_ERROR;
  }
  EnterCriticalSection(&gCriticalSection);
  Info->hWnd = lEvent == 0 ? NULL : hWnd;
  Info->uMsg = uMsg;
  Info->lEvent = lEvent;
  LeaveCriticalSection(&gCriticalSection);
  return NEXT(Info).lpWSPAsyncSelect(Info->Lower, window, WM_SOCKET, lEvent, lpErrno);
}

// What is wanted of a listener is wanted of the sockets that it accepts.
VOID AsyncInherit(LPSOCK_INFO Listener, SOCKET Accepted) {
  INT ignored;
  if (Listener->hWnd == NULL) return;
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
