/*
 * pipe_core.h - the sockets of base_pipe.c: their states, buffers and waits.
 *
 * All state is guarded by pipe_lock, which is taken for short pieces of work
 * only. It is never held across an upcall, a condition function or a wait, with
 * one exception: WPUSetEvent, which is documented not to block.
 *
 * A socket is counted (open handle, calls inside the provider, the backlog of a
 * listener); the last reference closes the handle and frees it. A blocking call
 * tries, and if it would block waits until anything changed, and tries again.
 */
#ifndef PIPE_CORE_H
#define PIPE_CORE_H

#include <winsock2.h>
#include <ws2spi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base_pipe.h"
#include "provider_lock.h"
#include "select_timeout.h"

enum { PIPE_SOCKETS = 1024, PIPE_CAPACITY = 65536 };

enum pipe_state { PIPE_OPEN, PIPE_BOUND, PIPE_LISTENING, PIPE_CONNECTED };

struct pipe_socket {
  unsigned references;
  unsigned index;
  SOCKET handle; /* INVALID_SOCKET while in a backlog */
  WSAPROTOCOL_INFOW entry;
  enum pipe_state state;
  int closed;
  /* Settings, read without the lock. Timeouts are milliseconds, 0: none. */
  atomic_int nonblocking;
  _Atomic(DWORD) receive_timeout, send_timeout;
  struct sockaddr_pipe name, peer_name;
  /* Connected: the other end, NULL once that is closed. */
  struct pipe_socket *peer;
  int receive_ended, send_ended; /* SD_RECEIVE, SD_SEND */
  int peer_ended;                /* nothing more will arrive */
  int reset;                     /* the peer went away with our data unread */
  char *bytes;                   /* what arrived: a ring of PIPE_CAPACITY */
  DWORD head, used;
  /* Listening: connections not accepted yet, oldest first. */
  struct pipe_socket *pending;
  struct pipe_socket *next_pending;
  int pending_count, backlog;
};

/* One blocking call that has to wait. It stands in a list from its first wait
 * to pipe_wait_end; every change of any socket signals all of them. */
struct pipe_wait {
  WSAEVENT event; /* NULL before the first wait */
  DWORD entry_id;
  unsigned long long deadline; /* 0: none */
  struct pipe_wait *next;
};

static struct provider_lock pipe_lock = PROVIDER_LOCK_FREE;
static struct pipe_socket *pipe_sockets[PIPE_SOCKETS];
static struct pipe_wait *pipe_waits;
static unsigned pipe_names; /* for names the provider chooses */
static unsigned pipe_startups;
static WSPUPCALLTABLE pipe_upcalls;
/* For WSPCancelBlockingCall, which concerns the calling thread only. */
static _Thread_local int pipe_is_waiting, pipe_is_cancelled;

static inline int pipe_fail(LPINT error, int code) {
  if (error != NULL) *error = code;
  return SOCKET_ERROR;
}

static inline void pipe_enter(void) { provider_lock_take(&pipe_lock); }
static inline void pipe_leave(void) { provider_lock_drop(&pipe_lock); }

/* Milliseconds since some time in the past. */
static inline unsigned long long pipe_now(void) {
#ifdef _WIN32
  return GetTickCount64();
#else
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000;
#endif
}

/* --- waiting ------------------------------------------------------------- */

static inline void pipe_changed_locked(void) {
  INT ignored = 0;
  for (struct pipe_wait *wait = pipe_waits; wait != NULL; wait = wait->next)
    pipe_upcalls.lpWPUSetEvent(wait->event, &ignored);
}

static inline void pipe_wait_begin(struct pipe_wait *wait, DWORD entry_id, DWORD timeout) {
  wait->event = NULL;
  wait->entry_id = entry_id;
  wait->deadline = timeout == 0 || timeout == INFINITE ? 0 : pipe_now() + timeout;
}

static inline void pipe_wait_end(struct pipe_wait *wait) {
  INT ignored = 0;
  if (wait->event == NULL) return;
  pipe_enter();
  struct pipe_wait **link = &pipe_waits;
  while (*link != wait) link = &(*link)->next;
  *link = wait->next;
  pipe_leave();
  pipe_upcalls.lpWPUCloseEvent(wait->event, &ignored);
}

