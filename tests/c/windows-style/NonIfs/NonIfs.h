// NonIfs.h - what the files of the non-IFS layer share: a record for each socket, overlapped
// operations, the window.
#pragma once

#include "..\common\lsp.h"

// A socket: the program's number, minted by WPUCreateSocketHandle, and the one below.
typedef struct _SOCK_INFO {
  LIST_ENTRY Link;
  DWORD Index;  // The context of the program's number.
  SOCKET App;
  SOCKET Lower;
  LPPROVIDER Provider;
  LONG References;  // The open socket, calls and operations.
  BOOL Closed;
  BOOL Synchronous;  // Made without WSA_FLAG_OVERLAPPED, or from one that was.
  BOOL OnPort;
  // WSPAsyncSelect's, of the program; Tag is the message below, 0 for none.
  HWND hWnd;
  UINT uMsg;
  LONG lEvent;
  UINT Tag;
} SOCK_INFO, *LPSOCK_INFO;

typedef struct _LSP_RESULT {
  DWORD Error;
  DWORD Bytes;
  DWORD Flags;
} LSP_RESULT;

// An overlapped operation, with the block that the provider below knows.
typedef struct _LSP_OPERATION {
  WSAOVERLAPPED Lower;
  LIST_ENTRY Link;  // Behind another routine of the same socket.
  volatile LONG State;
  volatile LONG References;  // The call that is going on, the packet that is to come, the routine.
  LPSOCK_INFO Socket;
  LPWSAOVERLAPPED App;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine;
  WSATHREADID Thread;
  BOOL ThreadOpened;
  LSP_RESULT Packet;  // What the worker found.
  LSP_RESULT Told;    // What the routine is told.
} LSP_OPERATION, *LPLSP_OPERATION;

#define NEXT(info) ((info)->Provider->NextProcTable)

// Sockets.cpp
LPSOCK_INFO SockFind(__in SOCKET s, __out LPINT lpErrno);
LPSOCK_INFO SockFindTag(__in SOCKET Lower, __in UINT Tag);
VOID SockReference(__in LPSOCK_INFO Info);
VOID SockRelease(__in LPSOCK_INFO Info);
SOCKET SockPresent(__in LPPROVIDER Provider, __in SOCKET Lower, __in BOOL Synchronous,
                   __out LPINT lpErrno);
int SockClose(__in LPSOCK_INFO Info, __out LPINT lpErrno);
VOID SockCloseAll(VOID);

// Overlap.cpp
BOOL OverlapApplies(__in LPSOCK_INFO Info, __in_opt LPWSAOVERLAPPED App);
LPLSP_OPERATION OverlapBegin(__in LPSOCK_INFO Info, __in LPWSAOVERLAPPED App,
                             __in_opt LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine,
                             __in_opt LPWSATHREADID Thread, __out LPINT lpErrno);
int OverlapStarted(__in LPLSP_OPERATION Operation, int Result, INT Error, DWORD Bytes, DWORD Flags,
                   __out LPINT lpErrno);
BOOL OverlapResult(__in LPWSAOVERLAPPED App, __out LPDWORD Bytes, BOOL Wait, __out LPDWORD Flags,
                   __out LPINT lpErrno);
VOID OverlapStop(VOID);

// Transfer.cpp
int WSPAPI LspRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno);
int WSPAPI LspRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                       LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI LspSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno);
int WSPAPI LspSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                     DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI LspIoctl(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut, DWORD cbOut,
                    LPDWORD lpcbReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno);
BOOL WSPAPI LspGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                   BOOL fWait, LPDWORD lpdwFlags, LPINT lpErrno);

// Extension.cpp
BOOL ExtensionExchange(__in const GUID *Id, __inout LPVOID *Function);

// Select.cpp
int WSPAPI LspSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                     const struct timeval *timeout, LPINT lpErrno);

// Async.cpp
int AsyncSelect(LPSOCK_INFO Info, HWND hWnd, UINT uMsg, LONG lEvent, LPINT lpErrno);
VOID AsyncForget(LPSOCK_INFO Info);
VOID AsyncInherit(LPSOCK_INFO Listener, SOCKET Accepted);
VOID AsyncStop(VOID);
