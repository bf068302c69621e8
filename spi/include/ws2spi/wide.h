/*
 * The C library's text functions as Windows has them: the wide ones in 16-bit units, and
 * Microsoft's additions (_stricmp, strcpy_s...). printf.h has the printf family.
 *
 * libc's wcs* functions have wchar_t of 32 bits; where the compiler was told -fshort-wchar their
 * names are macros for the functions here. In C++ these macros need calls with the plain name;
 * std::wcslen and the like lead here too. std::wstring is not supported. Without -fshort-wchar only
 * names that libc lacks are there. Included by windows.h.
 */
#ifndef WS2SPI_WIDE_H
#define WS2SPI_WIDE_H

#ifdef __cplusplus
#include <cstdlib>
#include <cstring>
#include <cwchar>
#endif
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "../windef.h"

#define WS2SPI_TEXT static __inline__ WS2SPI_UNUSED

typedef int errno_t;

#ifndef _TRUNCATE
#define _TRUNCATE ((size_t)-1)
#endif

WS2SPI_TEXT size_t ws2spi_strnlen(const char *text, size_t most) {
  const char *end = (const char *)memchr(text, 0, most);
  return end ? (size_t)(end - text) : most;
}

WS2SPI_TEXT size_t ws2spi_wcslen(const WCHAR *text) {
  size_t length = 0;
  while (text[length]) {
    length++;
  }
  return length;
}

WS2SPI_TEXT size_t ws2spi_wcsnlen(const WCHAR *text, size_t most) {
  size_t length = 0;
  while (length < most && text[length]) {
    length++;
  }
  return length;
}

WS2SPI_TEXT WCHAR *ws2spi_wcscpy(WCHAR *target, const WCHAR *source) {
  return (WCHAR *)memcpy(target, source, (ws2spi_wcslen(source) + 1) * sizeof(WCHAR));
}

WS2SPI_TEXT WCHAR *ws2spi_wcsncpy(WCHAR *target, const WCHAR *source, size_t size) {
  size_t length = ws2spi_wcsnlen(source, size);
  memcpy(target, source, length * sizeof(WCHAR));
  memset(target + length, 0, (size - length) * sizeof(WCHAR));
  return target;
}

WS2SPI_TEXT WCHAR *ws2spi_wcscat(WCHAR *target, const WCHAR *source) {
  ws2spi_wcscpy(target + ws2spi_wcslen(target), source);
  return target;
}

WS2SPI_TEXT WCHAR *ws2spi_wcsncat(WCHAR *target, const WCHAR *source, size_t most) {
  WCHAR *end = target + ws2spi_wcslen(target);
  size_t length = ws2spi_wcsnlen(source, most);
  memcpy(end, source, length * sizeof(WCHAR));
  end[length] = 0;
  return target;
}

WS2SPI_TEXT int ws2spi_wcsncmp(const WCHAR *one, const WCHAR *other, size_t most) {
  for (; most > 0; most--, one++, other++) {
    if (*one != *other) {
      return *one < *other ? -1 : 1;
    }
    if (!*one) {
      break;
    }
  }
  return 0;
}

WS2SPI_TEXT int ws2spi_wcscmp(const WCHAR *one, const WCHAR *other) {
  return ws2spi_wcsncmp(one, other, (size_t)-1);
}

WS2SPI_TEXT WCHAR ws2spi_towlower(WCHAR unit) {
  return unit < 0x80 ? (WCHAR)tolower(unit) : unit;
}

WS2SPI_TEXT WCHAR ws2spi_towupper(WCHAR unit) {
  return unit < 0x80 ? (WCHAR)toupper(unit) : unit;
}

/* Case is that of ASCII letters. */
WS2SPI_TEXT int _wcsnicmp(const WCHAR *one, const WCHAR *other, size_t most) {
  for (; most > 0; most--, one++, other++) {
    WCHAR a = ws2spi_towlower(*one);
    WCHAR b = ws2spi_towlower(*other);
    if (a != b) {
      return a < b ? -1 : 1;
    }
    if (!a) {
      break;
    }
  }
  return 0;
}

WS2SPI_TEXT int _wcsicmp(const WCHAR *one, const WCHAR *other) {
  return _wcsnicmp(one, other, (size_t)-1);
}

WS2SPI_TEXT WCHAR *ws2spi_wcschr(const WCHAR *text, WCHAR wanted) {
  for (; *text != wanted; text++) {
    if (!*text) {
      return NULL;
    }
  }
  return (WCHAR *)text;
}

WS2SPI_TEXT WCHAR *ws2spi_wcsrchr(const WCHAR *text, WCHAR wanted) {
  const WCHAR *at = text + ws2spi_wcslen(text);
  for (; *at != wanted; at--) {
    if (at == text) {
      return NULL;
    }
  }
  return (WCHAR *)at;
}

