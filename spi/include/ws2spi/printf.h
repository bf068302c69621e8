/*
 * The printf family with Windows' conversions (format.h), for bytes and 16-bit units.
 *
 * libc's does not understand 16-bit strings, so where the compiler was told -fshort-wchar its names
 * are macros for the functions here, std::printf and the like included. Without -fshort-wchar only
 * names that libc lacks are there. Included by windows.h.
 */
#ifndef WS2SPI_PRINTF_H
#define WS2SPI_PRINTF_H

#ifdef __cplusplus
#include <cstdio>
#include <cwchar>
#endif
#include <wchar.h>

#include "format.h"

#define WS2SPI_TEXT static __inline__ WS2SPI_UNUSED

/* The printf family. A length beyond int is as good as none. */
WS2SPI_TEXT int ws2spi_vfprintf(FILE *stream, const char *format, va_list arguments) {
  return ws2spi_format_stream(stream, format, 0, arguments);
}

WS2SPI_TEXT int ws2spi_vprintf(const char *format, va_list arguments) {
  return ws2spi_format_stream(stdout, format, 0, arguments);
}

WS2SPI_TEXT int ws2spi_vsnprintf(char *target, size_t size, const char *format, va_list arguments) {
  return (int)ws2spi_format_bytes(target, size, format, arguments);
}

WS2SPI_TEXT int ws2spi_vsprintf(char *target, const char *format, va_list arguments) {
  return (int)ws2spi_format_bytes(target, (size_t)-1 / 2, format, arguments);
}

/* Microsoft's old ones: no NUL where there is no room for it, and -1 where the text does not fit.
 */
WS2SPI_TEXT int _vsnprintf(char *target, size_t size, const char *format, va_list arguments) {
  ws2spi_sink sink = {target, NULL, size, NULL, 0};
  size_t length = ws2spi_format(&sink, format, 0, arguments);
  if (length < size) {
    target[length] = 0;
  }
  return length <= size || !target ? (int)length : -1;
}

WS2SPI_TEXT int _vsnwprintf(WCHAR *target, size_t size, const WCHAR *format, va_list arguments) {
  static WCHAR nowhere[1];
  ws2spi_sink sink = {NULL, target ? target : nowhere, size, NULL, 0};
  size_t length = ws2spi_format(&sink, format, 1, arguments);
  if (length < size) {
    target[length] = 0;
  }
  return length <= size || !target ? (int)length : -1;
}

/* The checked ones: what does not fit leaves an empty target and is -1. */
WS2SPI_TEXT int ws2spi_vsprintf_s(char *target, size_t size, const char *format,
                                  va_list arguments) {
  size_t length = target && size ? ws2spi_format_bytes(target, size, format, arguments) : size;
  if (length >= size) {
    if (target && size) {
      *target = 0;
    }
    return -1;
  }
  return (int)length;
}
#define vsprintf_s ws2spi_vsprintf_s

WS2SPI_TEXT int ws2spi_vswprintf_s(WCHAR *target, size_t size, const WCHAR *format,
                                   va_list arguments) {
  size_t length = target && size ? ws2spi_format_units(target, size, format, arguments) : size;
  if (length >= size) {
    if (target && size) {
      *target = 0;
    }
    return -1;
  }
  return (int)length;
}
#define vswprintf_s ws2spi_vswprintf_s

/* The C standard's: a NUL in any case, and -1 where the text does not fit. */
WS2SPI_TEXT int ws2spi_vswprintf(WCHAR *target, size_t size, const WCHAR *format,
                                 va_list arguments) {
  size_t length = ws2spi_format_units(target, size, format, arguments);
  return length < size ? (int)length : -1;
}

/* user32's: at most 1,023 characters and the NUL. */
WS2SPI_TEXT int wvsprintfA(LPSTR target, LPCSTR format, va_list arguments) {
  size_t length = ws2spi_format_bytes(target, 1024, format, arguments);
  return length < 1024 ? (int)length : 1023;
}

