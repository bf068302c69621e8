/*
 * Names for text that is wide under _UNICODE and bytes else (Microsoft's tchar.h): _T, the string
 * functions of ws2spi/wide.h and the printf family. No multi-byte character sets, no _tmain.
 */
#ifndef _INC_TCHAR
#define _INC_TCHAR

#include "windef.h"
#include "ws2spi/printf.h"
#include "ws2spi/wide.h"

#ifdef _UNICODE
#define __T(text)   WS2SPI_WIDE_(text)
#define _tcslen     ws2spi_wcslen
#define _tcscpy     ws2spi_wcscpy
#define _tcsncpy    ws2spi_wcsncpy
#define _tcscat     ws2spi_wcscat
#define _tcscmp     ws2spi_wcscmp
#define _tcsncmp    ws2spi_wcsncmp
#define _tcschr     ws2spi_wcschr
#define _tcsrchr    ws2spi_wcsrchr
#define _tcsstr     ws2spi_wcsstr
#define _tcsicmp    _wcsicmp
#define _tcsnicmp   _wcsnicmp
#define _tcsdup     _wcsdup
#define _tcscpy_s   wcscpy_s
#define _tcscat_s   wcscat_s
#define _tcstoul    ws2spi_wcstoul
#define _ttoi       _wtoi
#define _tprintf    ws2spi_wprintf
#define _ftprintf   ws2spi_fwprintf
#define _stprintf_s swprintf_s
#define _sntprintf  _snwprintf
#define _vsntprintf _vsnwprintf
#else
#define __T(text)   text
#define _tcslen     strlen
#define _tcscpy     strcpy
#define _tcsncpy    strncpy
#define _tcscat     strcat
#define _tcscmp     strcmp
#define _tcsncmp    strncmp
#define _tcschr     strchr
#define _tcsrchr    strrchr
#define _tcsstr     strstr
#define _tcsicmp    _stricmp
#define _tcsnicmp   _strnicmp
#define _tcsdup     _strdup
#define _tcscpy_s   strcpy_s
#define _tcscat_s   strcat_s
#define _tcstoul    strtoul
#define _ttoi       atoi
#define _tprintf    ws2spi_printf
#define _ftprintf   ws2spi_fprintf
#define _stprintf_s sprintf_s
#define _sntprintf  _snprintf
#define _vsntprintf _vsnprintf
#endif
#define _T(text)    __T(text)
#define _TEXT(text) __T(text)

#endif
