// Lsp.h - what the files of a layer share: types, globals and helpers, as Windows' own layers have
// them.
//
// A layer stands in several chains (TCP and UDP, IPv4 and IPv6), each with its own entry and its
// own provider below: a PROVIDER. Every open socket has a SOCKET_CONTEXT in a table that is
// searched by the socket.
#pragma once

// Any number of sockets in a set, as the source chooses it.
#define FD_SETSIZE 1024

#include <Winsock2.h>
#include <Ws2tcpip.h>
#include <MSWSock.h>
#include <Ws2spi.h>
#include <Windows.h>
#include <SpOrder.h>
#include <TCHAR.H>
#include <ObjBase.h>
#include <StrSafe.h>
#include <stdio.h>
#include <stdarg.h>

#pragma comment(lib, "ws2_32.lib")

typedef struct _PROVIDER {
  LIST_ENTRY Link;
  WSAPROTOCOL_INFOW Own;   // The chain that programs open.
  WSAPROTOCOL_INFOW Next;  // What the provider below is told.
  WSPPROC_TABLE NextProcTable;
  HMODULE Module;
} PROVIDER, *LPPROVIDER;

typedef struct __declspec(uuid("6c2f1b0e-8f3a-4d6e-9d0b-5b1d3f6a7c21")) _SOCKET_CONTEXT {
  LIST_ENTRY Link;
  SOCKET Socket;
  LPPROVIDER Provider;
  volatile LONG Sends;
} SOCKET_CONTEXT, *LPSOCKET_CONTEXT;

extern "C" {
extern const GUID gLayerGuid;
}
extern HINSTANCE gInstance;
extern HANDLE gHeap;  // A private heap: what is left in it goes with the DLL.
extern CRITICAL_SECTION gCriticalSection;
extern WSPUPCALLTABLE gUpCallTable;

// Trace.cpp: text for a debugger.
BOOL TraceAttach(VOID);
VOID TraceDetachThread(VOID);
VOID TraceDetach(VOID);
VOID __cdecl Trace(_In_z_ _Printf_format_string_ LPCTSTR Format, ...);
VOID TraceEntry(__in LPCSTR Function, __in const WSAPROTOCOL_INFOW *Entry);

// Statistics.cpp: counts that processes share.
VOID StatisticsStart(VOID);
VOID StatisticsCount(VOID);
VOID StatisticsStop(VOID);

// Memory.cpp: the private heap.
LPVOID LspAlloc(__in SIZE_T Size, __out LPINT lpErrno);
VOID LspFree(__in_opt LPVOID Memory);

// Provider.cpp: chains and the providers below.
int ProviderStartup(__in LPWSAPROTOCOL_INFOW Entry, __deref_out LPPROVIDER *Provider);
LPPROVIDER ProviderFind(__in_opt LPWSAPROTOCOL_INFOW Entry, __out LPINT lpErrno);
int ProviderCleanup(__out LPINT lpErrno);
BOOL ProviderIsLast(VOID);
int ProviderCancelBlockingCall(__out LPINT lpErrno);
INT WSPAPI ProviderAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                                   LPDWORD lpdwAddressStringLength, LPINT lpErrno);
INT WSPAPI ProviderStringToAddress(LPWSTR AddressString, INT AddressFamily,
                                   LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                                   LPINT lpAddressLength, LPINT lpErrno);

// Context.cpp: sockets.
BOOL ContextInsert(__in SOCKET Socket, __in LPPROVIDER Provider, __out LPINT lpErrno);
LPPROVIDER ContextProvider(__in SOCKET Socket, __out_opt LPINT lpErrno);
VOID ContextCountSend(__in SOCKET Socket);
VOID ContextRemove(__in SOCKET Socket);
VOID ContextRemoveAll(VOID);

// LIST_ENTRY as the driver kit has it.
__forceinline VOID InitializeListHead(_Out_ PLIST_ENTRY Head) { Head->Flink = Head->Blink = Head; }

__forceinline VOID InsertTailList(_Inout_ PLIST_ENTRY Head, _Inout_ PLIST_ENTRY Entry) {
  Entry->Flink = Head;
  Entry->Blink = Head->Blink;
  Head->Blink->Flink = Entry;
  Head->Blink = Entry;
}

__forceinline VOID RemoveEntryList(_In_ PLIST_ENTRY Entry) {
  Entry->Blink->Flink = Entry->Flink;
  Entry->Flink->Blink = Entry->Blink;
}
