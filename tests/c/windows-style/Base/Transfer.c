/*
 * Transfer.c - sends and receives. Overlapped ones are requests with the program's own block, whose
 * end the system tells: the event in it, the port that the socket is on, or a routine, for which
 * the request is made with NtDeviceIoControlFile.
 */
#include "Base.h"

/* A routine that is to be called, until it has been. */
typedef struct _ROUTINE {
  LPWSAOVERLAPPED Block;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine;
} ROUTINE;

/* A part of a datagram is told by an error and this flag. */
static DWORD FlagsOf(INT Error) { return Error == WSAEMSGSIZE ? MSG_PARTIAL : 0; }

static VOID NTAPI Apc(PVOID Context, PIO_STATUS_BLOCK Status, ULONG Reserved) {
  ROUTINE routine = *(ROUTINE *)Context;
  INT error = ErrorOf(RtlNtStatusToDosError((NTSTATUS)Status->Status));
  UNREFERENCED_PARAMETER(Reserved);
  HeapFree(GetProcessHeap(), 0, Context);
  routine.Routine((DWORD)error, (DWORD)Status->Information, routine.Block, FlagsOf(error));
}

/* Begins a request with the program's block. */
static int Begin(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPWSAOVERLAPPED lpOverlapped,
                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpRoutine, LPDWORD lpBytes, LPINT lpErrno) {
  ROUTINE *routine;
  NTSTATUS status;
  DWORD bytes = 0;
  INT error;
  if (lpRoutine == NULL) {
    if (DeviceIoControl((HANDLE)s, dwCode, lpIn, cbIn, NULL, 0, &bytes, (LPOVERLAPPED)lpOverlapped))
      error = 0;
    else
      error = ErrorOf(GetLastError());
  } else {
    routine = HeapAlloc(GetProcessHeap(), 0, sizeof(*routine));
    if (routine == NULL) return Fail(lpErrno, WSAENOBUFS);
    routine->Block = lpOverlapped;
    routine->Routine = lpRoutine;
    /* The two first fields of the block are an IO_STATUS_BLOCK. */
    lpOverlapped->Internal = (ULONG_PTR)STATUS_PENDING;
    status = NtDeviceIoControlFile((HANDLE)s, NULL, Apc, routine, (PIO_STATUS_BLOCK)lpOverlapped,
                                   dwCode, lpIn, cbIn, NULL, 0);
    error = status == STATUS_PENDING ? WSA_IO_PENDING : ErrorOf(RtlNtStatusToDosError(status));
    if (status != STATUS_PENDING) bytes = (DWORD)lpOverlapped->InternalHigh;
    /* What has failed calls no routine; a warning does. */
    if (NT_ERROR(status)) HeapFree(GetProcessHeap(), 0, routine);
  }
  if (lpBytes != NULL && (error == 0 || error == WSAEMSGSIZE)) *lpBytes = bytes;
  return error == 0 ? 0 : Fail(lpErrno, error);
}

int WSPAPI BaseSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                      DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                      LPWSAOVERLAPPED lpOverlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                      LPWSATHREADID lpThreadId, LPINT lpErrno) {
  DGRAM_STATE state;
  DGRAM_SEND *send = NULL;
  ULONGLONG total = 0;
  DWORD size, i, error;
  int result = SOCKET_ERROR;
  UNREFERENCED_PARAMETER(lpThreadId);
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (state.Synchronous) lpOverlapped = NULL;
  if (lpBuffers == NULL || dwBufferCount == 0 || (lpOverlapped == NULL && lpSent == NULL) ||
      (lpTo != NULL && iTolen < (int)sizeof(SOCKADDR_IN)))
    return Fail(lpErrno, WSAEFAULT);
  if ((dwFlags & ~(DWORD)MSG_PARTIAL) != 0) return Fail(lpErrno, WSAEOPNOTSUPP);
  if (state.SendShut) return Fail(lpErrno, WSAESHUTDOWN);
  if (lpTo == NULL && state.Peer.sin_family == 0) return Fail(lpErrno, WSAENOTCONN);
  if (lpTo != NULL && lpTo->sa_family != AF_INET) return Fail(lpErrno, WSAEAFNOSUPPORT);
  for (i = 0; i < dwBufferCount; i++) total += lpBuffers[i].len;
  if (total > MAX_DATAGRAM) return Fail(lpErrno, WSAEMSGSIZE);
  size = FIELD_OFFSET(DGRAM_SEND, Data) + (DWORD)total;
  send = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, max(size, sizeof(*send)));
  if (send == NULL) return Fail(lpErrno, WSAENOBUFS);
  if (lpTo != NULL) CopyMemory(&send->To, lpTo, sizeof(send->To));
  for (i = 0; i < dwBufferCount; i++) {
    CopyMemory(send->Data + send->Length, lpBuffers[i].buf, lpBuffers[i].len);
    send->Length += lpBuffers[i].len;
  }
  /* A send is over when the device has it: nothing of it is needed afterwards. */
  if (lpOverlapped != NULL) {
    result =
        Begin(s, IOCTL_DGRAM_SEND, send, size, lpOverlapped, lpCompletionRoutine, lpSent, lpErrno);
  } else {
    error = Control(s, IOCTL_DGRAM_SEND, send, size, NULL, 0, INFINITE, lpSent);
    result = error == NO_ERROR ? 0 : Fail(lpErrno, ErrorOf(error));
  }
  HeapFree(GetProcessHeap(), 0, send);
  return result;
}

