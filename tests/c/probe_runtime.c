/*
 * probe_runtime.c - a module that tells which runtime it is bound to.
 *
 * It is loaded as a provider is, but is none: it exports functions that say where
 * its Winsock functions are and what they answer. The tests compile it with and
 * without -lws2_32 and load it into programs that export the runtime themselves.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <windows.h>

/* Where this module's calls of the functions go. */
WS2SPI_EXPORTED void *probe_startup(void) { return (void *)(ULONG_PTR)WSAStartup; }
WS2SPI_EXPORTED void *probe_complete(void) {
  return (void *)(ULONG_PTR)WPUCompleteOverlappedRequest;
}
WS2SPI_EXPORTED void *probe_socket(void) { return (void *)(ULONG_PTR)socket; }
WS2SPI_EXPORTED void *probe_load(void) { return (void *)(ULONG_PTR)LoadLibraryW; }

/* The state behind them: the thread's last error, and whether the process is started. */
WS2SPI_EXPORTED int probe_last_error(void) { return WSAGetLastError(); }
WS2SPI_EXPORTED int probe_is_started(void) {
  SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
  if (s == INVALID_SOCKET) return 0;
  return closesocket(s) == 0;
}
