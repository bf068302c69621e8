/* Base.h - what the files of the base provider share. */
#pragma once

#define WIN32_NO_STATUS
#include <WinSock2.h>
#include <Ws2tcpip.h>
#include <MSWSock.h>
#include <Ws2spi.h>
#include <Windows.h>
#undef WIN32_NO_STATUS
#include <WinTernl.h>
#include <NtStatus.h>
#include "Device.h"

#define MAX_DATAGRAM 65507

extern WSPUPCALLTABLE gUpCallTable;

/* Base.c */
INT ErrorOf(DWORD Error);
int Fail(LPINT lpErrno, INT Error);
DWORD Control(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut, DWORD cbOut,
              DWORD dwTimeout, LPDWORD lpBytes);
BOOL Enter(SOCKET s, DGRAM_STATE *State, LPINT lpErrno);

/* Transfer.c */
int WSPAPI BaseSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                    DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI BaseSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                      DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                      LPWSAOVERLAPPED lpOverlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                      LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI BaseRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                    LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno);
int WSPAPI BaseRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                        LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
                        LPWSAOVERLAPPED lpOverlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                        LPWSATHREADID lpThreadId, LPINT lpErrno);
BOOL WSPAPI BaseGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                    BOOL fWait, LPDWORD lpdwFlags, LPINT lpErrno);

/* Readiness.c */
int WSPAPI BaseSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                      const struct timeval *timeout, LPINT lpErrno);
int WSPAPI BaseEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents, LPINT lpErrno);
int WSPAPI BaseEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                 LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno);
