/*
 * operations.h - overlapped operations of a non-IFS layer.
 *
 * The application's OVERLAPPED belongs to the application's handle, which the
 * lower provider does not know. So the layer starts the lower operation with a
 * block of its own and tells the end of it upwards itself:
 *
 *   begin   the application's block becomes pending, its event is reset
 *   start   the lower call, with the operation's own block
 *   end     the lower socket is on the layer's completion port; a worker takes
 *           the packet, stores the result in the application's block, and
 *             routine   queues an APC to the thread that made the call
 *             else      WPUCompleteOverlappedRequest: event, and the port that
 *                       the application put its handle on, if any
 *
 * An operation holds a reference to its socket's record, so a socket that is
 * closed keeps its number until the last end was told (WPUCloseSocketHandle is
 * called by sockets_finish). Port and workers are there from the first
 * overlapped call to the last cleanup.
 *
 * A lower call that succeeds at once is told before it returns to the
 * application, which then sees success at once and the indication, as from any
 * provider.
 *
 * What is left: an APC whose thread exits first never runs, and its operation's
 * memory stays; Windows gives a provider no sign of that.
 *
 * Used by layer_nonifs.c, through overlapped.h and extensions.h.
 */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "pass_through.h"

/* One worker tells the ends in the order in which they came. A layer that does
 * work of its own there wants more of them, and any order: Winsock allows it. */
enum { OPERATIONS_WORKERS = 1, OPERATIONS_PATIENCE = 10000 /* milliseconds */ };

/* socket_record.completion: whether the lower socket is on our port. */
enum { COMPLETION_UNKNOWN, COMPLETION_PORT, COMPLETION_SYNCHRONOUS };

/*
 * Two threads meet in an operation: the one that makes the lower call, and the
 * worker that takes its packet, which may come before that call has returned.
 * Who comes second tells the application, except that a lower call that
 * succeeds at once is told before its caller returns, as success at once.
 */
enum { OPERATION_STARTING, OPERATION_STARTED, OPERATION_ENDED, OPERATION_TOLD };

struct operation_result {
  DWORD error, bytes, flags;
};

struct operation {
  WSAOVERLAPPED below; /* first: the packet names the operation by it */
  atomic_int state;
  struct socket_record *record;
  LPWSAOVERLAPPED above;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
  WSATHREADID thread;
  BOOL is_thread_ours;
  struct operation_result packet; /* written by the worker */
  struct operation_result told;   /* written by who tells */
  /* The lower call that is going on, the packet that is to come, and the routine. */
  atomic_int references;
  struct operation *next; /* behind another routine of the same socket */
};

/* A thread in WSPGetOverlappedResult that waits for a block without an event. */
struct operations_waiter {
  LPWSAOVERLAPPED above;
  WSAEVENT event;
  struct operations_waiter *next;
};

/* Guards what follows; taken for a few instructions, and to associate. */
static struct provider_lock operations_lock = PROVIDER_LOCK_FREE;
static struct operations_waiter *operations_waiters;
static HANDLE operations_workers[OPERATIONS_WORKERS];
static _Atomic(HANDLE) operations_port;
/* One for the running port, one for each operation that has not ended. */
static atomic_uint operations_pending;

/* The status of a block: threads may look at it at any time, so it is written
 * last, and who finds it final sees the rest. */
static inline _Atomic(ULONG_PTR) *operation__status(LPWSAOVERLAPPED above) {
  return (_Atomic(ULONG_PTR) *)&above->Internal;
}

static inline int operation_is_pending(LPWSAOVERLAPPED above) {
  ULONG_PTR status = atomic_load_explicit(operation__status(above), memory_order_acquire);
  return (DWORD)status == WSS_OPERATION_IN_PROGRESS;
}

/* --- the end --------------------------------------------------------------- */

/* The last operation of a layer that is being cleaned up lets the workers go. */
static inline void operations__leave(void) {
  HANDLE port = atomic_load(&operations_port);
  if (atomic_fetch_sub(&operations_pending, 1) != 1) return;
  for (int i = 0; i < OPERATIONS_WORKERS; i++) PostQueuedCompletionStatus(port, 0, 0, NULL);
}

