/*
 * Formatted text with Windows' conversions, for bytes and for 16-bit units: what the printf family
 * of wide.h and strsafe.h is made of.
 *
 * Differences from libc's: %S, %ws, %ls and %hs, and %s in a wide format, take 16-bit or byte
 * strings as on Windows; %I64d, %I32d and %Id exist; l means 32 bits, which is what Windows' LONG
 * and DWORD have; a NULL string is "(null)"; there is no %n. 16-bit text becomes UTF-8 among bytes.
 */
#ifndef WS2SPI_FORMAT_H
#define WS2SPI_FORMAT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../windef.h"

/* Where the text goes: to at most size units at bytes or units, else to file; count goes on. */
typedef struct ws2spi_sink {
  char *bytes;
  WCHAR *units;
  size_t size;
  FILE *file;
  size_t count;
} ws2spi_sink;

/* One conversion: %[flags][width][.precision][length]kind. */
typedef struct ws2spi_spec {
  char flags[6];
  int width;
  int precision;
  int length;
  int kind;
} ws2spi_spec;

static __inline__ WS2SPI_UNUSED void ws2spi_put(ws2spi_sink *sink, unsigned unit) {
  if (sink->file) {
    fputc((int)(unit & 0xff), sink->file);
  } else if (sink->count < sink->size) {
    if (sink->units) {
      sink->units[sink->count] = (WCHAR)unit;
    } else {
      sink->bytes[sink->count] = (char)unit;
    }
  }
  sink->count++;
}

/* Puts a character as the sink wants it: UTF-16 or UTF-8. */
static WS2SPI_UNUSED void ws2spi_put_character(ws2spi_sink *sink, unsigned long character) {
  if (sink->units) {
    if (character > 0xffff) {
      ws2spi_put(sink, (unsigned)(0xd800 + ((character - 0x10000) >> 10)));
      character = 0xdc00 + ((character - 0x10000) & 0x3ff);
    }
    ws2spi_put(sink, (unsigned)character);
  } else if (character < 0x80) {
    ws2spi_put(sink, (unsigned)character);
  } else {
    int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    ws2spi_put(sink, (unsigned)((0xf00 >> more & 0xff) | character >> (6 * more)) & 0xff);
    while (more-- > 0) {
      ws2spi_put(sink, (unsigned)(0x80 | (character >> (6 * more) & 0x3f)));
    }
  }
}

/* Puts bytes, UTF-8 if the sink wants 16-bit units. */
static WS2SPI_UNUSED void ws2spi_put_bytes(ws2spi_sink *sink, const char *text, size_t length) {
  size_t at = 0;
  while (at < length) {
    unsigned long first = (unsigned char)text[at++];
    int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (!sink->units || more == 0) {
      ws2spi_put(sink, (unsigned)first);
      continue;
    }
    first &= 0x3fu >> more;
    for (; more > 0 && at < length; more--) {
      first = first << 6 | ((unsigned char)text[at++] & 0x3f);
    }
    ws2spi_put_character(sink, first);
  }
}

/* Puts 16-bit units, as UTF-8 if the sink wants bytes. */
static WS2SPI_UNUSED void ws2spi_put_units(ws2spi_sink *sink, const WCHAR *text, size_t length) {
  size_t at = 0;
  while (at < length) {
    unsigned long unit = (unsigned short)text[at++];
    if (unit >= 0xd800 && unit < 0xdc00 && at < length) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + ((unsigned short)text[at++] - 0xdc00u);
    }
    ws2spi_put_character(sink, unit);
  }
}

static WS2SPI_UNUSED void ws2spi_put_string(ws2spi_sink *sink, const ws2spi_spec *spec,
                                            const void *text, int wide) {
  size_t most = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;
  size_t length = 0;
  size_t width = spec->width > 0 ? (size_t)spec->width : 0;
  int left = strchr(spec->flags, '-') != NULL;
  if (!text) {
    text = "(null)";
    wide = 0;
  }
  if (wide) {
    while (length < most && ((const WCHAR *)text)[length]) {
      length++;
    }
  } else {
    while (length < most && ((const char *)text)[length]) {
      length++;
    }
  }
  for (; !left && width > length; width--) {
    ws2spi_put(sink, ' ');
  }
  if (wide) {
    ws2spi_put_units(sink, (const WCHAR *)text, length);
  } else {
    ws2spi_put_bytes(sink, (const char *)text, length);
  }
  for (; left && width > length; width--) {
    ws2spi_put(sink, ' ');
  }
}

/* Puts a number as libc formats it: the value is converted by the caller, the length is "ll" or L.
 */
