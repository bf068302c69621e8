/*
 * Winsock 2 for applications and providers (Microsoft's winsock2.h), on top of winsock_types.h: the
 * functions of Windows Sockets 2, each as on Microsoft's page of its name, exported by libws2_32.
 *
 * Left out: WSAAsyncGetXbyY, WSALookupService* and the other name-space functions, WSAAdvertise-
 * Provider. BSD names are declared with the link name ws2_NAME (ws2spi/libc.h), so
 * libc's own functions of the same name are untouched in the program but out of reach in this
 * source.
 */
#ifndef _WINSOCK2API_
#define _WINSOCK2API_
#define _WINSOCKAPI_

#include "ws2spi/winsock_types.h"
#include "windows.h"

/*
 * Three names that C++ sources also use for other things: not extern "C" there, so that they can
 * stand beside libc's functions as overloads.
 */
#ifdef __cplusplus
#define WS2SPI_OVERLOAD extern "C++"
#else
#define WS2SPI_OVERLOAD extern
#endif

WS2SPI_OVERLOAD int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen)
    WS2SPI_LINK("ws2_bind");
WS2SPI_OVERLOAD int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen)
    WS2SPI_LINK("ws2_connect");
WS2SPI_OVERLOAD int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                  const struct timeval *timeout) WS2SPI_LINK("ws2_select");

WS2SPI_BEGIN_DECLS

SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen) WS2SPI_LINK("ws2_accept");
int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen)
    WS2SPI_LINK("ws2_getpeername");
int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen)
    WS2SPI_LINK("ws2_getsockname");
int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
    WS2SPI_LINK("ws2_getsockopt");
int WSAAPI listen(SOCKET s, int backlog) WS2SPI_LINK("ws2_listen");
int WSAAPI recv(SOCKET s, char *buf, int len, int flags) WS2SPI_LINK("ws2_recv");
int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen)
    WS2SPI_LINK("ws2_recvfrom");
int WSAAPI send(SOCKET s, const char *buf, int len, int flags) WS2SPI_LINK("ws2_send");
int WSAAPI sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to,
                  int tolen) WS2SPI_LINK("ws2_sendto");
int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
    WS2SPI_LINK("ws2_setsockopt");
int WSAAPI shutdown(SOCKET s, int how) WS2SPI_LINK("ws2_shutdown");
SOCKET WSAAPI socket(int af, int type, int protocol) WS2SPI_LINK("ws2_socket");

struct hostent *WSAAPI gethostbyaddr(const char *addr, int len, int type);
struct hostent *WSAAPI gethostbyname(const char *name);
int WSAAPI gethostname(char *name, int namelen);
struct protoent *WSAAPI getprotobyname(const char *name);
struct protoent *WSAAPI getprotobynumber(int proto);
struct servent *WSAAPI getservbyname(const char *name, const char *proto);
struct servent *WSAAPI getservbyport(int port, const char *proto);
u_long WSAAPI htonl(u_long hostlong);
u_short WSAAPI htons(u_short hostshort);
u_long WSAAPI ntohl(u_long netlong);
u_short WSAAPI ntohs(u_short netshort);
ULONG WSAAPI inet_addr(const char *cp);
char *WSAAPI inet_ntoa(struct in_addr in);

int WSAAPI closesocket(SOCKET s);
int WSAAPI ioctlsocket(SOCKET s, long cmd, u_long *argp);
int WSAAPI __WSAFDIsSet(SOCKET fd, fd_set *set);
#if defined(__cplusplus) && __SIZEOF_LONG__ > 4
/* unsigned long is u_long for Microsoft's compiler, and a C++ source may have spelled it out. */
extern "C++" inline int ioctlsocket(SOCKET s, long cmd, unsigned long *argp) {
  u_long value = argp == NULL ? 0 : (u_long)*argp;
  int result = ioctlsocket(s, cmd, argp == NULL ? (u_long *)NULL : &value);
  if (argp != NULL) {
    *argp = value;
  }
  return result;
}
#endif

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
int WSAAPI WSACleanup(void);
int WSAAPI WSAGetLastError(void);
void WSAAPI WSASetLastError(int iError);
BOOL WSAAPI WSAIsBlocking(void);
FARPROC WSAAPI WSASetBlockingHook(FARPROC lpBlockFunc);
int WSAAPI WSAUnhookBlockingHook(void);
int WSAAPI WSACancelBlockingCall(void);

