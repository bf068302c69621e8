/*
 * What libws2_32 exports and no Microsoft header has: the way from a SOCKET to the system's
 * descriptor, and the route of WPUPostMessage.
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

/*
 * Has WPUPostMessage call this routine with its arguments, NULL: post to the window's queue again.
 * Returns 0. An undocumented export of ws2_32.dll on Windows.
 */
typedef BOOL(WINAPI *LPWSAPOSTROUTINE)(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam);
int WSAAPI WSApSetPostRoutine(LPWSAPOSTROUTINE lpPostRoutine);

WS2SPI_END_DECLS

#endif
