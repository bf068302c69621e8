/*
 * Strings with a size (Microsoft's strsafe.h): copying, appending, formatting and measuring, by
 * bytes (StringCb...) and by characters (StringCch...), for bytes and for 16-bit units. Left out:
 * the Ex functions, StringCchGets. A target always ends with a NUL; what does not fit is cut off
 * with STRSAFE_E_INSUFFICIENT_BUFFER, sizes of 0 or beyond STRSAFE_MAX_CCH are
 * STRSAFE_E_INVALID_PARAMETER.
 */
#ifndef _STRSAFE_H_INCLUDED_
#define _STRSAFE_H_INCLUDED_

#include "windef.h"
#include "winerror.h"
#include "ws2spi/format.h"

#define STRSAFE_MAX_CCH               2147483647
#define STRSAFE_MAX_LENGTH            (STRSAFE_MAX_CCH - 1)
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007AL)
#define STRSAFE_E_INVALID_PARAMETER   ((HRESULT)0x80070057L)
#define STRSAFE_E_END_OF_FILE         ((HRESULT)0x80070026L)
#define STRSAFEAPI                    static __inline__ WS2SPI_UNUSED HRESULT

typedef char *STRSAFE_LPSTR;
typedef const char *STRSAFE_LPCSTR;
typedef WCHAR *STRSAFE_LPWSTR;
typedef const WCHAR *STRSAFE_LPCWSTR;

STRSAFEAPI StringCchLengthA(STRSAFE_LPCSTR text, size_t most, size_t *length) {
  size_t found = 0;
  if (length) {
    *length = 0;
  }
  if (!text || most > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  while (found < most && text[found]) {
    found++;
  }
  if (found == most) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (length) {
    *length = found;
  }
  return S_OK;
}

STRSAFEAPI StringCchCopyNA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source, size_t most) {
  size_t at = 0;
  if (!target || size == 0 || size > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (most > STRSAFE_MAX_LENGTH) {
    *target = 0;
    return STRSAFE_E_INVALID_PARAMETER;
  }
  while (at < size && at < most && source && source[at]) {
    target[at] = source[at];
    at++;
  }
  if (at == size) {
    target[size - 1] = 0;
    return STRSAFE_E_INSUFFICIENT_BUFFER;
  }
  target[at] = 0;
  return S_OK;
}

STRSAFEAPI StringCchCopyA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source) {
  return StringCchCopyNA(target, size, source, STRSAFE_MAX_LENGTH);
}

STRSAFEAPI StringCchCatNA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source, size_t most) {
  size_t length;
  if (StringCchLengthA(target, size, &length) != S_OK) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (most > STRSAFE_MAX_LENGTH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  return StringCchCopyNA(target + length, size - length, source, most);
}

STRSAFEAPI StringCchCatA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source) {
  return StringCchCatNA(target, size, source, STRSAFE_MAX_LENGTH);
}

STRSAFEAPI StringCchVPrintfA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR format,
                             va_list arguments) {
  if (!target || !format || size == 0 || size > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  return ws2spi_format_bytes(target, size, format, arguments) < size
             ? S_OK
             : STRSAFE_E_INSUFFICIENT_BUFFER;
}

STRSAFEAPI StringCchPrintfA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR format, ...) {
  va_list arguments;
  HRESULT result;
  va_start(arguments, format);
  result = StringCchVPrintfA(target, size, format, arguments);
  va_end(arguments);
  return result;
}

STRSAFEAPI StringCbLengthA(STRSAFE_LPCSTR text, size_t most, size_t *length) {
  HRESULT result = StringCchLengthA(text, most / sizeof(char), length);
  if (length) {
    *length *= sizeof(char);
  }
  return result;
}

STRSAFEAPI StringCbCopyNA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source, size_t most) {
  return StringCchCopyNA(target, size / sizeof(char), source, most / sizeof(char));
}

STRSAFEAPI StringCbCopyA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source) {
  return StringCchCopyA(target, size / sizeof(char), source);
}

STRSAFEAPI StringCbCatNA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source, size_t most) {
  return StringCchCatNA(target, size / sizeof(char), source, most / sizeof(char));
}

STRSAFEAPI StringCbCatA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR source) {
  return StringCchCatA(target, size / sizeof(char), source);
}

STRSAFEAPI StringCbVPrintfA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR format,
                            va_list arguments) {
  return StringCchVPrintfA(target, size / sizeof(char), format, arguments);
}

STRSAFEAPI StringCbPrintfA(STRSAFE_LPSTR target, size_t size, STRSAFE_LPCSTR format, ...) {
  va_list arguments;
  HRESULT result;
  va_start(arguments, format);
  result = StringCbVPrintfA(target, size, format, arguments);
  va_end(arguments);
  return result;
}

