// Transfer.cpp - the calls that may be overlapped. With a block, on a socket that is for overlapped
// use, they are operations of the layer (Overlap.cpp), begun below with a block of its own; what
// the provider below answers is the answer. All others go down as they are.
//
// Counts and flags of an operation are locals: its packet may have come, and the program's places
// be gone, before the call below returns.
#include "NonIfs.h"

// Finds the socket and begins the operation, which is NULL where the call is not overlapped.
#define ENTER()                                                                             \
  LPSOCK_INFO info = SockFind(s, lpErrno);                                                  \
  LPLSP_OPERATION operation = NULL;                                                         \
  DWORD bytes = 0;                                                                          \
  INT error = 0;                                                                            \
  int result = SOCKET_ERROR;                                                                \
  if (info == NULL) return SOCKET_ERROR;                                                    \
  if (OverlapApplies(info, lpOverlapped)) {                                                 \
    operation = OverlapBegin(info, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno); \
    if (operation == NULL) goto cleanup;                                                    \
  }

// What was received, where the call has done so: a part of a datagram is told with an error.
static VOID Received(int Result, INT Error, DWORD Bytes, DWORD Flags, LPDWORD lpRecvd,
                     LPDWORD lpFlags) {
  if (Result != 0 && Error != WSAEMSGSIZE) return;
  if (lpRecvd != NULL) *lpRecvd = Bytes;
  if (lpFlags != NULL) *lpFlags = Flags;
}

int WSPAPI LspRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno) {
  DWORD flags = lpFlags == NULL ? 0 : *lpFlags;
  ENTER();
  if (operation == NULL) {
    result = NEXT(info).lpWSPRecv(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags,
                                  lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
    goto cleanup;
  }
  result =
      NEXT(info).lpWSPRecv(info->Lower, lpBuffers, dwBufferCount, &bytes,
                           lpFlags == NULL ? NULL : &flags, &operation->Lower, NULL, NULL, &error);
  Received(result, error, bytes, flags, lpRecvd, lpFlags);
  result = OverlapStarted(operation, result, error, bytes, flags, lpErrno);
cleanup:
  SockRelease(info);
  return result;
}

int WSPAPI LspRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpRecvd,
                       LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId, LPINT lpErrno) {
  DWORD flags = lpFlags == NULL ? 0 : *lpFlags;
  ENTER();
  if (operation == NULL) {
    result =
        NEXT(info).lpWSPRecvFrom(info->Lower, lpBuffers, dwBufferCount, lpRecvd, lpFlags, lpFrom,
                                 lpFromlen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
    goto cleanup;
  }
  result = NEXT(info).lpWSPRecvFrom(info->Lower, lpBuffers, dwBufferCount, &bytes,
                                    lpFlags == NULL ? NULL : &flags, lpFrom, lpFromlen,
                                    &operation->Lower, NULL, NULL, &error);
  Received(result, error, bytes, flags, lpRecvd, lpFlags);
  result = OverlapStarted(operation, result, error, bytes, flags, lpErrno);
cleanup:
  SockRelease(info);
  return result;
}

int WSPAPI LspSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno) {
  ENTER();
  if (operation == NULL) {
    result = NEXT(info).lpWSPSend(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags,
                                  lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
    goto cleanup;
  }
  result = NEXT(info).lpWSPSend(info->Lower, lpBuffers, dwBufferCount, &bytes, dwFlags,
                                &operation->Lower, NULL, NULL, &error);
  if (result == 0 && lpSent != NULL) *lpSent = bytes;
  result = OverlapStarted(operation, result, error, bytes, 0, lpErrno);
cleanup:
  SockRelease(info);
  return result;
}

int WSPAPI LspSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpSent,
                     DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId, LPINT lpErrno) {
  ENTER();
  if (operation == NULL) {
    result = NEXT(info).lpWSPSendTo(info->Lower, lpBuffers, dwBufferCount, lpSent, dwFlags, lpTo,
                                    iTolen, lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
    goto cleanup;
  }
  result = NEXT(info).lpWSPSendTo(info->Lower, lpBuffers, dwBufferCount, &bytes, dwFlags, lpTo,
                                  iTolen, &operation->Lower, NULL, NULL, &error);
  if (result == 0 && lpSent != NULL) *lpSent = bytes;
  result = OverlapStarted(operation, result, error, bytes, 0, lpErrno);
cleanup:
  SockRelease(info);
  return result;
}

// The functions of the provider below know its own sockets only: the layer gives out its own. That
// provider is asked first, as it checks the call and knows what it has.
static int ExtensionPointer(LPSOCK_INFO Info, LPVOID lpIn, DWORD cbIn, LPVOID lpOut, DWORD cbOut,
                            LPDWORD lpcbReturned, LPINT lpErrno) {
  LPVOID function = NULL;
  int result = NEXT(Info).lpWSPIoctl(Info->Lower, SIO_GET_EXTENSION_FUNCTION_POINTER, lpIn, cbIn,
                                     lpOut, cbOut, lpcbReturned, NULL, NULL, NULL, lpErrno);
  if (result == SOCKET_ERROR) return result;
  CopyMemory(&function, lpOut, sizeof(function));
  if (!ExtensionExchange((const GUID *)lpIn, &function)) {
    function = NULL;
    *lpcbReturned = 0;
    *lpErrno = WSAEINVAL;
    result = SOCKET_ERROR;
  }
  CopyMemory(lpOut, &function, sizeof(function));
  return result;
}

int WSPAPI LspIoctl(SOCKET s, DWORD dwCode, LPVOID lpIn, DWORD cbIn, LPVOID lpOut, DWORD cbOut,
                    LPDWORD lpcbReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno) {
  if (dwCode == SIO_GET_EXTENSION_FUNCTION_POINTER) {
    LPSOCK_INFO asked = SockFind(s, lpErrno);
    if (asked == NULL) return SOCKET_ERROR;
    int found = ExtensionPointer(asked, lpIn, cbIn, lpOut, cbOut, lpcbReturned, lpErrno);
    SockRelease(asked);
    return found;
  }
  ENTER();
  if (operation == NULL) {
    result = NEXT(info).lpWSPIoctl(info->Lower, dwCode, lpIn, cbIn, lpOut, cbOut, lpcbReturned,
                                   lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
    goto cleanup;
  }
  result = NEXT(info).lpWSPIoctl(info->Lower, dwCode, lpIn, cbIn, lpOut, cbOut, &bytes,
                                 &operation->Lower, NULL, NULL, &error);
  if (result == 0 && lpcbReturned != NULL) *lpcbReturned = bytes;
  result = OverlapStarted(operation, result, error, bytes, 0, lpErrno);
cleanup:
  SockRelease(info);
  return result;
}

BOOL WSPAPI LspGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                   BOOL fWait, LPDWORD lpdwFlags, LPINT lpErrno) {
  LPSOCK_INFO info = SockFind(s, lpErrno);
  BOOL result = FALSE;
  if (info == NULL) return FALSE;
  if (!info->OnPort)
    result = NEXT(info).lpWSPGetOverlappedResult(info->Lower, lpOverlapped, lpcbTransfer, fWait,
                                                 lpdwFlags, lpErrno);
  else if (lpOverlapped == NULL || lpcbTransfer == NULL || lpdwFlags == NULL)
    *lpErrno = WSAEFAULT;
  else
    result = OverlapResult(lpOverlapped, lpcbTransfer, fWait, lpdwFlags, lpErrno);
  SockRelease(info);
  return result;
}
