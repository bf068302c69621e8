/*
 * The part of Microsoft's winuser.h that message-only windows need: classes, windows under
 * HWND_MESSAGE, the message queue of a thread. Nothing that is drawn.
 */
#ifndef _WINUSER_
#define _WINUSER_

#include "windef.h"
#include "winnt.h"

#define WM_NULL      0x0000
#define WM_CREATE    0x0001
#define WM_DESTROY   0x0002
#define WM_CLOSE     0x0010
#define WM_QUIT      0x0012
#define WM_NCCREATE  0x0081
#define WM_NCDESTROY 0x0082
#define WM_TIMER     0x0113
#define WM_USER      0x0400
#define WM_APP       0x8000

#define QS_TIMER          0x0010
#define QS_POSTMESSAGE    0x0008
#define QS_ALLPOSTMESSAGE 0x0100
#define QS_SENDMESSAGE    0x0040
#define QS_ALLEVENTS      0x04BF
#define QS_ALLINPUT       0x04FF

#define MWMO_WAITALL        0x0001
#define MWMO_ALERTABLE      0x0002
#define MWMO_INPUTAVAILABLE 0x0004

#define USER_TIMER_MAXIMUM 0x7FFFFFFF
#define USER_TIMER_MINIMUM 0x0000000A

#define PM_NOREMOVE 0x0000
#define PM_REMOVE   0x0001
#define PM_NOYIELD  0x0002

#define HWND_BROADCAST      ((HWND)(ULONG_PTR)0xffff)
#define HWND_MESSAGE        ((HWND)(LONG_PTR)-3)
#define CW_USEDEFAULT       ((int)0x80000000)
#define WS_OVERLAPPED       0x00000000
#define WS_POPUP            0x80000000
#define WS_OVERLAPPEDWINDOW 0x00CF0000

#define MAKEINTATOM(atom)        ((LPTSTR)(ULONG_PTR)(WORD)(atom))
#define MAKEINTRESOURCEA(number) ((LPSTR)(ULONG_PTR)(WORD)(number))
#define MAKEINTRESOURCEW(number) ((LPWSTR)(ULONG_PTR)(WORD)(number))

WS2SPI_BEGIN_DECLS