/* One turn of a blocking hook: the application's function may dispatch messages
 * and may cancel this very call. 1 to try again, 0 and WSAEINTR. */
static inline int pipe__wait_in_hook(LPBLOCKINGCALLBACK hook, DWORD_PTR context, LPINT error) {
  pipe_is_waiting++;
  BOOL goes_on = hook(context);
  pipe_is_waiting--;
  if (goes_on && !pipe_is_cancelled) return 1;
  pipe_is_cancelled = 0;
  pipe_fail(error, WSAEINTR);
  return 0;
}

/* Waits for a change after an attempt that would block; 1 to try again, 0 and
 * *error to give up. The first turn only takes a place in the list: what changes
 * from then on is not missed. */
static inline int pipe_wait_turn(struct pipe_wait *wait, LPINT error) {
  INT ignored = 0;
  if (wait->event == NULL) {
    wait->event = pipe_upcalls.lpWPUCreateEvent(&ignored);
    if (wait->event == WSA_INVALID_EVENT) {
      pipe_fail(error, WSAENOBUFS);
      return 0;
    }
    pipe_enter();
    wait->next = pipe_waits;
    pipe_waits = wait;
    pipe_leave();
    return 1;
  }
  LPBLOCKINGCALLBACK hook = NULL;
  DWORD_PTR context = 0;
  if (pipe_upcalls.lpWPUQueryBlockingCallback(wait->entry_id, &hook, &context, &ignored) == 0 &&
      hook != NULL)
    return pipe__wait_in_hook(hook, context, error);

  DWORD left = INFINITE;
  if (wait->deadline != 0) {
    unsigned long long now = pipe_now();
    left = now >= wait->deadline ? 0 : (DWORD)(wait->deadline - now);
  }
  DWORD woken = WaitForSingleObjectEx(wait->event, left, TRUE);
  if (woken == WAIT_TIMEOUT || woken == WAIT_FAILED) {
    pipe_fail(error, woken == WAIT_TIMEOUT ? WSAETIMEDOUT : WSAENETDOWN);
    return 0;
  }
  pipe_upcalls.lpWPUResetEvent(wait->event, &ignored);
  return 1;
}

/* --- sockets ------------------------------------------------------------- */

/* A socket without handle and with one reference, or NULL and *error. */
static inline struct pipe_socket *pipe_create(const WSAPROTOCOL_INFOW *entry, LPINT error) {
  struct pipe_socket *socket = calloc(1, sizeof *socket);
  if (socket == NULL) {
    pipe_fail(error, WSAENOBUFS);
    return NULL;
  }
  socket->references = 1;
  socket->handle = INVALID_SOCKET;
  socket->entry = *entry;
  pipe_enter();
  unsigned index = 0;
  while (index < PIPE_SOCKETS && pipe_sockets[index] != NULL) index++;
  if (index < PIPE_SOCKETS) pipe_sockets[index] = socket;
  pipe_leave();
  socket->index = index;
  if (index < PIPE_SOCKETS) return socket;
  free(socket);
  pipe_fail(error, WSAEMFILE);
  return NULL;
}

static inline void pipe_release(struct pipe_socket *socket) {
  INT ignored = 0;
  pipe_enter();
  unsigned left = --socket->references;
  if (left == 0) pipe_sockets[socket->index] = NULL;
  pipe_leave();
  if (left > 0) return;
  if (socket->handle != INVALID_SOCKET)
    pipe_upcalls.lpWPUCloseSocketHandle(socket->handle, &ignored);
  free(socket->bytes);
  free(socket);
}

/* The open socket behind a handle, with a reference, or NULL and WSAENOTSOCK.
 * The context is an index and is checked: the client DLL also answers for the
 * handles of other providers. */
static inline struct pipe_socket *pipe_find(SOCKET s, LPINT error) {
  DWORD_PTR index = 0;
  struct pipe_socket *socket = NULL;
  if (pipe_upcalls.lpWPUQuerySocketHandleContext(s, &index, error) != 0) return NULL;
  pipe_enter();
  if (index < PIPE_SOCKETS) socket = pipe_sockets[index];
  if (socket != NULL && (socket->handle != s || socket->closed)) socket = NULL;
  if (socket != NULL) socket->references++;
  pipe_leave();
  if (socket == NULL) pipe_fail(error, WSAENOTSOCK);
  return socket;
}

