/*
 * What Microsoft's compiler defines by itself for a 64-bit target, and sources go by: _WIN64 and
 * the name of the processor. `ws2spi cc` has it included before everything else, and so have `run`,
 * `check` and the flags of `cc --cflags`; the other headers do not need it, their types have the
 * sizes of 64-bit Windows in any case.
 *
 * Not _WIN32 and not _MSC_VER: the libraries of this system go by these names too (libstdc++'s
 * <filesystem> takes Windows' paths then). Source that asks for _WIN32 is compiled with -D_WIN32.
 */
#ifndef WS2SPI_PREDEFINED_H
#define WS2SPI_PREDEFINED_H

#if defined(__LP64__) && !defined(_WIN64)
#define _WIN64 1
#endif

#if defined(__x86_64__)
#ifndef _M_X64
#define _M_X64 100
#endif
#ifndef _M_AMD64
#define _M_AMD64 100
#endif
#elif defined(__aarch64__)
#ifndef _M_ARM64
#define _M_ARM64 1
#endif
#endif

#ifndef _INTEGRAL_MAX_BITS
#define _INTEGRAL_MAX_BITS 64
#endif

#endif
