/*
 * Microsoft's wspiapi.h finds getaddrinfo and its relatives on systems that may lack them. Here
 * they are always there: ws2tcpip.h declares them.
 */
#ifndef _WSPIAPI_H_
#define _WSPIAPI_H_

#include "ws2tcpip.h"

#endif