static inline void operation__release(struct operation *operation) {
  INT ignored = 0;
  if (atomic_fetch_sub(&operation->references, 1) != 1) return;
  if (operation->is_thread_ours) chains_upcalls.lpWPUCloseThread(&operation->thread, &ignored);
  sockets_release(operation->record);
  free(operation);
}

/* The routines that are running on this thread, the innermost first: one that
 * waits alertably lets others begin inside it. */
struct operation_frame {
  struct socket_record *record;
  struct operation *late; /* those of the same socket that came meanwhile */
  struct operation_frame *outer;
};

static _Thread_local struct operation_frame *operation__frames;

static inline void operation__call(struct operation *operation) {
  struct operation_result *told = &operation->told;
  operation->routine(told->error, told->bytes, operation->above, told->flags);
  operation__release(operation);
}

/* Runs on the thread that made the call, while it waits alertably. The routines
 * of one socket never nest: one that comes during another waits for its end. */
static void CALLBACK operation__apc(DWORD_PTR context) {
  struct operation *operation = (struct operation *)context;
  struct operation_frame frame = {operation->record, NULL, operation__frames};
  for (struct operation_frame *other = operation__frames; other != NULL; other = other->outer) {
    if (other->record != operation->record) continue;
    struct operation **end = &other->late;
    while (*end != NULL) end = &(*end)->next;
    *end = operation;
    return;
  }
  operation__frames = &frame;
  operation__call(operation);
  while ((operation = frame.late) != NULL) {
    frame.late = operation->next;
    operation__call(operation);
  }
  operation__frames = frame.outer;
}

static inline void operations__tell_waiters(const WSAOVERLAPPED *above) {
  INT ignored = 0;
  provider_lock_take(&operations_lock);
  for (struct operations_waiter *waiter = operations_waiters; waiter != NULL; waiter = waiter->next)
    if (waiter->above == above) chains_upcalls.lpWPUSetEvent(waiter->event, &ignored);
  provider_lock_drop(&operations_lock);
}

/* Tells the application. Its block may be gone as soon as that is done. */
static inline void operation__tell(struct operation *operation, struct operation_result result) {
  LPWSAOVERLAPPED above = operation->above;
  INT ignored = 0;
  above->Offset = result.flags;
  above->OffsetHigh = result.error;
  if (operation->routine == NULL) {
    SOCKET handle = atomic_load_explicit(&operation->record->handle, memory_order_relaxed);
    WPUCompleteOverlappedRequest(handle, above, result.error, result.bytes, &ignored);
    operations__tell_waiters(above);
    return;
  }
  operation->told = result;
  above->InternalHigh = result.bytes;
  atomic_store_explicit(operation__status(above), result.error, memory_order_release);
  atomic_fetch_add(&operation->references, 1);
  if (chains_upcalls.lpWPUQueueApc(&operation->thread, operation__apc, (DWORD_PTR)operation,
                                   &ignored) != 0)
    operation__release(operation); /* the thread is gone: nobody is to be told */
}

/* A packet has come. What it cannot say, the flags and the Winsock error, the
 * lower provider knows, unless the lower socket is closed by now. */
static inline void operation__end(struct operation *operation, BOOL succeeded, DWORD bytes) {
  struct socket_record *record = operation->record;
  DWORD count = 0, flags = 0;
  INT error = 0;
  int state = OPERATION_STARTING;
  if (atomic_load(&operation->state) != OPERATION_TOLD) {
    BOOL known = record->chain->lower.procs.lpWSPGetOverlappedResult(
        record->lower, &operation->below, &count, FALSE, &flags, &error);
    int is_gone = !known && error == WSAENOTSOCK;
    operation->packet.bytes = bytes;
    operation->packet.flags = is_gone ? 0 : flags;
    operation->packet.error = succeeded ? 0 : (DWORD)(is_gone ? WSA_OPERATION_ABORTED : error);
    if (!atomic_compare_exchange_strong(&operation->state, &state, OPERATION_ENDED) &&
        state == OPERATION_STARTED)
      operation__tell(operation, operation->packet);
  }
  operation__release(operation);
  operations__leave();
}

static DWORD WINAPI operations__work(LPVOID port) {
  for (;;) {
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    LPOVERLAPPED below = NULL;
    BOOL succeeded = GetQueuedCompletionStatus((HANDLE)port, &bytes, &key, &below, INFINITE);
    if (below == NULL) return 0; /* let go, or the port is closed */
    operation__end((struct operation *)below, succeeded, bytes);
  }
}