WS2SPI_TEXT WCHAR *ws2spi_wcsstr(const WCHAR *text, const WCHAR *wanted) {
  size_t length = ws2spi_wcslen(wanted);
  for (; ws2spi_wcsncmp(text, wanted, length) != 0; text++) {
    if (!*text) {
      return NULL;
    }
  }
  return (WCHAR *)text;
}

WS2SPI_TEXT WCHAR *_wcsdup(const WCHAR *text) {
  size_t size = (ws2spi_wcslen(text) + 1) * sizeof(WCHAR);
  WCHAR *copy = (WCHAR *)malloc(size);
  return copy ? (WCHAR *)memcpy(copy, text, size) : NULL;
}

WS2SPI_TEXT WCHAR *_wcslwr(WCHAR *text) {
  for (WCHAR *at = text; *at; at++) {
    *at = ws2spi_towlower(*at);
  }
  return text;
}

WS2SPI_TEXT WCHAR *_wcsupr(WCHAR *text) {
  for (WCHAR *at = text; *at; at++) {
    *at = ws2spi_towupper(*at);
  }
  return text;
}

/* A number in digits of base 2 to 36, or 0 for the base that its beginning says. */
WS2SPI_TEXT unsigned long ws2spi_wcstoul(const WCHAR *text, WCHAR **end, int base) {
  char digits[80];
  char *stop;
  size_t length = 0;
  unsigned long value;
  while (length + 1 < sizeof(digits) && text[length] && text[length] < 0x80) {
    digits[length] = (char)text[length];
    length++;
  }
  digits[length] = 0;
  value = strtoul(digits, &stop, base);
  if (end) {
    *end = (WCHAR *)text + (stop - digits);
  }
  return value;
}

WS2SPI_TEXT long ws2spi_wcstol(const WCHAR *text, WCHAR **end, int base) {
  return (long)ws2spi_wcstoul(text, end, base);
}

WS2SPI_TEXT int _wtoi(const WCHAR *text) {
  return (int)ws2spi_wcstol(text, NULL, 10);
}

WS2SPI_TEXT int _stricmp(const char *one, const char *other) {
  return strcasecmp(one, other);
}

WS2SPI_TEXT int _strnicmp(const char *one, const char *other, size_t most) {
  return strncasecmp(one, other, most);
}

WS2SPI_TEXT char *_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = (char *)malloc(size);
  return copy ? (char *)memcpy(copy, text, size) : NULL;
}

WS2SPI_TEXT char *_strlwr(char *text) {
  for (char *at = text; *at; at++) {
    *at = (char)tolower((unsigned char)*at);
  }
  return text;
}

WS2SPI_TEXT char *_strupr(char *text) {
  for (char *at = text; *at; at++) {
    *at = (char)toupper((unsigned char)*at);
  }
  return text;
}

/*
 * The checked copies. What does not fit is STRUNCATE with _TRUNCATE, else ERANGE and an empty
 * target; bad arguments are EINVAL. DIFFERS: no handler for invalid parameters is called.
 */
#ifndef STRUNCATE
#define STRUNCATE 80
#endif

WS2SPI_TEXT errno_t strncpy_s(char *target, size_t size, const char *source, size_t most) {
  size_t length;
  if (!target || !size || (!source && most)) {
    if (target && size) {
      *target = 0;
    }
    return EINVAL;
  }
  length = most ? ws2spi_strnlen(source, most == _TRUNCATE ? size : most) : 0;
  if (length >= size) {
    if (most != _TRUNCATE) {
      *target = 0;
      return ERANGE;
    }
    memcpy(target, source, (size - 1) * sizeof(char));
    target[size - 1] = 0;
    return STRUNCATE;
  }
  memcpy(target, source, length * sizeof(char));
  target[length] = 0;
  return 0;
}

WS2SPI_TEXT errno_t strcpy_s(char *target, size_t size, const char *source) {
  return strncpy_s(target, size, source, source ? strlen(source) + 1 : 1);
}

WS2SPI_TEXT errno_t strncat_s(char *target, size_t size, const char *source, size_t most) {
  size_t length = target ? ws2spi_strnlen(target, size) : 0;
  errno_t error;
  if (!target || length == size) {
    return EINVAL;
  }
  error = strncpy_s(target + length, size - length, source, most);
  if (error && error != STRUNCATE) {
    *target = 0;
  }
  return error;
}

WS2SPI_TEXT errno_t strcat_s(char *target, size_t size, const char *source) {
  return strncat_s(target, size, source, source ? strlen(source) + 1 : 1);
}

WS2SPI_TEXT errno_t wcsncpy_s(WCHAR *target, size_t size, const WCHAR *source, size_t most) {
  size_t length;
  if (!target || !size || (!source && most)) {
    if (target && size) {
      *target = 0;
    }
    return EINVAL;
  }
  length = most ? ws2spi_wcsnlen(source, most == _TRUNCATE ? size : most) : 0;
  if (length >= size) {
    if (most != _TRUNCATE) {
      *target = 0;
      return ERANGE;
    }
    memcpy(target, source, (size - 1) * sizeof(WCHAR));
    target[size - 1] = 0;
    return STRUNCATE;
  }
  memcpy(target, source, length * sizeof(WCHAR));
  target[length] = 0;
  return 0;
}

