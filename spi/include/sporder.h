/* The order of the catalog (Microsoft's sporder.h), transport providers only. */
#ifndef WS2SPI_SPORDER_H
#define WS2SPI_SPORDER_H
#define __SPORDER_H__

#include "winsock2.h"

WS2SPI_BEGIN_DECLS

typedef int(WSAAPI *LPWSCWRITEPROVIDERORDER)(LPDWORD lpwdCatalogEntryId, DWORD dwNumberOfEntries);

/* Both return the error code itself, 0 for success. */
int WSAAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId, DWORD dwNumberOfEntries);
int WSAAPI WSCWriteProviderOrder32(LPDWORD lpwdCatalogEntryId, DWORD dwNumberOfEntries);

WS2SPI_END_DECLS

#endif