WS2SPI_TEXT int wvsprintfW(LPWSTR target, LPCWSTR format, va_list arguments) {
  size_t length = ws2spi_format_units(target, 1024, format, arguments);
  return length < 1024 ? (int)length : 1023;
}

WS2SPI_TEXT int ws2spi_vfwprintf(FILE *stream, const WCHAR *format, va_list arguments) {
  return ws2spi_format_stream(stream, format, 1, arguments);
}

WS2SPI_TEXT int ws2spi_printf(const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vprintf(format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_fprintf(FILE *stream, const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vfprintf(stream, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_sprintf(char *target, const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vsprintf(target, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_snprintf(char *target, size_t size, const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vsnprintf(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int _snprintf(char *target, size_t size, const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = _vsnprintf(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int _snwprintf(WCHAR *target, size_t size, const WCHAR *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = _vsnwprintf(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int sprintf_s(char *target, size_t size, const char *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vsprintf_s(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int swprintf_s(WCHAR *target, size_t size, const WCHAR *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vswprintf_s(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_swprintf(WCHAR *target, size_t size, const WCHAR *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vswprintf(target, size, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_wprintf(const WCHAR *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vfwprintf(stdout, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int ws2spi_fwprintf(FILE *stream, const WCHAR *format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = ws2spi_vfwprintf(stream, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int wsprintfA(LPSTR target, LPCSTR format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = wvsprintfA(target, format, arguments);
  va_end(arguments);
  return result;
}

WS2SPI_TEXT int wsprintfW(LPWSTR target, LPCWSTR format, ...) {
  va_list arguments;
  int result;
  va_start(arguments, format);
  result = wvsprintfW(target, format, arguments);
  va_end(arguments);
  return result;
}

#undef WS2SPI_TEXT

#ifdef UNICODE
#define wsprintf  wsprintfW
#define wvsprintf wvsprintfW
#else
#define wsprintf  wsprintfA
#define wvsprintf wvsprintfA
#endif

#if __SIZEOF_WCHAR_T__ == 2
#ifdef __cplusplus
/* What std::printf and the like become by the macros below. */
namespace std {
using ::ws2spi_fprintf;
using ::ws2spi_fwprintf;
using ::ws2spi_printf;
using ::ws2spi_snprintf;
using ::ws2spi_sprintf;
using ::ws2spi_swprintf;
using ::ws2spi_vfprintf;
using ::ws2spi_vfwprintf;
using ::ws2spi_vprintf;
using ::ws2spi_vsnprintf;
using ::ws2spi_vsprintf;
using ::ws2spi_vswprintf;
using ::ws2spi_wprintf;
} // namespace std
#endif
#undef printf
#define printf(...) ws2spi_printf(__VA_ARGS__)
#undef fprintf
#define fprintf(...) ws2spi_fprintf(__VA_ARGS__)
#undef sprintf
#define sprintf(...) ws2spi_sprintf(__VA_ARGS__)
#undef snprintf
#define snprintf(...) ws2spi_snprintf(__VA_ARGS__)
#undef vprintf
#define vprintf(...) ws2spi_vprintf(__VA_ARGS__)
#undef vfprintf
#define vfprintf(...) ws2spi_vfprintf(__VA_ARGS__)
#undef vsprintf
#define vsprintf(...) ws2spi_vsprintf(__VA_ARGS__)
#undef vsnprintf
#define vsnprintf(...) ws2spi_vsnprintf(__VA_ARGS__)
#undef swprintf
#define swprintf(...) ws2spi_swprintf(__VA_ARGS__)
#undef vswprintf
#define vswprintf(...) ws2spi_vswprintf(__VA_ARGS__)
#undef wprintf
#define wprintf(...) ws2spi_wprintf(__VA_ARGS__)
#undef fwprintf
#define fwprintf(...) ws2spi_fwprintf(__VA_ARGS__)
#undef vfwprintf
#define vfwprintf(...) ws2spi_vfwprintf(__VA_ARGS__)
#endif

#endif
