/*
 * nonifs_handles.h - a non-IFS layer's sockets, found by the context of their
 * handle.
 *
 * Every socket of the lower provider gets a second number above it, asked of the
 * client DLL with WPUCreateSocketHandle, and that number carries the index of
 * the socket's record. A call on it begins with WPUQuerySocketHandleContext.
 *
 * Used by layer_nonifs.c and hostile.c.
 */
#ifndef NONIFS_HANDLES_H
#define NONIFS_HANDLES_H

#include "pass_through.h"

static struct socket_record *pass_enter(SOCKET s, LPINT lpErrno) {
  DWORD_PTR index = 0;
  if (chains_upcalls.lpWPUQuerySocketHandleContext(s, &index, lpErrno) != 0) return NULL;
  struct socket_record *record = sockets_reference(index, s);
  if (record == NULL) provider_fail(lpErrno, WSAENOTSOCK);
  return record;
}

/* Deferred close: the number is given back only here, when the last call on
 * the socket has left the layer. Until then the client DLL cannot reuse it. */
static void sockets_finish(struct socket_record *record) {
  SOCKET handle = atomic_load_explicit(&record->handle, memory_order_relaxed);
  INT ignored = 0;
  if (handle != INVALID_SOCKET) chains_upcalls.lpWPUCloseSocketHandle(handle, &ignored);
}

/* A new number above the lower socket, minted for the entry the application
 * opened: that id decides that later calls come here. */
static SOCKET pass_present(struct chain *chain, SOCKET lower, LPINT lpErrno) {
  SOCKET handle = INVALID_SOCKET;
  INT ignored = 0;
  struct socket_record *record = sockets_create(chain, lower);
  if (record == NULL)
    provider_fail(lpErrno, WSAENOBUFS);
  else
    handle =
        chains_upcalls.lpWPUCreateSocketHandle(chain->own.dwCatalogEntryId, record->index, lpErrno);
  if (handle != INVALID_SOCKET) {
    atomic_store_explicit(&record->handle, handle, memory_order_release);
    return handle;
  }
  if (record != NULL)
    sockets_close(record, &ignored);
  else
    chain->lower.procs.lpWSPCloseSocket(lower, &ignored);
  return INVALID_SOCKET;
}

#endif
