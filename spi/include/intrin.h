/*
 * Microsoft's intrin.h, what has no vectors: the interlocked operations of winnt.h, byte swaps,
 * rotations, bit scans and tests, products of double width, string instructions, the processor's
 * name and counter, where the caller stands. On x86 the vectors and pauses are those of the
 * compiler's x86intrin.h, which it includes; nothing of Microsoft's ARM functions.
 *
 * All are macros for functions of ours: clang, told to be like Microsoft's compiler, has some of
 * the names built in and lets nobody define them.
 */
#ifndef WS2SPI_INTRIN_H
#define WS2SPI_INTRIN_H

#include <stdlib.h>
#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

#include "ws2spi/interlocked.h"
#include "debugapi.h"

#define WS2SPI_INTRINSIC static __inline__ WS2SPI_UNUSED

#define _ReturnAddress()          __builtin_return_address(0)
#define _AddressOfReturnAddress() ((void *)((void **)__builtin_frame_address(0) + 1))
#define _byteswap_ushort(number)  __builtin_bswap16(number)
#define _byteswap_ulong(number)   __builtin_bswap32(number)
#define _byteswap_uint64(number)  __builtin_bswap64(number)
#define __nop()                   ((void)0)
#define __fastfail(code)          ((void)(code), __builtin_trap())

/* Each is defined for the types of its widths; a count is taken modulo the width, as there. */
#define WS2SPI_ROTATIONS(bits, type)                                                               \
  WS2SPI_INTRINSIC type ws2spi_rotl##bits(type value, int count) {                                 \
    return (type)((value << (count & (bits - 1))) | (value >> (-count & (bits - 1))));             \
  }                                                                                                \
  WS2SPI_INTRINSIC type ws2spi_rotr##bits(type value, int count) {                                 \
    return (type)((value >> (count & (bits - 1))) | (value << (-count & (bits - 1))));             \
  }

/* The index stays as it is when no bit is set: what is there then is not defined on Windows. */
#define WS2SPI_SCANS(bits, type, suffix)                                                           \
  WS2SPI_INTRINSIC unsigned char ws2spi_bit_scan_forward##bits(ULONG *index, type mask) {          \
    if (mask) {                                                                                    \
      *index = (ULONG)__builtin_ctz##suffix(mask);                                                 \
    }                                                                                              \
    return mask != 0;                                                                              \
  }                                                                                                \
  WS2SPI_INTRINSIC unsigned char ws2spi_bit_scan_reverse##bits(ULONG *index, type mask) {          \
    if (mask) {                                                                                    \
      *index = (ULONG)(bits - 1 - __builtin_clz##suffix(mask));                                    \
    }                                                                                              \
    return mask != 0;                                                                              \
  }

/* A bit may lie behind the first number. */
#define WS2SPI_BIT_TESTS(bits, type, unsigned_type)                                                \
  WS2SPI_INTRINSIC unsigned char ws2spi_bittest##bits(type const *base, type bit) {                \
    return (unsigned char)(((unsigned_type)base[bit / bits] >> (bit % bits)) & 1);                 \
  }                                                                                                \
  WS2SPI_INTRINSIC unsigned char ws2spi_bittestandset##bits(type *base, type bit) {                \
    unsigned char was = ws2spi_bittest##bits(base, bit);                                           \
    base[bit / bits] |= (type)((unsigned_type)1 << (bit % bits));                                  \
    return was;                                                                                    \
  }                                                                                                \
  WS2SPI_INTRINSIC unsigned char ws2spi_bittestandreset##bits(type *base, type bit) {              \
    unsigned char was = ws2spi_bittest##bits(base, bit);                                           \
    base[bit / bits] &= (type) ~((unsigned_type)1 << (bit % bits));                                \
    return was;                                                                                    \
  }                                                                                                \
  WS2SPI_INTRINSIC unsigned char ws2spi_bittestandcomplement##bits(type *base, type bit) {         \
    unsigned char was = ws2spi_bittest##bits(base, bit);                                           \
    base[bit / bits] ^= (type)((unsigned_type)1 << (bit % bits));                                  \
    return was;                                                                                    \
  }