/* --- start and stop ---------------------------------------------------------- */

/* Makes port and workers, once; 0 when there can be none. Threads that come
 * while another one makes them wait a moment. */
static inline int operations__start(void) {
  static atomic_flag making = ATOMIC_FLAG_INIT;
  int is_running = 0;
  while (atomic_flag_test_and_set(&making)) SleepEx(0, FALSE);
  HANDLE port = atomic_load(&operations_port);
  if (port == NULL) {
    int begun = 0;
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    while (port != NULL && begun < OPERATIONS_WORKERS) {
      operations_workers[begun] = CreateThread(NULL, 0, operations__work, port, 0, NULL);
      if (operations_workers[begun] == NULL) break;
      begun++;
    }
    is_running = begun == OPERATIONS_WORKERS;
    if (is_running) {
      atomic_store(&operations_pending, 1);
      atomic_store(&operations_port, port);
    } else if (port != NULL) {
      CloseHandle(port); /* ends the workers that wait on it */
      while (begun-- > 0) {
        WaitForSingleObject(operations_workers[begun], INFINITE);
        CloseHandle(operations_workers[begun]);
      }
    }
  } else {
    is_running = 1;
  }
  atomic_flag_clear(&making);
  return is_running;
}

/* In the last cleanup: every lower socket is closed, so what is pending ends
 * now. A lower provider that never ends something is not waited for forever. */
static inline void operations_stop(void) {
  HANDLE port = atomic_load(&operations_port);
  if (port == NULL) return;
  operations__leave();
  for (int i = 0; i < OPERATIONS_WORKERS; i++) {
    WaitForSingleObject(operations_workers[i], OPERATIONS_PATIENCE);
    CloseHandle(operations_workers[i]);
  }
  atomic_store(&operations_port, NULL);
  CloseHandle(port);
}

/*
 * Puts the lower socket on our port, at its first overlapped call, unless the
 * layer has noted that it was made without WSA_FLAG_OVERLAPPED: calls on it are
 * synchronous, whatever they pass. A socket has one port for life, and its
 * duplicates share it: one that cannot be put there is there already.
 */
static inline unsigned operations__completion(struct socket_record *record) {
  unsigned how = atomic_load_explicit(&record->completion, memory_order_acquire);
  if (how != COMPLETION_UNKNOWN || !operations__start()) return how;
  provider_lock_take(&operations_lock);
  how = atomic_load_explicit(&record->completion, memory_order_relaxed);
  if (how == COMPLETION_UNKNOWN) {
    HANDLE port = atomic_load(&operations_port);
    DWORD before = GetLastError();
    if (CreateIoCompletionPort((HANDLE)record->lower, port, 0, 0) == port ||
        GetLastError() == ERROR_INVALID_PARAMETER)
      how = COMPLETION_PORT;
    SetLastError(before);
    atomic_store_explicit(&record->completion, how, memory_order_release);
  }
  provider_lock_drop(&operations_lock);
  return how;
}

/* Whether a call with these arguments is overlapped on this socket. */
static inline int operation_applies(struct socket_record *record, LPWSAOVERLAPPED above) {
  return above != NULL && operations__completion(record) != COMPLETION_SYNCHRONOUS;
}

/* --- one operation ----------------------------------------------------------- */

/* The event to tell by, without the bit that keeps the packet off the port. */
static inline WSAEVENT operation__event(const WSAOVERLAPPED *above) {
  return (WSAEVENT)((ULONG_PTR)above->hEvent & ~(ULONG_PTR)1);
}

/*
 * Begins an operation; NULL and *lpErrno when it cannot. The lower call is made
 * with &operation->below, no routine, and counts and flags on the caller's
 * stack: the worker may have freed the operation before that call returns.
 */
