// NonIfs.h - what the files of the non-IFS layer share: a record for each socket, overlapped
// operations, the window.
#pragma once

#include "..\common\lsp.h"

// A socket: the program's number, minted by WPUCreateSocketHandle, and the one below.
typedef struct _SOCK_INFO {
  LIST_ENTRY Link;
  SOCKET App;
  SOCKET Lower;
  LPPROVIDER Provider;
  LONG References;  // The open socket, calls and operations.
  BOOL Closed;
  BOOL OnPort;
  HWND hWnd;  // WSPAsyncSelect's, of the program.
  UINT uMsg;
  LONG lEvent;
} SOCK_INFO, *LPSOCK_INFO;

// An overlapped operation, with the block that the provider below knows.
typedef struct _LSP_OPERATION {
  WSAOVERLAPPED Lower;
  LPSOCK_INFO Socket;
  LPWSAOVERLAPPED App;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine;
  WSATHREADID Thread;
  BOOL ThreadOpened;
  DWORD Error;
  DWORD Bytes;
  DWORD Flags;
} LSP_OPERATION, *LPLSP_OPERATION;

#define NEXT(info) ((info)->Provider->NextProcTable)

// Sockets.cpp
LPSOCK_INFO SockFind(__in SOCKET s, __out LPINT lpErrno);
LPSOCK_INFO SockFindLower(__in SOCKET Lower);
VOID SockRelease(__in LPSOCK_INFO Info);
SOCKET SockPresent(__in LPPROVIDER Provider, __in SOCKET Lower, __out LPINT lpErrno);
int SockClose(__in LPSOCK_INFO Info, __out LPINT lpErrno);
VOID SockCloseAll(VOID);

// Overlap.cpp
LPLSP_OPERATION OverlapBegin(LPSOCK_INFO Info, LPWSAOVERLAPPED App,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
                             LPINT lpErrno);
int OverlapStarted(LPLSP_OPERATION Operation, int Result, LPINT lpErrno);
BOOL OverlapResult(LPWSAOVERLAPPED App, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT lpErrno);
VOID OverlapStop(VOID);

// Async.cpp
int AsyncSelect(LPSOCK_INFO Info, HWND hWnd, UINT uMsg, LONG lEvent, LPINT lpErrno);
VOID AsyncInherit(LPSOCK_INFO Listener, SOCKET Accepted);
VOID AsyncStop(VOID);
