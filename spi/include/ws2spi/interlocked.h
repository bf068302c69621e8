/*
 * The Interlocked functions, and barriers (that part of Microsoft's winnt.h and winbase.h):
 * operations of the processor's, all of them full barriers. Included by winnt.h.
 */
#ifndef WS2SPI_INTERLOCKED_H
#define WS2SPI_INTERLOCKED_H

#include "../windef.h"

#define WS2SPI_ATOMIC static __inline__ WS2SPI_UNUSED

WS2SPI_BEGIN_DECLS

/* One family for each width: 32 bits without a suffix, 64, 16 and 8 bits with theirs. */
#define WS2SPI_INTERLOCKED(suffix, type)                                                           \
  WS2SPI_ATOMIC type InterlockedIncrement##suffix(type volatile *target) {                         \
    return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);                                        \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedDecrement##suffix(type volatile *target) {                         \
    return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);                                        \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedExchange##suffix(type volatile *target, type value) {              \
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);                                   \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedCompareExchange##suffix(type volatile *target, type value,         \
                                                        type comparand) {                          \
    (void)__atomic_compare_exchange_n(target, &comparand, value, 0, __ATOMIC_SEQ_CST,              \
                                      __ATOMIC_SEQ_CST);                                           \
    return comparand;                                                                              \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedExchangeAdd##suffix(type volatile *target, type value) {           \
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);                                    \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedAdd##suffix(type volatile *target, type value) {                   \
    return __atomic_add_fetch(target, value, __ATOMIC_SEQ_CST);                                    \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedAnd##suffix(type volatile *target, type value) {                   \
    return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);                                    \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedOr##suffix(type volatile *target, type value) {                    \
    return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                                \
  WS2SPI_ATOMIC type InterlockedXor##suffix(type volatile *target, type value) {                   \
    return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);                                    \
  }

WS2SPI_INTERLOCKED(, LONG)
WS2SPI_INTERLOCKED(64, LONGLONG)
WS2SPI_INTERLOCKED(16, SHORT)
WS2SPI_INTERLOCKED(8, CHAR)

WS2SPI_ATOMIC PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value) {
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

WS2SPI_ATOMIC PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value,
                                                      PVOID comparand) {
  (void)__atomic_compare_exchange_n(target, &comparand, value, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
  return comparand;
}

#if defined(__x86_64__)
/* Of two neighbours at an address of 16 bytes, the lower half first; the one instruction for it. */
WS2SPI_ATOMIC BOOLEAN InterlockedCompareExchange128(LONGLONG volatile *target, LONGLONG high,
                                                    LONGLONG low, LONGLONG *comparand) {
  BOOLEAN equal;
  __asm__ volatile("lock cmpxchg16b %1\n\tsete %0"
                   : "=q"(equal), "+m"(*(LONGLONG volatile(*)[2])target), "+a"(comparand[0]),
                     "+d"(comparand[1])
                   : "b"(low), "c"(high)
                   : "cc", "memory");
  return equal;
}
#define _InterlockedCompareExchange128 InterlockedCompareExchange128
#endif

WS2SPI_ATOMIC BOOLEAN InterlockedBitTestAndSet(LONG volatile *target, LONG bit) {
  LONG mask = (LONG)(1u << (bit & 31));
  return (__atomic_fetch_or(target + (bit >> 5), mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

WS2SPI_ATOMIC BOOLEAN InterlockedBitTestAndReset(LONG volatile *target, LONG bit) {
  LONG mask = (LONG)(1u << (bit & 31));
  return (__atomic_fetch_and(target + (bit >> 5), ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

WS2SPI_ATOMIC VOID MemoryBarrier(VOID) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

WS2SPI_ATOMIC VOID YieldProcessor(VOID) {
#if defined(__x86_64__) || defined(__i386__)
  __asm__ volatile("pause");
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

WS2SPI_END_DECLS

#undef WS2SPI_INTERLOCKED
#undef WS2SPI_ATOMIC

#define _InterlockedIncrement              InterlockedIncrement
#define _InterlockedDecrement              InterlockedDecrement
#define _InterlockedExchange               InterlockedExchange
#define _InterlockedCompareExchange        InterlockedCompareExchange
#define _InterlockedExchangeAdd            InterlockedExchangeAdd
#define _InterlockedAnd                    InterlockedAnd
#define _InterlockedOr                     InterlockedOr
#define _InterlockedXor                    InterlockedXor
#define _InterlockedIncrement64            InterlockedIncrement64
#define _InterlockedDecrement64            InterlockedDecrement64
#define _InterlockedExchange64             InterlockedExchange64
#define _InterlockedCompareExchange64      InterlockedCompareExchange64
#define _InterlockedExchangePointer        InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer
#define _InterlockedExchangeAdd64          InterlockedExchangeAdd64
#define _InterlockedAnd64                  InterlockedAnd64
#define _InterlockedOr64                   InterlockedOr64
#define _InterlockedXor64                  InterlockedXor64
#define _InterlockedIncrement16            InterlockedIncrement16
#define _InterlockedDecrement16            InterlockedDecrement16
#define _InterlockedExchange16             InterlockedExchange16
#define _InterlockedCompareExchange16      InterlockedCompareExchange16
#define _InterlockedExchangeAdd16          InterlockedExchangeAdd16
#define _InterlockedAnd16                  InterlockedAnd16
#define _InterlockedOr16                   InterlockedOr16
#define _InterlockedXor16                  InterlockedXor16
#define _InterlockedExchange8              InterlockedExchange8
#define _InterlockedCompareExchange8       InterlockedCompareExchange8
#define _InterlockedExchangeAdd8           InterlockedExchangeAdd8
#define _InterlockedAnd8                   InterlockedAnd8
#define _InterlockedOr8                    InterlockedOr8
#define _InterlockedXor8                   InterlockedXor8
#define InterlockedIncrementAcquire        InterlockedIncrement
#define InterlockedIncrementRelease        InterlockedIncrement
#define InterlockedDecrementAcquire        InterlockedDecrement
#define InterlockedDecrementRelease        InterlockedDecrement
#define InterlockedCompareExchangeAcquire  InterlockedCompareExchange
#define InterlockedCompareExchangeRelease  InterlockedCompareExchange
#define _ReadBarrier()                     __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _WriteBarrier()                    __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _ReadWriteBarrier()                __atomic_signal_fence(__ATOMIC_SEQ_CST)

#endif
