/*
 * upcalls_checks.h - how base_upcalls.c says what it found.
 *
 * A check is an exported function without arguments. It returns NULL when all
 * is as documented, else the place and the text of the first expectation that
 * does not hold.
 */
#ifndef UPCALLS_CHECKS_H
#define UPCALLS_CHECKS_H

#include "upcalls_provider.h"

#define UPCALLS_TEXT_OF(x) #x
#define UPCALLS_TEXT(x)    UPCALLS_TEXT_OF(x)

#define EXPECT(condition)                                                         \
  do {                                                                            \
    if (!(condition)) return __FILE__ ":" UPCALLS_TEXT(__LINE__) ": " #condition; \
  } while (0)

#define UPCALLS_CHECK(name)                                            \
  __declspec(dllexport) const char *ws2spi_upcalls_check_##name(void); \
  const char *ws2spi_upcalls_check_##name(void)

/* An error code that no upcall stores. */
enum { UNTOUCHED = 4711 };

/* Whether the wait for an event ends at once, signalled. */
static inline int upcalls_is_signalled(WSAEVENT event) {
  return WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0;
}

/* A socket of the base provider: a system handle that some other provider owns. */
static inline SOCKET upcalls_system_socket(void) {
  return WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
}

#endif
