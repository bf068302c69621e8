/* What the probes of this folder share: the headers they are about, and the three kinds of rows.
 *
 * Each row is a static assertion. mingw-w64's gcc checks it against its own headers:
 *   x86_64-w64-mingw32-gcc -std=c11 -fsyntax-only spi/abi/tests/mingw/layouts.c
 * and tests/mingw.rs checks the same rows against the Rust declarations, so that these files keep
 * the numbers of the mingw-w64 headers where the compiler is not at hand.
 */
#define UNICODE
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0A00
#define WIN32_NO_STATUS
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <afunix.h>
#include <sporder.h>
#include <windows.h>
#undef WIN32_NO_STATUS
#ifdef __MINGW32__
#include <winternl.h>
#include <ntstatus.h>
#endif
#include <stddef.h>

#define STRUCT(type, size, align) \
  _Static_assert(sizeof(type) == (size) && _Alignof(type) == (align), #type);
#define FIELD(type, field, offset, size) \
  _Static_assert(offsetof(type, field) == (offset) && \
                 sizeof(((type *)0)->field) == (size), #type "." #field);
#define VALUE(name, value) \
  _Static_assert((unsigned)(ULONG_PTR)(name) == (unsigned)(value), #name);