static WS2SPI_UNUSED void ws2spi_put_number(ws2spi_sink *sink, const ws2spi_spec *spec,
                                            long long value, const void *pointer, double real) {
  char own[32];
  char text[512];
  size_t at = 0;
  int length;
  int precision = spec->precision > 400 ? 400 : spec->precision;
  int width = spec->width > 400 ? 400 : spec->width;
  own[at++] = '%';
  memcpy(own + at, spec->flags, strlen(spec->flags));
  at += strlen(spec->flags);
  own[at++] = '*';
  own[at++] = '.';
  own[at++] = '*';
  if (strchr("diuoxX", spec->kind)) {
    own[at++] = 'l';
    own[at++] = 'l';
  }
  own[at++] = (char)spec->kind;
  own[at] = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
  if (spec->kind == 'p') {
    length = snprintf(text, sizeof(text), "%016llX", (unsigned long long)(uintptr_t)pointer);
  } else if (strchr("diuoxX", spec->kind)) {
    length = snprintf(text, sizeof(text), own, width, precision, value);
  } else {
    length = snprintf(text, sizeof(text), own, width, precision, real);
  }
#pragma GCC diagnostic pop
  if (length > 0) {
    size_t stored = (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1;
    ws2spi_put_bytes(sink, text, stored);
  }
}

/* The unit of a format at a place: of bytes or of 16-bit units. */
static __inline__ WS2SPI_UNUSED unsigned ws2spi_at(const void *format, int wide, size_t at) {
  return wide ? (unsigned short)((const WCHAR *)format)[at]
              : (unsigned char)((const char *)format)[at];
}

/* Lengths: what stands between the precision and the kind, as one number. */
enum ws2spi_length {
  WS2SPI_LENGTH_NONE,
  WS2SPI_LENGTH_CHAR,
  WS2SPI_LENGTH_SHORT,
  WS2SPI_LENGTH_LONG,
  WS2SPI_LENGTH_64,
  WS2SPI_LENGTH_REAL
};

static WS2SPI_UNUSED size_t ws2spi_read_length(const void *format, int wide, size_t at,
                                               int *length) {
  unsigned unit = ws2spi_at(format, wide, at);
  *length = WS2SPI_LENGTH_NONE;
  if (unit == 'h') {
    *length = ws2spi_at(format, wide, at + 1) == 'h' ? WS2SPI_LENGTH_CHAR : WS2SPI_LENGTH_SHORT;
    return at + (*length == WS2SPI_LENGTH_CHAR ? 2 : 1);
  }
  if (unit == 'l') {
    *length = ws2spi_at(format, wide, at + 1) == 'l' ? WS2SPI_LENGTH_64 : WS2SPI_LENGTH_LONG;
    return at + (*length == WS2SPI_LENGTH_64 ? 2 : 1);
  }
  if (unit == 'w') {
    *length = WS2SPI_LENGTH_LONG;
    return at + 1;
  }
  if (unit == 'I') {
    unsigned next = ws2spi_at(format, wide, at + 1);
    if (next == '3' && ws2spi_at(format, wide, at + 2) == '2') {
      return at + 3;
    }
    *length = WS2SPI_LENGTH_64;
    return next == '6' && ws2spi_at(format, wide, at + 2) == '4' ? at + 3 : at + 1;
  }
  if (unit == 'z' || unit == 't' || unit == 'j' || unit == 'q') {
    *length = WS2SPI_LENGTH_64;
    return at + 1;
  }
  if (unit == 'L') {
    *length = WS2SPI_LENGTH_REAL;
    return at + 1;
  }
  return at;
}

/* Formats into a sink; wide says what the format is made of. The number of units, as if all fit. */
static WS2SPI_UNUSED size_t ws2spi_format(ws2spi_sink *sink, const void *format, int wide,
                                          va_list arguments) {
  size_t at = 0;
  unsigned unit;
  while ((unit = ws2spi_at(format, wide, at)) != 0) {
    ws2spi_spec spec;
    size_t flags = 0;
    at++;
    if (unit != '%') {
      if (wide) {
        WCHAR one = (WCHAR)unit;
        ws2spi_put_units(sink, &one, 1);
      } else {
        ws2spi_put(sink, unit);
      }
      continue;
    }
    memset(&spec, 0, sizeof(spec));
    spec.precision = -1;
    while ((unit = ws2spi_at(format, wide, at)) != 0 && unit < 0x80 && strchr("-+ #0", (int)unit)) {
      if (flags + 1 < sizeof(spec.flags)) {
        spec.flags[flags++] = (char)unit;
      }
      at++;
    }
    if (unit == '*') {
      spec.width = va_arg(arguments, int);
      if (spec.width < 0) {
        spec.width = -spec.width;
        spec.flags[0] = '-';
      }
      at++;
    } else {
      while ((unit = ws2spi_at(format, wide, at)) >= '0' && unit <= '9' && spec.width < 100000) {
        spec.width = spec.width * 10 + (int)(unit - '0');
        at++;
      }
    }
    if (ws2spi_at(format, wide, at) == '.') {
      at++;
      spec.precision = 0;
      if (ws2spi_at(format, wide, at) == '*') {
        spec.precision = va_arg(arguments, int);
        at++;
      } else {
        while ((unit = ws2spi_at(format, wide, at)) >= '0' && unit <= '9' &&
               spec.precision < 100000) {
          spec.precision = spec.precision * 10 + (int)(unit - '0');
          at++;
        }
      }
    }
    at = ws2spi_read_length(format, wide, at, &spec.length);
    spec.kind = (int)ws2spi_at(format, wide, at);
    if (spec.kind == 0) {
      break;
    }
    at++;
    switch (spec.kind) {
    case 'd':
    case 'i': {
      long long value = spec.length == WS2SPI_LENGTH_64 ? va_arg(arguments, long long)
                                                        : (long long)va_arg(arguments, int);
      value = spec.length == WS2SPI_LENGTH_SHORT  ? (short)value
              : spec.length == WS2SPI_LENGTH_CHAR ? (signed char)value
                                                  : value;
      ws2spi_put_number(sink, &spec, value, NULL, 0);
      break;
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X': {
      unsigned long long value = spec.length == WS2SPI_LENGTH_64
                                     ? va_arg(arguments, unsigned long long)
                                     : va_arg(arguments, unsigned);
      value = spec.length == WS2SPI_LENGTH_SHORT  ? (unsigned short)value
              : spec.length == WS2SPI_LENGTH_CHAR ? (unsigned char)value
                                                  : value;
      ws2spi_put_number(sink, &spec, (long long)value, NULL, 0);
      break;
    }
    case 'c':
    case 'C': {
      WCHAR character[2] = {(WCHAR)va_arg(arguments, int), 0};
      spec.precision = 1;
      ws2spi_put_string(sink, &spec, character, 1);
      break;
    }
    case 's':
    case 'S': {
      int own = (spec.kind == 'S') != wide;
      int is_wide = spec.length == WS2SPI_LENGTH_LONG    ? 1
                    : spec.length == WS2SPI_LENGTH_SHORT ? 0
                                                         : own;
      ws2spi_put_string(sink, &spec, va_arg(arguments, const void *), is_wide);
      break;
    }
    case 'p':
      ws2spi_put_number(sink, &spec, 0, va_arg(arguments, const void *), 0);
      break;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      double real = spec.length == WS2SPI_LENGTH_REAL ? (double)va_arg(arguments, long double)
                                                      : va_arg(arguments, double);
      ws2spi_put_number(sink, &spec, 0, NULL, real);
      break;
    }
    default:
      /* %% is one, an unknown kind stands for itself. */
      ws2spi_put(sink, (unsigned)spec.kind);
    }
  }
  return sink->count;
}

