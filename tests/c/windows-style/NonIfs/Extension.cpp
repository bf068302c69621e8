// Extension.cpp - extension functions: programs call them without any table, with the layer's
// numbers, and are told errors by WSASetLastError. Each asks the provider below for its own
// function on every call: such a pointer belongs to the provider of the very socket that is asked.
#include "NonIfs.h"

static GUID gAcceptEx = WSAID_ACCEPTEX;
static GUID gAcceptExSockaddrs = WSAID_GETACCEPTEXSOCKADDRS;
static GUID gConnectEx = WSAID_CONNECTEX;
static GUID gDisconnectEx = WSAID_DISCONNECTEX;
static GUID gTransmitFile = WSAID_TRANSMITFILE;
static GUID gTransmitPackets = WSAID_TRANSMITPACKETS;
static GUID gRecvMsg = WSAID_WSARECVMSG;
static GUID gSendMsg = WSAID_WSASENDMSG;

// A call of an extension function, from its begin to its end.
typedef struct _EXTENSION_CALL {
  LPSOCK_INFO Socket;
  LPVOID Function;  // Of the provider below.
  LPLSP_OPERATION Operation;
  LPOVERLAPPED Block;  // What goes down.
} EXTENSION_CALL;

static BOOL Begin(__out EXTENSION_CALL *Call, __in SOCKET s, __in GUID *Id,
                  __in_opt LPOVERLAPPED Overlapped,
                  __in_opt LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine) {
  DWORD bytes = 0;
  INT error = 0;
  ZeroMemory(Call, sizeof(*Call));
  Call->Block = Overlapped;
  Call->Socket = SockFind(s, &error);
  if (Call->Socket == NULL) goto failed;
  if (NEXT(Call->Socket)
          .lpWSPIoctl(Call->Socket->Lower, SIO_GET_EXTENSION_FUNCTION_POINTER, Id, sizeof(*Id),
                      &Call->Function, sizeof(Call->Function), &bytes, NULL, NULL, NULL,
                      &error) == SOCKET_ERROR)
    goto failed;
  if (OverlapApplies(Call->Socket, Overlapped)) {
    Call->Operation = OverlapBegin(Call->Socket, Overlapped, Routine, NULL, &error);
    if (Call->Operation == NULL) goto failed;
    Call->Block = &Call->Operation->Lower;
  }
  return TRUE;
failed:
  if (Call->Socket != NULL) SockRelease(Call->Socket);
  WSASetLastError(error);
  return FALSE;
}

// `Moved` bytes if it succeeded at once; `Count` is the program's place for them.
static BOOL End(__inout EXTENSION_CALL *Call, BOOL Succeeded, DWORD Moved,
                __out_opt LPDWORD Count) {
  INT error = Succeeded ? 0 : WSAGetLastError();
  if (Call->Operation != NULL) {
    if (Succeeded && Count != NULL) *Count = Moved;
    Succeeded =
        OverlapStarted(Call->Operation, Succeeded ? 0 : SOCKET_ERROR, error, Moved, 0, &error) == 0;
  }
  SockRelease(Call->Socket);
  if (!Succeeded) WSASetLastError(error);
  return Succeeded;
}

// What a function has sent that says so in no argument, and has succeeded at once.
static DWORD Sent(const EXTENSION_CALL *Call, BOOL Succeeded) {
  return Call->Operation != NULL && Succeeded ? (DWORD)Call->Block->InternalHigh : 0;
}

// The socket that is accepted into is one of the program's numbers as well.
static BOOL PASCAL FAR ExtAcceptEx(SOCKET s, SOCKET sAccept, PVOID lpOutput, DWORD dwReceive,
                                   DWORD dwLocal, DWORD dwRemote, LPDWORD lpReceived,
                                   LPOVERLAPPED lpOverlapped) {
  EXTENSION_CALL call;
  DWORD bytes = 0;
  INT error;
  BOOL done = FALSE;
  LPSOCK_INFO accept = SockFind(sAccept, &error);
  if (accept == NULL) {
    WSASetLastError(error);
    return FALSE;
  }
  if (Begin(&call, s, &gAcceptEx, lpOverlapped, NULL)) {
    done = ((LPFN_ACCEPTEX)call.Function)(call.Socket->Lower, accept->Lower, lpOutput, dwReceive,
                                          dwLocal, dwRemote,
                                          call.Operation == NULL ? lpReceived : &bytes, call.Block);
    done = End(&call, done, bytes, lpReceived);
  }
  SockRelease(accept);
  return done;
}

static BOOL PASCAL FAR ExtConnectEx(SOCKET s, const struct sockaddr FAR *name, int namelen,
                                    PVOID lpSend, DWORD dwSend, LPDWORD lpSent,
                                    LPOVERLAPPED lpOverlapped) {
  EXTENSION_CALL call;
  DWORD bytes = 0;
  if (!Begin(&call, s, &gConnectEx, lpOverlapped, NULL)) return FALSE;
  BOOL done = ((LPFN_CONNECTEX)call.Function)(call.Socket->Lower, name, namelen, lpSend, dwSend,
                                              call.Operation == NULL ? lpSent : &bytes, call.Block);
  return End(&call, done, bytes, lpSent);
}

