/*
 * Conversions between bytes and 16-bit units (Microsoft's stringapiset.h and the part of winnls.h
 * that they need). Every code page is UTF-8: CP_ACP, CP_OEMCP, CP_THREAD_ACP and CP_UTF8; others
 * are refused with ERROR_INVALID_PARAMETER.
 */
#ifndef _APISETSTRING_
#define _APISETSTRING_

#include "windef.h"

#define CP_ACP               0
#define CP_OEMCP             1
#define CP_THREAD_ACP        3
#define CP_UTF7              65000
#define CP_UTF8              65001
#define MB_PRECOMPOSED       0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_COMPOSITECHECK    0x00000200
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400

WS2SPI_BEGIN_DECLS

int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCCH lpMultiByteStr, int cbMultiByte,
                               LPWSTR lpWideCharStr, int cchWideChar);
int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWCH lpWideCharStr, int cchWideChar,
                               LPSTR lpMultiByteStr, int cbMultiByte, LPCCH lpDefaultChar,
                               LPBOOL lpUsedDefaultChar);
UINT WINAPI GetACP(VOID);
UINT WINAPI GetOEMCP(VOID);

WS2SPI_END_DECLS

#endif
