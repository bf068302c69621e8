/* Addresses of infrared sockets (that part of Microsoft's af_irda.h). No provider here has them. */
#ifndef __AFIRDA__
#define __AFIRDA__

#include "winsock2.h"

#define IRDA_PROTO_SOCK_STREAM 1

typedef struct _SOCKADDR_IRDA {
  u_short irdaAddressFamily;
  u_char irdaDeviceID[4];
  char irdaServiceName[25];
} SOCKADDR_IRDA, *PSOCKADDR_IRDA, *LPSOCKADDR_IRDA;

#endif
