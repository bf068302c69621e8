/*
 * The part of Microsoft's objbase.h and combaseapi.h that providers and installers use: GUIDs and
 * their text, task memory, CoInitialize. There is no COM behind it: no CoCreateInstance, no
 * interfaces.
 */
#ifndef _OBJBASE_H_
#define _OBJBASE_H_

#include "windef.h"
#include "winerror.h"
#include "guiddef.h"

typedef WCHAR OLECHAR, *LPOLESTR;
typedef const WCHAR *LPCOLESTR;
#define OLESTR(text) WS2SPI_WIDE_(text)

#define COINIT_MULTITHREADED     0x0
#define COINIT_APARTMENTTHREADED 0x2
#define COINIT_DISABLE_OLE1DDE   0x4
#define COINIT_SPEED_OVER_MEMORY 0x8

#ifdef __cplusplus
#define STDAPI extern "C" HRESULT WINAPI
#else
#define STDAPI extern HRESULT WINAPI
#endif

WS2SPI_BEGIN_DECLS

HRESULT WINAPI CoInitialize(LPVOID pvReserved);
HRESULT WINAPI CoInitializeEx(LPVOID pvReserved, DWORD dwCoInit);
VOID WINAPI CoUninitialize(VOID);
LPVOID WINAPI CoTaskMemAlloc(SIZE_T cb);
LPVOID WINAPI CoTaskMemRealloc(LPVOID pv, SIZE_T cb);
VOID WINAPI CoTaskMemFree(LPVOID pv);
HRESULT WINAPI CoCreateGuid(GUID *pguid);
int WINAPI StringFromGUID2(REFGUID rguid, LPOLESTR lpsz, int cchMax);
HRESULT WINAPI CLSIDFromString(LPCOLESTR lpsz, LPCLSID pclsid);
HRESULT WINAPI IIDFromString(LPCOLESTR lpsz, LPIID lpiid);

WS2SPI_END_DECLS

#endif
