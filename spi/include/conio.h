/*
 * Keys and text of the console (Microsoft's conio.h): single keys without waiting for Enter, from
 * the standard input, which may be a terminal or not; text on the standard output. Keys without a
 * letter are two bytes, as there. Not the functions that read lines or fields, nor the wide ones.
 */
#ifndef _INC_CONIO
#define _INC_CONIO

#include <stdio.h>

#include "windef.h"
#include "ws2spi/printf.h"

WS2SPI_BEGIN_DECLS

/* They stand behind the names below; -1 is EOF. */
int ws2spi_getch(void);
int ws2spi_kbhit(void);
int ws2spi_ungetch(int key);

static __inline__ WS2SPI_UNUSED int _getch(void) {
  return ws2spi_getch();
}

static __inline__ WS2SPI_UNUSED int _kbhit(void) {
  return ws2spi_kbhit();
}

static __inline__ WS2SPI_UNUSED int _ungetch(int key) {
  return ws2spi_ungetch(key);
}

static __inline__ WS2SPI_UNUSED int _putch(int letter) {
  int put = fputc(letter, stdout);
  return fflush(stdout) == 0 ? put : EOF;
}

/* What cannot be shown is a key all the same. */
static __inline__ WS2SPI_UNUSED int _getche(void) {
  int key = ws2spi_getch();
  if (key != EOF)
    (void)_putch(key);
  return key;
}

static __inline__ WS2SPI_UNUSED int _cputs(const char *text) {
  return fputs(text, stdout) != EOF && fflush(stdout) == 0 ? 0 : -1;
}

static __inline__ WS2SPI_UNUSED int _cprintf(const char *format, ...) {
  va_list arguments;
  int count;
  va_start(arguments, format);
  count = ws2spi_format_stream(stdout, format, 0, arguments);
  va_end(arguments);
  return fflush(stdout) == 0 ? count : -1;
}

/* The names before the standard took them away. */
#ifndef NO_OLDNAMES
static __inline__ WS2SPI_UNUSED int getch(void) {
  return _getch();
}

static __inline__ WS2SPI_UNUSED int getche(void) {
  return _getche();
}

static __inline__ WS2SPI_UNUSED int kbhit(void) {
  return _kbhit();
}

static __inline__ WS2SPI_UNUSED int ungetch(int key) {
  return _ungetch(key);
}

static __inline__ WS2SPI_UNUSED int putch(int letter) {
  return _putch(letter);
}

static __inline__ WS2SPI_UNUSED int cputs(const char *text) {
  return _cputs(text);
}
#endif

WS2SPI_END_DECLS

#endif
