/*
 * hostile_no_startup.c - a shared library that is no provider: it exports a
 * function, but no WSPStartup. Installed in the catalog, the first socket call
 * that selects it must fail with WSAEPROVIDERFAILEDINIT (U97), and the module
 * must not stay loaded.
 */
#include <winsock2.h>

/* There only so that the library exports something. */
__declspec(dllexport) int ws2spi_not_a_provider(void);

int ws2spi_not_a_provider(void) { return 1; }