#define WS2SPI_STRINGS(name, type)                                                                 \
  WS2SPI_INTRINSIC void ws2spi_stos##name(type *to, type value, size_t count) {                    \
    for (size_t at = 0; at < count; at++) {                                                        \
      to[at] = value;                                                                              \
    }                                                                                              \
  }                                                                                                \
  WS2SPI_INTRINSIC void ws2spi_movs##name(type *to, type const *from, size_t count) {              \
    for (size_t at = 0; at < count; at++) {                                                        \
      to[at] = from[at];                                                                           \
    }                                                                                              \
  }

WS2SPI_BEGIN_DECLS

WS2SPI_ROTATIONS(8, unsigned char)
WS2SPI_ROTATIONS(16, unsigned short)
WS2SPI_ROTATIONS(32, unsigned int)
WS2SPI_ROTATIONS(64, unsigned long long)
WS2SPI_SCANS(32, ULONG, )
WS2SPI_SCANS(64, ULONGLONG, ll)
WS2SPI_BIT_TESTS(32, LONG, ULONG)
WS2SPI_BIT_TESTS(64, LONGLONG, ULONGLONG)
WS2SPI_STRINGS(b, unsigned char)
WS2SPI_STRINGS(w, unsigned short)
WS2SPI_STRINGS(d, ULONG)
WS2SPI_STRINGS(q, unsigned long long)

WS2SPI_INTRINSIC ULONGLONG ws2spi_lzcnt64(ULONGLONG value) {
  return value ? (ULONGLONG)__builtin_clzll(value) : 64;
}

#if defined(__SIZEOF_INT128__)
__extension__ typedef __int128 ws2spi_int128;
__extension__ typedef unsigned __int128 ws2spi_uint128;

WS2SPI_INTRINSIC LONGLONG ws2spi_mul128(LONGLONG one, LONGLONG other, LONGLONG *high) {
  ws2spi_int128 product = (ws2spi_int128)one * other;
  *high = (LONGLONG)(product >> 64);
  return (LONGLONG)product;
}

WS2SPI_INTRINSIC ULONGLONG ws2spi_umul128(ULONGLONG one, ULONGLONG other, ULONGLONG *high) {
  ws2spi_uint128 product = (ws2spi_uint128)one * other;
  *high = (ULONGLONG)(product >> 64);
  return (ULONGLONG)product;
}

WS2SPI_INTRINSIC LONGLONG ws2spi_mulh(LONGLONG one, LONGLONG other) {
  return (LONGLONG)((ws2spi_int128)one * other >> 64);
}

WS2SPI_INTRINSIC ULONGLONG ws2spi_umulh(ULONGLONG one, ULONGLONG other) {
  return (ULONGLONG)((ws2spi_uint128)one * other >> 64);
}

WS2SPI_INTRINSIC ULONGLONG ws2spi_shiftleft128(ULONGLONG low, ULONGLONG high, BYTE count) {
  return (ULONGLONG)(((((ws2spi_uint128)high << 64) | low) << (count & 63)) >> 64);
}

WS2SPI_INTRINSIC ULONGLONG ws2spi_shiftright128(ULONGLONG low, ULONGLONG high, BYTE count) {
  return (ULONGLONG)((((ws2spi_uint128)high << 64) | low) >> (count & 63));
}
#define _mul128         ws2spi_mul128
#define _umul128        ws2spi_umul128
#define __mulh          ws2spi_mulh
#define __umulh         ws2spi_umulh
#define __shiftleft128  ws2spi_shiftleft128
#define __shiftright128 ws2spi_shiftright128
#endif

