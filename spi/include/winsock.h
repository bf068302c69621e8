/*
 * Microsoft's winsock.h was version 1.1; here it is winsock2.h, whose functions serve both
 * versions. (Winsock 1.1 numbered the options of IPPROTO_IP differently; a source that relied on
 * that does not work with Windows' ws2_32.dll either.)
 */
#ifndef WS2SPI_WINSOCK_H
#define WS2SPI_WINSOCK_H

#include "winsock2.h"

#endif
