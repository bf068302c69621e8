/*
 * Names and addresses for Winsock (Microsoft's ws2tcpip.h): getaddrinfo and getnameinfo and their
 * wide forms, address text, and all of ws2ipdef.h. Left out: GetAddrInfoEx, SetAddrInfoEx, the
 * setipv4sourcefilter family.
 */
#ifndef _WS2TCPIP_H_
#define _WS2TCPIP_H_

#include "winsock2.h"
#include "ws2ipdef.h"

#define EAI_AGAIN        WSATRY_AGAIN
#define EAI_BADFLAGS     WSAEINVAL
#define EAI_FAIL         WSANO_RECOVERY
#define EAI_FAMILY       WSAEAFNOSUPPORT
#define EAI_MEMORY       WSA_NOT_ENOUGH_MEMORY
#define EAI_NOSECURENAME WSA_SECURE_HOST_NOT_FOUND
#define EAI_NONAME       WSAHOST_NOT_FOUND
#define EAI_NODATA       EAI_NONAME
#define EAI_SERVICE      WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE     WSAESOCKTNOSUPPORT
#define EAI_IPSECPOLICY  WSA_IPSEC_NAME_POLICY_ERROR

#define SIO_GET_INTERFACE_LIST    _IOR('t', 127, ULONG)
#define SIO_GET_INTERFACE_LIST_EX _IOR('t', 126, ULONG)
#define SIO_SET_MULTICAST_FILTER  _IOW('t', 125, ULONG)
#define SIO_GET_MULTICAST_FILTER  _IOW('t', 124 | IOC_IN, ULONG)
#define SIOCSIPMSFILTER           SIO_SET_MULTICAST_FILTER
#define SIOCGIPMSFILTER           SIO_GET_MULTICAST_FILTER
#define SIOCSMSFILTER             _IOW('t', 126, ULONG)
#define SIOCGMSFILTER             _IOW('t', 127 | IOC_IN, ULONG)

#define SS_PORT(ssp) (((PSOCKADDR_IN)(void *)(ssp))->sin_port)

WS2SPI_BEGIN_DECLS

INT WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints,
                       PADDRINFOA *ppResult);
VOID WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo);
INT WSAAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PCHAR pNodeBuffer,
                       DWORD NodeBufferSize, PCHAR pServiceBuffer, DWORD ServiceBufferSize,
                       INT Flags);
INT WSAAPI GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName, const ADDRINFOW *pHints,
                        PADDRINFOW *ppResult);
VOID WSAAPI FreeAddrInfoW(PADDRINFOW pAddrInfo);
INT WSAAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PWCHAR pNodeBuffer,
                        DWORD NodeBufferSize, PWCHAR pServiceBuffer, DWORD ServiceBufferSize,
                        INT Flags);
int WSAAPI GetHostNameW(PWSTR name, int namelen);

INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf);
INT WSAAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf);
PCSTR WSAAPI inet_ntop(INT Family, const VOID *pAddr, PSTR pStringBuf, size_t StringBufSize);
PCWSTR WSAAPI InetNtopW(INT Family, const VOID *pAddr, PWSTR pStringBuf, size_t StringBufSize);

WS2SPI_END_DECLS

/*
 * A text for a result of getaddrinfo or getnameinfo. As on Windows the text is overwritten by the
 * next call of the same source file, so it is not for threads; WSAGetLastError's numbers are.
 */
#define GAI_STRERROR_BUFFER_SIZE 1024

static inline char *gai_strerrorA(int ecode) {
  static char text[GAI_STRERROR_BUFFER_SIZE];
  switch (ecode) {
  case 0:
    return strcpy(text, "The operation completed successfully.");
  case EAI_AGAIN:
    return strcpy(text, "No answer now; trying again may help.");
  case EAI_BADFLAGS:
    return strcpy(text, "A flag or another argument is not valid.");
  case EAI_FAIL:
    return strcpy(text, "The name service failed for good.");
  case EAI_FAMILY:
    return strcpy(text, "The address family is not supported.");
  case EAI_MEMORY:
    return strcpy(text, "Not enough memory.");
  case EAI_NONAME:
    return strcpy(text, "No such host is known.");
  case EAI_SERVICE:
    return strcpy(text, "The service is not known for this type of socket.");
  case EAI_SOCKTYPE:
    return strcpy(text, "The type of socket is not supported.");
  default:
    snprintf(text, sizeof(text), "Error %d.", ecode);
    return text;
  }
}

static inline WCHAR *gai_strerrorW(int ecode) {
  static WCHAR wide[GAI_STRERROR_BUFFER_SIZE];
  const char *text = gai_strerrorA(ecode);
  size_t i = 0;
  do
    wide[i] = (WCHAR)(unsigned char)text[i];
  while (text[i++] != '\0');
  return wide;
}

#ifdef UNICODE
#define gai_strerror gai_strerrorW
#else
#define gai_strerror gai_strerrorA
#endif

#define GetAddrInfoA  getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA  getnameinfo
#define InetPtonA     inet_pton
#define InetNtopA     inet_ntop
#ifdef UNICODE
#define GetAddrInfo  GetAddrInfoW
#define FreeAddrInfo FreeAddrInfoW
#define GetNameInfo  GetNameInfoW
#define InetPton     InetPtonW
#define InetNtop     InetNtopW
#else
#define GetAddrInfo  GetAddrInfoA
#define FreeAddrInfo FreeAddrInfoA
#define GetNameInfo  GetNameInfoA
#define InetPton     InetPtonA
#define InetNtop     InetNtopA
#endif

#endif
