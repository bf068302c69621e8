/*
 * What this implementation offers beyond Windows: the way from a SOCKET to the system's descriptor.
 * Exported by libws2_32; no Microsoft header has it.
 */
#ifndef WS2SPI_NATIVE_H
#define WS2SPI_NATIVE_H

#include "../winsock2.h"

WS2SPI_BEGIN_DECLS

/*
 * The file descriptor behind a socket of the base provider that the operating system backs, or -1:
 * not a socket, closed, simulated, or a layered provider's own handle. The descriptor stays the
 * provider's (non-blocking, close-on-exec): do not close it, and do not use it after closesocket.
 * Never blocks; any thread may call it.
 */
int WSAAPI ws2spi_socket_fd(SOCKET s);

WS2SPI_END_DECLS

#endif