int WSPAPI BaseSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                    DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return BaseSendTo(s, lpBuffers, dwBufferCount, lpSent, dwFlags, NULL, 0, lpOverlapped,
                    lpCompletionRoutine, lpThreadId, lpErrno);
}

int WSPAPI BaseRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                        LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
                        LPWSAOVERLAPPED lpOverlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                        LPWSATHREADID lpThreadId, LPINT lpErrno) {
  DGRAM_STATE state;
  DGRAM_RECEIVE receive;
  DWORD error, timeout, bytes = 0;
  INT told;
  UNREFERENCED_PARAMETER(lpThreadId);
  if (!Enter(s, &state, lpErrno)) return SOCKET_ERROR;
  if (state.Synchronous) lpOverlapped = NULL;
  if (lpBuffers == NULL || dwBufferCount == 0 || lpFlags == NULL ||
      (lpOverlapped == NULL && lpRecvd == NULL) ||
      (lpFrom != NULL && (lpFromlen == NULL || *lpFromlen < (int)sizeof(SOCKADDR_IN))))
    return Fail(lpErrno, WSAEFAULT);
  if ((*lpFlags & ~(DWORD)(MSG_PEEK | MSG_PARTIAL)) != 0) return Fail(lpErrno, WSAEOPNOTSUPP);
  receive.Buffers = lpBuffers;
  receive.Count = dwBufferCount;
  receive.Peek = (*lpFlags & MSG_PEEK) != 0;
  receive.AtOnce = lpOverlapped == NULL && state.NonBlocking;
  receive.From = (SOCKADDR_IN *)lpFrom;
  receive.FromLength = lpFromlen;
  if (lpOverlapped != NULL) {
    int result = Begin(s, IOCTL_DGRAM_RECEIVE, &receive, sizeof(receive), lpOverlapped,
                       lpCompletionRoutine, lpRecvd, lpErrno);
    if (result == 0)
      *lpFlags = 0;
    else if (*lpErrno == WSAEMSGSIZE)
      *lpFlags = MSG_PARTIAL;
    return result;
  }
  timeout = state.ReceiveTimeout == 0 ? INFINITE : state.ReceiveTimeout;
  error = Control(s, IOCTL_DGRAM_RECEIVE, &receive, sizeof(receive), NULL, 0, timeout, &bytes);
  /* The socket was closed by another thread, or the time is over. */
  if (error == ERROR_OPERATION_ABORTED) return Fail(lpErrno, WSAEINTR);
  if (error == WAIT_TIMEOUT) return Fail(lpErrno, WSAETIMEDOUT);
  told = ErrorOf(error);
  if (told == 0 || told == WSAEMSGSIZE) {
    *lpRecvd = bytes;
    *lpFlags = FlagsOf(told);
  }
  return told == 0 ? 0 : Fail(lpErrno, told);
}

int WSPAPI BaseRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                    LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno) {
  return BaseRecvFrom(s, lpBuffers, dwBufferCount, lpRecvd, lpFlags, NULL, NULL, lpOverlapped,
                      lpCompletionRoutine, lpThreadId, lpErrno);
}

BOOL WSPAPI BaseGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                    BOOL fWait, LPDWORD lpdwFlags, LPINT lpErrno) {
  DGRAM_STATE state;
  if (!Enter(s, &state, lpErrno)) return FALSE;
  if (lpOverlapped == NULL || lpcbTransfer == NULL || lpdwFlags == NULL) {
    *lpErrno = WSAEFAULT;
    return FALSE;
  }
  if (GetOverlappedResult((HANDLE)s, (LPOVERLAPPED)lpOverlapped, lpcbTransfer, fWait)) {
    *lpdwFlags = 0;
    return TRUE;
  }
  *lpErrno = ErrorOf(GetLastError());
  if (*lpErrno == WSAEMSGSIZE) {
    *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
    *lpdwFlags = MSG_PARTIAL;
  }
  return FALSE;
}
