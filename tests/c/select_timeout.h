/*
 * select_timeout.h - the type of WSPSelect's timeout.
 *
 * The SDK and our headers declare it `const struct timeval *`; mingw-w64's
 * ws2spi.h has lost the const. A source that compiles with both names it so.
 */
#ifndef SELECT_TIMEOUT_H
#define SELECT_TIMEOUT_H

#include <winsock2.h>

#ifdef __MINGW32__
typedef PTIMEVAL select_timeout;
#else
typedef const struct timeval *select_timeout;
#endif

#endif