SOCKET WSAAPI WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData);
INT WSAAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength);
INT WSAAPI WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength);
int WSAAPI WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, long lEvent);
BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent);
int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
                      LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS);
BOOL WSAAPI WSAConnectByList(SOCKET s, PSOCKET_ADDRESS_LIST SocketAddress,
                             LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                             LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                             const struct timeval *timeout, LPWSAOVERLAPPED Reserved);
BOOL WSAAPI WSAConnectByNameA(SOCKET s, LPCSTR nodename, LPCSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved);
BOOL WSAAPI WSAConnectByNameW(SOCKET s, LPWSTR nodename, LPWSTR servicename,
                              LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress,
                              LPDWORD RemoteAddressLength, LPSOCKADDR RemoteAddress,
                              const struct timeval *timeout, LPWSAOVERLAPPED Reserved);
WSAEVENT WSAAPI WSACreateEvent(void);
int WSAAPI WSADuplicateSocketA(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOA lpProtocolInfo);
int WSAAPI WSADuplicateSocketW(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo);
int WSAAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents);
int WSAAPI WSAEnumProtocolsA(LPINT lpiProtocols, LPWSAPROTOCOL_INFOA lpProtocolBuffer,
                             LPDWORD lpdwBufferLength);
int WSAAPI WSAEnumProtocolsW(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                             LPDWORD lpdwBufferLength);
int WSAAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents);
BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                   BOOL fWait, LPDWORD lpdwFlags);
BOOL WSAAPI WSAGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS);
int WSAAPI WSAHtonl(SOCKET s, u_long hostlong, u_long *lpnetlong);
int WSAAPI WSAHtons(SOCKET s, u_short hostshort, u_short *lpnetshort);
int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                    LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
SOCKET WSAAPI WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
                          LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags);
int WSAAPI WSANtohl(SOCKET s, u_long netlong, u_long *lphostlong);
int WSAAPI WSANtohs(SOCKET s, u_short netshort, u_short *lphostshort);
int WSAAPI WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout);
int WSAAPI WSAProviderConfigChange(LPHANDLE lpNotificationHandle, LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData);
int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr *lpFrom,
                       LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent);
int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData);
int WSAAPI WSASendMsg(SOCKET Handle, LPWSAMSG lpMsg, DWORD dwFlags, LPDWORD lpNumberOfBytesSent,
                      LPWSAOVERLAPPED lpOverlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                     DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
BOOL WSAAPI WSASetEvent(WSAEVENT hEvent);
SOCKET WSAAPI WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                         GROUP g, DWORD dwFlags);
SOCKET WSAAPI WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                         GROUP g, DWORD dwFlags);
INT WSAAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSOCKADDR lpAddress,
                               LPINT lpAddressLength);
INT WSAAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                               LPINT lpAddressLength);
DWORD WSAAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents, BOOL fWaitAll,
                                      DWORD dwTimeout, BOOL fAlertable);

WS2SPI_END_DECLS

#ifdef UNICODE
#define WSAAddressToString WSAAddressToStringW
#define WSAConnectByName   WSAConnectByNameW
#define WSADuplicateSocket WSADuplicateSocketW
#define WSAEnumProtocols   WSAEnumProtocolsW
#define WSASocket          WSASocketW
#define WSAStringToAddress WSAStringToAddressW
#else
#define WSAAddressToString WSAAddressToStringA
#define WSAConnectByName   WSAConnectByNameA
#define WSADuplicateSocket WSADuplicateSocketA
#define WSAEnumProtocols   WSAEnumProtocolsA
#define WSASocket          WSASocketA
#define WSAStringToAddress WSAStringToAddressA
#endif

#endif
