/*
 * Microsoft's intrin.h: the interlocked operations of winnt.h, byte swaps, bit scans, and where the
 * caller stands. Nothing of vector units.
 */
#ifndef WS2SPI_INTRIN_H
#define WS2SPI_INTRIN_H

#include <stdlib.h>

#include "ws2spi/interlocked.h"
#include "debugapi.h"

#define _ReturnAddress()         __builtin_return_address(0)
#define _byteswap_ushort(number) __builtin_bswap16(number)
#define _byteswap_ulong(number)  __builtin_bswap32(number)
#define _byteswap_uint64(number) __builtin_bswap64(number)
#define __nop()                  ((void)0)

static __inline__ WS2SPI_UNUSED unsigned char _BitScanForward(ULONG *index, ULONG mask) {
  *index = mask ? (ULONG)__builtin_ctz(mask) : 0;
  return mask != 0;
}

static __inline__ WS2SPI_UNUSED unsigned char _BitScanReverse(ULONG *index, ULONG mask) {
  *index = mask ? 31 - (ULONG)__builtin_clz(mask) : 0;
  return mask != 0;
}

#endif