STRSAFEAPI StringCchLengthW(STRSAFE_LPCWSTR text, size_t most, size_t *length) {
  size_t found = 0;
  if (length) {
    *length = 0;
  }
  if (!text || most > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  while (found < most && text[found]) {
    found++;
  }
  if (found == most) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (length) {
    *length = found;
  }
  return S_OK;
}

STRSAFEAPI StringCchCopyNW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source,
                           size_t most) {
  size_t at = 0;
  if (!target || size == 0 || size > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (most > STRSAFE_MAX_LENGTH) {
    *target = 0;
    return STRSAFE_E_INVALID_PARAMETER;
  }
  while (at < size && at < most && source && source[at]) {
    target[at] = source[at];
    at++;
  }
  if (at == size) {
    target[size - 1] = 0;
    return STRSAFE_E_INSUFFICIENT_BUFFER;
  }
  target[at] = 0;
  return S_OK;
}

STRSAFEAPI StringCchCopyW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source) {
  return StringCchCopyNW(target, size, source, STRSAFE_MAX_LENGTH);
}

STRSAFEAPI StringCchCatNW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source, size_t most) {
  size_t length;
  if (StringCchLengthW(target, size, &length) != S_OK) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  if (most > STRSAFE_MAX_LENGTH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  return StringCchCopyNW(target + length, size - length, source, most);
}

STRSAFEAPI StringCchCatW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source) {
  return StringCchCatNW(target, size, source, STRSAFE_MAX_LENGTH);
}

STRSAFEAPI StringCchVPrintfW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR format,
                             va_list arguments) {
  if (!target || !format || size == 0 || size > STRSAFE_MAX_CCH) {
    return STRSAFE_E_INVALID_PARAMETER;
  }
  return ws2spi_format_units(target, size, format, arguments) < size
             ? S_OK
             : STRSAFE_E_INSUFFICIENT_BUFFER;
}

STRSAFEAPI StringCchPrintfW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR format, ...) {
  va_list arguments;
  HRESULT result;
  va_start(arguments, format);
  result = StringCchVPrintfW(target, size, format, arguments);
  va_end(arguments);
  return result;
}

STRSAFEAPI StringCbLengthW(STRSAFE_LPCWSTR text, size_t most, size_t *length) {
  HRESULT result = StringCchLengthW(text, most / sizeof(WCHAR), length);
  if (length) {
    *length *= sizeof(WCHAR);
  }
  return result;
}

STRSAFEAPI StringCbCopyNW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source, size_t most) {
  return StringCchCopyNW(target, size / sizeof(WCHAR), source, most / sizeof(WCHAR));
}

STRSAFEAPI StringCbCopyW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source) {
  return StringCchCopyW(target, size / sizeof(WCHAR), source);
}

STRSAFEAPI StringCbCatNW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source, size_t most) {
  return StringCchCatNW(target, size / sizeof(WCHAR), source, most / sizeof(WCHAR));
}

STRSAFEAPI StringCbCatW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR source) {
  return StringCchCatW(target, size / sizeof(WCHAR), source);
}

STRSAFEAPI StringCbVPrintfW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR format,
                            va_list arguments) {
  return StringCchVPrintfW(target, size / sizeof(WCHAR), format, arguments);
}

STRSAFEAPI StringCbPrintfW(STRSAFE_LPWSTR target, size_t size, STRSAFE_LPCWSTR format, ...) {
  va_list arguments;
  HRESULT result;
  va_start(arguments, format);
  result = StringCbVPrintfW(target, size, format, arguments);
  va_end(arguments);
  return result;
}

#ifdef UNICODE
#define StringCbLength   StringCbLengthW
#define StringCbCopyN    StringCbCopyNW
#define StringCbCopy     StringCbCopyW
#define StringCbCatN     StringCbCatNW
#define StringCbCat      StringCbCatW
#define StringCbVPrintf  StringCbVPrintfW
#define StringCbPrintf   StringCbPrintfW
#define StringCchLength  StringCchLengthW
#define StringCchCopyN   StringCchCopyNW
#define StringCchCopy    StringCchCopyW
#define StringCchCatN    StringCchCatNW
#define StringCchCat     StringCchCatW
#define StringCchVPrintf StringCchVPrintfW
#define StringCchPrintf  StringCchPrintfW
#else
#define StringCbLength   StringCbLengthA
#define StringCbCopyN    StringCbCopyNA
#define StringCbCopy     StringCbCopyA
#define StringCbCatN     StringCbCatNA
#define StringCbCat      StringCbCatA
#define StringCbVPrintf  StringCbVPrintfA
#define StringCbPrintf   StringCbPrintfA
#define StringCchLength  StringCchLengthA
#define StringCchCopyN   StringCchCopyNA
#define StringCchCopy    StringCchCopyA
#define StringCchCatN    StringCchCatNA
#define StringCchCat     StringCchCatA
#define StringCchVPrintf StringCchVPrintfA
#define StringCchPrintf  StringCchPrintfA
#endif

#endif