/* Gives the socket a handle, which the application gets. */
static inline SOCKET pipe_present(struct pipe_socket *socket, LPINT error) {
  SOCKET handle =
      pipe_upcalls.lpWPUCreateSocketHandle(socket->entry.dwCatalogEntryId, socket->index, error);
  pipe_enter();
  socket->handle = handle;
  pipe_leave();
  return handle;
}

/* Ends a socket: its peer reads what is there and then the end, or finds the
 * connection reset if data for us was left unread. The caller still has to drop
 * the handle's reference; those of a listener's backlog come back in the list,
 * linked by next_pending. */
static inline struct pipe_socket *pipe_close_locked(struct pipe_socket *socket) {
  struct pipe_socket *backlog = socket->pending;
  socket->closed = 1;
  socket->pending = NULL;
  if (socket->peer != NULL) {
    socket->peer->peer = NULL;
    socket->peer->peer_ended = 1;
    socket->peer->reset = socket->used > 0;
    socket->peer = NULL;
  }
  for (struct pipe_socket *each = backlog; each != NULL; each = each->next_pending) {
    if (each->peer == NULL) continue;
    each->peer->peer = NULL;
    each->peer->peer_ended = each->peer->reset = 1;
    each->peer = NULL;
  }
  pipe_changed_locked();
  return backlog;
}

static inline void pipe_close(struct pipe_socket *socket) {
  pipe_enter();
  int was_closed = socket->closed;
  struct pipe_socket *backlog = was_closed ? NULL : pipe_close_locked(socket);
  pipe_leave();
  while (backlog != NULL) {
    struct pipe_socket *next = backlog->next_pending;
    pipe_release(backlog);
    backlog = next;
  }
  if (!was_closed) pipe_release(socket);
}

/* --- names --------------------------------------------------------------- */

static inline struct pipe_socket *pipe_named_locked(const struct sockaddr_pipe *name) {
  for (unsigned i = 0; i < PIPE_SOCKETS; i++) {
    struct pipe_socket *socket = pipe_sockets[i];
    if (socket != NULL && !socket->closed &&
        (socket->state == PIPE_BOUND || socket->state == PIPE_LISTENING) &&
        strcmp(socket->name.pipe_name, name->pipe_name) == 0)
      return socket;
  }
  return NULL;
}

/* Binds to `name`, or to a fresh one if it is empty; 0 when it is taken. */
static inline int pipe_bind_locked(struct pipe_socket *socket, const struct sockaddr_pipe *name) {
  struct sockaddr_pipe chosen = *name;
  if (chosen.pipe_name[0] == 0)
    snprintf(chosen.pipe_name, sizeof chosen.pipe_name, "#%u", ++pipe_names);
  if (pipe_named_locked(&chosen) != NULL) return 0;
  socket->name = chosen;
  socket->state = PIPE_BOUND;
  return 1;
}

/* --- bytes --------------------------------------------------------------- */

/* Puts bytes into the ring of the receiving end; returns how many fitted. */
static inline DWORD pipe_put_locked(struct pipe_socket *to, const char *bytes, DWORD length) {
  DWORD room = PIPE_CAPACITY - to->used;
  if (length > room) length = room;
  DWORD tail = (to->head + to->used) % PIPE_CAPACITY;
  DWORD first = length < PIPE_CAPACITY - tail ? length : PIPE_CAPACITY - tail;
  memcpy(to->bytes + tail, bytes, first);
  memcpy(to->bytes, bytes + first, length - first);
  to->used += length;
  return length;
}

/* Copies out bytes that begin `skip` after the oldest; returns how many. */
static inline DWORD pipe_peek_locked(struct pipe_socket *from, DWORD skip, char *bytes,
                                     DWORD length) {
  if (length > from->used - skip) length = from->used - skip;
  DWORD at = (from->head + skip) % PIPE_CAPACITY;
  DWORD first = length < PIPE_CAPACITY - at ? length : PIPE_CAPACITY - at;
  memcpy(bytes, from->bytes + at, first);
  memcpy(bytes + first, from->bytes, length - first);
  return length;
}

static inline void pipe_drop_locked(struct pipe_socket *from, DWORD length) {
  from->head = (from->head + length) % PIPE_CAPACITY;
  from->used -= length;
}

#endif
