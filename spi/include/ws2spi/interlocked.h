/*
 * The Interlocked functions, and barriers (that part of Microsoft's winnt.h and winbase.h):
 * operations of the processor's, all of them full barriers. Included by winnt.h.
 */
#ifndef WS2SPI_INTERLOCKED_H
#define WS2SPI_INTERLOCKED_H

#include "../windef.h"

#define WS2SPI_ATOMIC static __inline__ WS2SPI_UNUSED

WS2SPI_BEGIN_DECLS

/* One family for each width: 32 bits without a suffix, 64 and 16 bits with theirs. */
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

WS2SPI_ATOMIC PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value) {
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

WS2SPI_ATOMIC PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value,
                                                      PVOID comparand) {
  (void)__atomic_compare_exchange_n(target, &comparand, value, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
  return comparand;
}

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