typedef LRESULT(WINAPI *WNDPROC)(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
typedef VOID(WINAPI *TIMERPROC)(HWND hWnd, UINT uMsg, UINT_PTR idEvent, DWORD dwTime);

typedef struct tagWNDCLASSA {
  UINT style;
  WNDPROC lpfnWndProc;
  int cbClsExtra;
  int cbWndExtra;
  HINSTANCE hInstance;
  HICON hIcon;
  HCURSOR hCursor;
  HBRUSH hbrBackground;
  LPCSTR lpszMenuName;
  LPCSTR lpszClassName;
} WNDCLASSA, *PWNDCLASSA, *LPWNDCLASSA;

typedef struct tagWNDCLASSW {
  UINT style;
  WNDPROC lpfnWndProc;
  int cbClsExtra;
  int cbWndExtra;
  HINSTANCE hInstance;
  HICON hIcon;
  HCURSOR hCursor;
  HBRUSH hbrBackground;
  LPCWSTR lpszMenuName;
  LPCWSTR lpszClassName;
} WNDCLASSW, *PWNDCLASSW, *LPWNDCLASSW;

typedef struct tagMSG {
  HWND hwnd;
  UINT message;
  WPARAM wParam;
  LPARAM lParam;
  DWORD time;
  POINT pt;
} MSG, *PMSG, *LPMSG;

/* What lParam of WM_NCCREATE and WM_CREATE points to: the arguments of CreateWindowEx. */
typedef struct tagCREATESTRUCTA {
  LPVOID lpCreateParams;
  HINSTANCE hInstance;
  HMENU hMenu;
  HWND hwndParent;
  int cy;
  int cx;
  int y;
  int x;
  LONG style;
  LPCSTR lpszName;
  LPCSTR lpszClass;
  DWORD dwExStyle;
} CREATESTRUCTA, *LPCREATESTRUCTA;

typedef struct tagCREATESTRUCTW {
  LPVOID lpCreateParams;
  HINSTANCE hInstance;
  HMENU hMenu;
  HWND hwndParent;
  int cy;
  int cx;
  int y;
  int x;
  LONG style;
  LPCWSTR lpszName;
  LPCWSTR lpszClass;
  DWORD dwExStyle;
} CREATESTRUCTW, *LPCREATESTRUCTW;

ATOM WINAPI RegisterClassA(const WNDCLASSA *lpWndClass);
ATOM WINAPI RegisterClassW(const WNDCLASSW *lpWndClass);
BOOL WINAPI UnregisterClassA(LPCSTR lpClassName, HINSTANCE hInstance);
BOOL WINAPI UnregisterClassW(LPCWSTR lpClassName, HINSTANCE hInstance);
HWND WINAPI CreateWindowExA(DWORD dwExStyle, LPCSTR lpClassName, LPCSTR lpWindowName, DWORD dwStyle,
                            int X, int Y, int nWidth, int nHeight, HWND hWndParent, HMENU hMenu,
                            HINSTANCE hInstance, LPVOID lpParam);
HWND WINAPI CreateWindowExW(DWORD dwExStyle, LPCWSTR lpClassName, LPCWSTR lpWindowName,
                            DWORD dwStyle, int X, int Y, int nWidth, int nHeight, HWND hWndParent,
                            HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam);
BOOL WINAPI DestroyWindow(HWND hWnd);
BOOL WINAPI IsWindow(HWND hWnd);
LRESULT WINAPI DefWindowProcA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
LRESULT WINAPI DefWindowProcW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
BOOL WINAPI PostMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
BOOL WINAPI PostMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
BOOL WINAPI PostThreadMessageA(DWORD idThread, UINT Msg, WPARAM wParam, LPARAM lParam);
BOOL WINAPI PostThreadMessageW(DWORD idThread, UINT Msg, WPARAM wParam, LPARAM lParam);
UINT_PTR WINAPI SetTimer(HWND hWnd, UINT_PTR nIDEvent, UINT uElapse, TIMERPROC lpTimerFunc);
BOOL WINAPI KillTimer(HWND hWnd, UINT_PTR uIDEvent);
DWORD WINAPI MsgWaitForMultipleObjects(DWORD nCount, const HANDLE *pHandles, BOOL fWaitAll,
                                       DWORD dwMilliseconds, DWORD dwWakeMask);
DWORD WINAPI MsgWaitForMultipleObjectsEx(DWORD nCount, const HANDLE *pHandles, DWORD dwMilliseconds,
                                         DWORD dwWakeMask, DWORD dwFlags);
VOID WINAPI PostQuitMessage(int nExitCode);
BOOL WINAPI PeekMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                         UINT wRemoveMsg);
BOOL WINAPI PeekMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                         UINT wRemoveMsg);
BOOL WINAPI GetMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax);
BOOL WINAPI GetMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax);
BOOL WINAPI TranslateMessage(const MSG *lpMsg);
LRESULT WINAPI DispatchMessageA(const MSG *lpMsg);
LRESULT WINAPI DispatchMessageW(const MSG *lpMsg);

WS2SPI_END_DECLS

#define CreateWindowA(class_name, name, style, x, y, width, height, parent, menu, instance, param) \
  CreateWindowExA(0, class_name, name, style, x, y, width, height, parent, menu, instance, param)
#define CreateWindowW(class_name, name, style, x, y, width, height, parent, menu, instance, param) \
  CreateWindowExW(0, class_name, name, style, x, y, width, height, parent, menu, instance, param)

#ifdef UNICODE
typedef WNDCLASSW WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef CREATESTRUCTW CREATESTRUCT, *LPCREATESTRUCT;
#define MAKEINTRESOURCE   MAKEINTRESOURCEW
#define RegisterClass     RegisterClassW
#define UnregisterClass   UnregisterClassW
#define CreateWindow      CreateWindowW
#define CreateWindowEx    CreateWindowExW
#define DefWindowProc     DefWindowProcW
#define PostMessage       PostMessageW
#define PeekMessage       PeekMessageW
#define PostThreadMessage PostThreadMessageW
#define GetMessage        GetMessageW
#define DispatchMessage   DispatchMessageW
#else
typedef WNDCLASSA WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef CREATESTRUCTA CREATESTRUCT, *LPCREATESTRUCT;
#define MAKEINTRESOURCE   MAKEINTRESOURCEA
#define RegisterClass     RegisterClassA
#define UnregisterClass   UnregisterClassA
#define CreateWindow      CreateWindowA
#define CreateWindowEx    CreateWindowExA
#define DefWindowProc     DefWindowProcA
#define PostMessage       PostMessageA
#define PeekMessage       PeekMessageA
#define PostThreadMessage PostThreadMessageA
#define GetMessage        GetMessageA
#define DispatchMessage   DispatchMessageA
#endif

#endif