WS2SPI_TEXT errno_t wcscpy_s(WCHAR *target, size_t size, const WCHAR *source) {
  return wcsncpy_s(target, size, source, source ? ws2spi_wcslen(source) + 1 : 1);
}

WS2SPI_TEXT errno_t wcsncat_s(WCHAR *target, size_t size, const WCHAR *source, size_t most) {
  size_t length = target ? ws2spi_wcsnlen(target, size) : 0;
  errno_t error;
  if (!target || length == size) {
    return EINVAL;
  }
  error = wcsncpy_s(target + length, size - length, source, most);
  if (error && error != STRUNCATE) {
    *target = 0;
  }
  return error;
}

WS2SPI_TEXT errno_t wcscat_s(WCHAR *target, size_t size, const WCHAR *source) {
  return wcsncat_s(target, size, source, source ? ws2spi_wcslen(source) + 1 : 1);
}

WS2SPI_TEXT errno_t memcpy_s(void *target, size_t size, const void *source, size_t count) {
  if (!count) {
    return 0;
  }
  if (!target || !source || size < count) {
    if (target) {
      memset(target, 0, size);
    }
    return !target || !source ? EINVAL : ERANGE;
  }
  memcpy(target, source, count);
  return 0;
}

#ifdef __cplusplus
/* In C++ an array says its size itself. */
#define WS2SPI_CHECKED(name, type)                                                                 \
  template <size_t size> inline errno_t name(type(&target)[size], const type *source) {            \
    return name(target, size, source);                                                             \
  }
#define WS2SPI_CHECKED_PART(name, type)                                                            \
  template <size_t size>                                                                           \
  inline errno_t name(type(&target)[size], const type *source, size_t most) {                      \
    return name(target, size, source, most);                                                       \
  }
extern "C++" {
WS2SPI_CHECKED(strcpy_s, char)
WS2SPI_CHECKED(strcat_s, char)
WS2SPI_CHECKED(wcscpy_s, WCHAR)
WS2SPI_CHECKED(wcscat_s, WCHAR)
WS2SPI_CHECKED_PART(strncpy_s, char)
WS2SPI_CHECKED_PART(strncat_s, char)
WS2SPI_CHECKED_PART(wcsncpy_s, WCHAR)
WS2SPI_CHECKED_PART(wcsncat_s, WCHAR)
}
#undef WS2SPI_CHECKED
#undef WS2SPI_CHECKED_PART
#endif

#undef WS2SPI_TEXT

#if __SIZEOF_WCHAR_T__ == 2
#ifdef __cplusplus
/* What std::wcslen and the like become by the macros below. */
namespace std {
using ::ws2spi_wcscat;
using ::ws2spi_wcschr;
using ::ws2spi_wcscmp;
using ::ws2spi_wcscpy;
using ::ws2spi_wcslen;
using ::ws2spi_wcsncat;
using ::ws2spi_wcsncmp;
using ::ws2spi_wcsncpy;
using ::ws2spi_wcsnlen;
using ::ws2spi_wcsrchr;
using ::ws2spi_wcsstr;
using ::ws2spi_wcstol;
using ::ws2spi_wcstoul;
} // namespace std
#endif
#undef wcslen
#define wcslen(...) ws2spi_wcslen(__VA_ARGS__)
#undef wcsnlen
#define wcsnlen(...) ws2spi_wcsnlen(__VA_ARGS__)
#undef wcscpy
#define wcscpy(...) ws2spi_wcscpy(__VA_ARGS__)
#undef wcsncpy
#define wcsncpy(...) ws2spi_wcsncpy(__VA_ARGS__)
#undef wcscat
#define wcscat(...) ws2spi_wcscat(__VA_ARGS__)
#undef wcsncat
#define wcsncat(...) ws2spi_wcsncat(__VA_ARGS__)
#undef wcscmp
#define wcscmp(...) ws2spi_wcscmp(__VA_ARGS__)
#undef wcsncmp
#define wcsncmp(...) ws2spi_wcsncmp(__VA_ARGS__)
#undef wcschr
#define wcschr(...) ws2spi_wcschr(__VA_ARGS__)
#undef wcsrchr
#define wcsrchr(...) ws2spi_wcsrchr(__VA_ARGS__)
#undef wcsstr
#define wcsstr(...) ws2spi_wcsstr(__VA_ARGS__)
#undef wcstoul
#define wcstoul(...) ws2spi_wcstoul(__VA_ARGS__)
#undef wcstol
#define wcstol(...) ws2spi_wcstol(__VA_ARGS__)
#endif

#endif