#if defined(__x86_64__) || defined(__i386__)
/* rbx may be the compiler's own. */
WS2SPI_INTRINSIC void ws2spi_cpuidex(int answers[4], int leaf, int part) {
#if defined(__x86_64__)
  __asm__ volatile("xchgq %%rbx, %q1\n\tcpuid\n\txchgq %%rbx, %q1"
                   : "=a"(answers[0]), "=&r"(answers[1]), "=c"(answers[2]), "=d"(answers[3])
                   : "0"(leaf), "2"(part));
#else
  __asm__ volatile("xchgl %%ebx, %1\n\tcpuid\n\txchgl %%ebx, %1"
                   : "=a"(answers[0]), "=&r"(answers[1]), "=c"(answers[2]), "=d"(answers[3])
                   : "0"(leaf), "2"(part));
#endif
}
#undef __cpuid
#define __cpuid(answers, leaf)         ws2spi_cpuidex((answers), (leaf), 0)
#define __cpuidex(answers, leaf, part) ws2spi_cpuidex((answers), (leaf), (part))
#define __faststorefence()             MemoryBarrier()
#endif

WS2SPI_END_DECLS

#undef WS2SPI_ROTATIONS
#undef WS2SPI_SCANS
#undef WS2SPI_BIT_TESTS
#undef WS2SPI_STRINGS
#undef WS2SPI_INTRINSIC

/* x86intrin.h has some of these: its own, or for the system's long. */
#undef _rotl
#undef _rotr
#undef _lrotl
#undef _lrotr
#undef __lzcnt16
#undef __lzcnt64
#define _rotl8                      ws2spi_rotl8
#define _rotr8                      ws2spi_rotr8
#define _rotl16                     ws2spi_rotl16
#define _rotr16                     ws2spi_rotr16
#define _rotl                       ws2spi_rotl32
#define _rotr                       ws2spi_rotr32
#define _lrotl                      ws2spi_rotl32
#define _lrotr                      ws2spi_rotr32
#define _rotl64                     ws2spi_rotl64
#define _rotr64                     ws2spi_rotr64
#define _BitScanForward             ws2spi_bit_scan_forward32
#define _BitScanReverse             ws2spi_bit_scan_reverse32
#define _BitScanForward64           ws2spi_bit_scan_forward64
#define _BitScanReverse64           ws2spi_bit_scan_reverse64
#define _bittest                    ws2spi_bittest32
#define _bittestandset              ws2spi_bittestandset32
#define _bittestandreset            ws2spi_bittestandreset32
#define _bittestandcomplement       ws2spi_bittestandcomplement32
#define _bittest64                  ws2spi_bittest64
#define _bittestandset64            ws2spi_bittestandset64
#define _bittestandreset64          ws2spi_bittestandreset64
#define _bittestandcomplement64     ws2spi_bittestandcomplement64
#define _interlockedbittestandset   InterlockedBitTestAndSet
#define _interlockedbittestandreset InterlockedBitTestAndReset
#define __stosb                     ws2spi_stosb
#define __stosw                     ws2spi_stosw
#define __stosd                     ws2spi_stosd
#define __stosq                     ws2spi_stosq
#define __movsb                     ws2spi_movsb
#define __movsw                     ws2spi_movsw
#define __movsd                     ws2spi_movsd
#define __movsq                     ws2spi_movsq
#define __emul(one, other)          ((LONGLONG)(int)(one) * (int)(other))
#define __emulu(one, other)         ((ULONGLONG)(unsigned)(one) * (unsigned)(other))
#define __popcnt16(value)           ((unsigned short)__builtin_popcount((unsigned short)(value)))
#define __popcnt(value)             ((unsigned)__builtin_popcount(value))
#define __popcnt64(value)           ((ULONGLONG)__builtin_popcountll(value))
/* What has no bit has as many zeros as bits. */
#define __lzcnt16(value) ((unsigned short)(__builtin_clz(((value)&0xffffu) * 2 + 1) - 15))
#define __lzcnt(value)   ((unsigned)(__builtin_clzll((ULONGLONG)(unsigned)(value)*2 + 1) - 31))
#define __lzcnt64(value) ws2spi_lzcnt64(value)

#endif