static inline struct operation *operation_begin(struct socket_record *record, LPWSAOVERLAPPED above,
                                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                                LPWSATHREADID thread, LPINT lpErrno) {
  WSAEVENT event = operation__event(above);
  if (routine == NULL && event != NULL && !chains_upcalls.lpWPUResetEvent(event, lpErrno))
    return NULL;
  struct operation *operation = calloc(1, sizeof *operation);
  if (operation == NULL || operations__completion(record) != COMPLETION_PORT) {
    /* With a port of ours it is the lower socket that is missing: it was closed meanwhile. */
    int is_closed = operation != NULL && atomic_load(&operations_port) != NULL;
    free(operation);
    provider_fail(lpErrno, is_closed ? WSAENOTSOCK : WSAENOBUFS);
    return NULL;
  }
  operation->above = above;
  operation->routine = routine;
  if (routine != NULL && thread != NULL) {
    operation->thread = *thread; /* valid during the call only */
  } else if (routine != NULL) {
    operation->is_thread_ours =
        chains_upcalls.lpWPUOpenCurrentThread(&operation->thread, lpErrno) == 0;
    if (!operation->is_thread_ours) {
      free(operation);
      return NULL;
    }
  }
  atomic_init(&operation->references, 2);
  /* A second reference, beside that of the call that is going on. */
  atomic_fetch_add_explicit(&record->references, 1, memory_order_relaxed);
  operation->record = record;
  atomic_fetch_add(&operations_pending, 1);
  atomic_store_explicit(operation__status(above), WSS_OPERATION_IN_PROGRESS, memory_order_relaxed);
  return operation;
}

/* A datagram of which only a part fitted has been received although the call
 * fails: that is a warning, and has its packet. A message that is too long to
 * be sent has none. */
static inline int operation__is_partial(const struct operation *operation, int error) {
  const ULONG_PTR buffer_overflow = 0x80000005;
  return error == WSAEMSGSIZE && operation->below.Internal == buffer_overflow;
}

/*
 * What the layer's caller is told when the lower call has returned `result`,
 * `error`, and moved `bytes` if it succeeded at once: then a packet is queued
 * below as well, and the layer's own indication is given here.
 */
static inline int operation_started(struct operation *operation, int result, int error, DWORD bytes,
                                    DWORD flags, LPINT lpErrno) {
  int state = OPERATION_STARTING;
  if (result == 0) {
    atomic_compare_exchange_strong(&operation->state, &state, OPERATION_TOLD);
    operation__tell(operation, (struct operation_result){0, bytes, flags});
  } else if (error == WSA_IO_PENDING) {
    if (!atomic_compare_exchange_strong(&operation->state, &state, OPERATION_STARTED))
      operation__tell(operation, operation->packet);
    result = provider_fail(lpErrno, WSA_IO_PENDING);
  } else if (operation__is_partial(operation, error)) {
    atomic_compare_exchange_strong(&operation->state, &state, OPERATION_TOLD);
    operation__tell(operation, (struct operation_result){(DWORD)error, bytes, flags});
    result = provider_fail(lpErrno, error);
  } else { /* it has not begun: there will be no packet */
    atomic_store_explicit(operation__status(operation->above), (ULONG_PTR)error,
                          memory_order_release);
    operation__release(operation);
    operations__leave();
    result = provider_fail(lpErrno, error);
  }
  operation__release(operation);
  return result;
}

/* Waits for a block that has no event. The block is looked at after this thread
 * is on the list, and the list is gone through after the block was written. */
static inline int operation_wait(LPWSAOVERLAPPED above, LPINT lpErrno) {
  WSAEVENT event = operation__event(above);
  if (event != NULL) return WaitForSingleObject((HANDLE)event, INFINITE) == WAIT_OBJECT_0;
  struct operations_waiter waiter = {above, chains_upcalls.lpWPUCreateEvent(lpErrno), NULL};
  if (waiter.event == WSA_INVALID_EVENT) return 0;
  provider_lock_take(&operations_lock);
  waiter.next = operations_waiters;
  operations_waiters = &waiter;
  provider_lock_drop(&operations_lock);
  if (operation_is_pending(above)) WaitForSingleObject((HANDLE)waiter.event, INFINITE);
  provider_lock_take(&operations_lock);
  struct operations_waiter **link = &operations_waiters;
  while (*link != &waiter) link = &(*link)->next;
  *link = waiter.next;
  provider_lock_drop(&operations_lock);
  INT ignored = 0;
  chains_upcalls.lpWPUCloseEvent(waiter.event, &ignored);
  return 1;
}

#endif