static BOOL PASCAL FAR ExtDisconnectEx(SOCKET s, LPOVERLAPPED lpOverlapped, DWORD dwFlags,
                                       DWORD dwReserved) {
  EXTENSION_CALL call;
  if (!Begin(&call, s, &gDisconnectEx, lpOverlapped, NULL)) return FALSE;
  BOOL done =
      ((LPFN_DISCONNECTEX)call.Function)(call.Socket->Lower, call.Block, dwFlags, dwReserved);
  return End(&call, done, 0, NULL);
}

static BOOL PASCAL FAR ExtTransmitFile(SOCKET s, HANDLE hFile, DWORD dwBytes, DWORD dwPerSend,
                                       LPOVERLAPPED lpOverlapped, LPTRANSMIT_FILE_BUFFERS lpBuffers,
                                       DWORD dwFlags) {
  EXTENSION_CALL call;
  if (!Begin(&call, s, &gTransmitFile, lpOverlapped, NULL)) return FALSE;
  if (call.Operation != NULL) {
    // Where in the file to begin.
    call.Block->Offset = lpOverlapped->Offset;
    call.Block->OffsetHigh = lpOverlapped->OffsetHigh;
  }
  BOOL done = ((LPFN_TRANSMITFILE)call.Function)(call.Socket->Lower, hFile, dwBytes, dwPerSend,
                                                 call.Block, lpBuffers, dwFlags);
  return End(&call, done, Sent(&call, done), NULL);
}

static BOOL PASCAL FAR ExtTransmitPackets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT lpPackets,
                                          DWORD dwCount, DWORD dwSendSize,
                                          LPOVERLAPPED lpOverlapped, DWORD dwFlags) {
  EXTENSION_CALL call;
  if (!Begin(&call, s, &gTransmitPackets, lpOverlapped, NULL)) return FALSE;
  BOOL done = ((LPFN_TRANSMITPACKETS)call.Function)(call.Socket->Lower, lpPackets, dwCount,
                                                    dwSendSize, call.Block, dwFlags);
  return End(&call, done, Sent(&call, done), NULL);
}

static INT PASCAL FAR ExtRecvMsg(SOCKET s, LPWSAMSG lpMsg, LPDWORD lpRecvd,
                                 LPWSAOVERLAPPED lpOverlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpRoutine) {
  EXTENSION_CALL call;
  DWORD bytes = 0;
  if (!Begin(&call, s, &gRecvMsg, lpOverlapped, lpRoutine)) return SOCKET_ERROR;
  BOOL own = call.Operation != NULL;
  int result = ((LPFN_WSARECVMSG)call.Function)(call.Socket->Lower, lpMsg, own ? &bytes : lpRecvd,
                                                call.Block, own ? NULL : lpRoutine);
  return End(&call, result == 0, bytes, lpRecvd) ? 0 : SOCKET_ERROR;
}

static INT PASCAL FAR ExtSendMsg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags, LPDWORD lpSent,
                                 LPWSAOVERLAPPED lpOverlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpRoutine) {
  EXTENSION_CALL call;
  DWORD bytes = 0;
  if (!Begin(&call, s, &gSendMsg, lpOverlapped, lpRoutine)) return SOCKET_ERROR;
  BOOL own = call.Operation != NULL;
  int result =
      ((LPFN_WSASENDMSG)call.Function)(call.Socket->Lower, lpMsg, dwFlags, own ? &bytes : lpSent,
                                       call.Block, own ? NULL : lpRoutine);
  return End(&call, result == 0, bytes, lpSent) ? 0 : SOCKET_ERROR;
}

// Puts the layer's function in the place of the one below; FALSE when it has none of that name.
// GetAcceptExSockaddrs takes no socket: that of the provider below serves as it is.
BOOL ExtensionExchange(const GUID *Id, LPVOID *Function) {
  static const struct {
    const GUID *Id;
    LPVOID Function;
  } own[] = {
      {&gAcceptEx, (LPVOID)ExtAcceptEx},
      {&gConnectEx, (LPVOID)ExtConnectEx},
      {&gDisconnectEx, (LPVOID)ExtDisconnectEx},
      {&gTransmitFile, (LPVOID)ExtTransmitFile},
      {&gTransmitPackets, (LPVOID)ExtTransmitPackets},
      {&gRecvMsg, (LPVOID)ExtRecvMsg},
      {&gSendMsg, (LPVOID)ExtSendMsg},
  };
  for (SIZE_T i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
    if (!IsEqualGUID(*Id, *own[i].Id)) continue;
    *Function = own[i].Function;
    return TRUE;
  }
  return IsEqualGUID(*Id, gAcceptExSockaddrs);
}