/* Formats into size bytes; the text ends with a NUL when size is not 0. Its whole length. */
static WS2SPI_UNUSED size_t ws2spi_format_bytes(char *target, size_t size, const char *format,
                                                va_list arguments) {
  ws2spi_sink sink = {target, NULL, size, NULL, 0};
  size_t length = ws2spi_format(&sink, format, 0, arguments);
  if (size) {
    target[length < size ? length : size - 1] = 0;
  }
  return length;
}

/* The same in 16-bit units. */
static WS2SPI_UNUSED size_t ws2spi_format_units(WCHAR *target, size_t size, const WCHAR *format,
                                                va_list arguments) {
  static WCHAR nowhere[1];
  ws2spi_sink sink = {NULL, target ? target : nowhere, size, NULL, 0};
  size_t length = ws2spi_format(&sink, format, 1, arguments);
  if (size) {
    target[length < size ? length : size - 1] = 0;
  }
  return length;
}

/* Formats to a stream, 16-bit text as UTF-8. The number of bytes. */
static WS2SPI_UNUSED int ws2spi_format_stream(FILE *stream, const void *format, int wide,
                                              va_list arguments) {
  ws2spi_sink sink = {NULL, NULL, 0, stream, 0};
  size_t length = ws2spi_format(&sink, format, wide, arguments);
  return ferror(stream) ? -1 : (int)length;
}

#endif
