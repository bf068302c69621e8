/*
 * provider_lock.h - a lock for a few instructions.
 *
 * The providers of this folder guard their lists with it. It is never held
 * across a call into another provider or anything that may wait or call back
 * (setting an event does neither), so nobody ever spins long; a thread that
 * finds it taken gives up its time slice.
 */
#ifndef PROVIDER_LOCK_H
#define PROVIDER_LOCK_H

#include <winsock2.h>

#include <stdatomic.h>

struct provider_lock {
  atomic_flag taken;
};

#define PROVIDER_LOCK_FREE \
  { ATOMIC_FLAG_INIT }

static inline void provider_lock_take(struct provider_lock *lock) {
  while (atomic_flag_test_and_set_explicit(&lock->taken, memory_order_acquire)) SleepEx(0, FALSE);
}

static inline void provider_lock_drop(struct provider_lock *lock) {
  atomic_flag_clear_explicit(&lock->taken, memory_order_release);
}

#endif
