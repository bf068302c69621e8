/*
 * pipe_data.h - the entries of base_pipe.c that move bytes and end streams.
 *
 * Data goes straight into the receiver's ring: a sender waits for room there, a
 * receiver for bytes or the end.
 */
#ifndef PIPE_DATA_H
#define PIPE_DATA_H

#include "pipe_connections.h"

/* What a receive finds: 0 with *moved, or an error. Zero bytes mean the end. */
static int pipe_try_receive(struct pipe_socket *socket, LPWSABUF buffers, DWORD count, int peeks,
                            DWORD *moved) {
  int error = 0;
  DWORD room = 0;
  for (DWORD i = 0; i < count; i++) room |= buffers[i].len;
  pipe_enter();
  if (socket->closed)
    error = WSAECONNABORTED;
  else if (socket->state != PIPE_CONNECTED)
    error = WSAENOTCONN;
  else if (socket->receive_ended)
    error = WSAESHUTDOWN;
  else if (socket->reset)
    error = WSAECONNRESET;
  else if (socket->used == 0 && !socket->peer_ended)
    error = WSAEWOULDBLOCK;
  else if (socket->used > 0 && room > 0) {
    for (DWORD i = 0; i < count && *moved < socket->used; i++)
      *moved += pipe_peek_locked(socket, *moved, buffers[i].buf, buffers[i].len);
    if (!peeks) pipe_drop_locked(socket, *moved);
    pipe_changed_locked();
  }
  pipe_leave();
  return error;
}

static int WSPAPI pipe_wsp_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  struct pipe_wait wait;
  DWORD moved = 0;
  INT error = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  PIPE_FIND(SOCKET_ERROR);
  if (lpOverlapped != NULL)
    error = WSAEOPNOTSUPP;
  else if (dwBufferCount == 0)
    error = WSAEINVAL;
  else if (lpBuffers == NULL || lpNumberOfBytesRecvd == NULL || lpFlags == NULL)
    error = WSAEFAULT;
  else if ((*lpFlags & ~(DWORD)MSG_PEEK) != 0)
    error = WSAEOPNOTSUPP;
  pipe_wait_begin(&wait, socket->entry.dwCatalogEntryId, socket->receive_timeout);
  while (error == 0 &&
         (error = pipe_try_receive(socket, lpBuffers, dwBufferCount, (*lpFlags & MSG_PEEK) != 0,
                                   &moved)) == WSAEWOULDBLOCK &&
         !socket->nonblocking && pipe_wait_turn(&wait, &error))
    error = 0;
  pipe_wait_end(&wait);
  if (error == 0) {
    *lpNumberOfBytesRecvd = moved;
    *lpFlags = 0;
  }
  return pipe_return(socket, error, lpErrno);
}

/* A stream knows whom it talks to: the address is neither read nor written. */
static int WSPAPI pipe_wsp_recv_from(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                     LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                                     struct sockaddr *lpFrom, LPINT lpFromlen,
                                     LPWSAOVERLAPPED lpOverlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                     LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)lpFrom, (void)lpFromlen;
  return pipe_wsp_recv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpOverlapped,
                       lpCompletionRoutine, lpThreadId, lpErrno);
}

/* Sends what fits of one buffer from *at on; WSAEWOULDBLOCK when nothing did. */
static int pipe_try_send(struct pipe_socket *socket, const WSABUF *buffer, DWORD *at) {
  int error = 0;
  pipe_enter();
  if (socket->closed)
    error = WSAECONNABORTED;
  else if (socket->state != PIPE_CONNECTED)
    error = WSAENOTCONN;
  else if (socket->send_ended)
    error = WSAESHUTDOWN;
  else if (socket->peer == NULL || socket->peer->receive_ended)
    error = WSAECONNRESET;
  else if (buffer->len > *at) {
    DWORD put = pipe_put_locked(socket->peer, buffer->buf + *at, buffer->len - *at);
    *at += put;
    if (put == 0) error = WSAEWOULDBLOCK;
    if (put > 0) pipe_changed_locked();
  }
  pipe_leave();
  return error;
}

/* Blocking: all of it. Non-blocking: as much as fits, at least one byte. */
static int WSPAPI pipe_wsp_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                LPWSAOVERLAPPED lpOverlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                LPWSATHREADID lpThreadId, LPINT lpErrno) {
  struct pipe_wait wait;
  DWORD sent = 0;
  INT error = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  PIPE_FIND(SOCKET_ERROR);
  if (lpOverlapped != NULL || dwFlags != 0)
    error = WSAEOPNOTSUPP;
  else if (dwBufferCount == 0)
    error = WSAEINVAL;
  else if (lpBuffers == NULL || lpNumberOfBytesSent == NULL)
    error = WSAEFAULT;
  pipe_wait_begin(&wait, socket->entry.dwCatalogEntryId, socket->send_timeout);
  for (DWORD i = 0; error == 0 && i < dwBufferCount; i++) {
    DWORD at = 0;
    do {
      error = pipe_try_send(socket, &lpBuffers[i], &at);
      if (error == WSAEWOULDBLOCK && !socket->nonblocking && pipe_wait_turn(&wait, &error))
        error = 0;
    } while (error == 0 && at < lpBuffers[i].len);
    sent += at;
  }
  pipe_wait_end(&wait);
  if (sent > 0) error = 0; /* what was taken is reported, the error comes again */
  if (error == 0) *lpNumberOfBytesSent = sent;
  return pipe_return(socket, error, lpErrno);
}

static int WSPAPI pipe_wsp_send_to(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                                   const struct sockaddr *lpTo, int iTolen,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                   LPWSATHREADID lpThreadId, LPINT lpErrno) {
  (void)lpTo, (void)iTolen;
  return pipe_wsp_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                       lpCompletionRoutine, lpThreadId, lpErrno);
}

static int WSPAPI pipe_wsp_shutdown(SOCKET s, int how, LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  int error = 0;
  pipe_enter();
  if (how != SD_RECEIVE && how != SD_SEND && how != SD_BOTH)
    error = WSAEINVAL;
  else if (socket->state != PIPE_CONNECTED)
    error = WSAENOTCONN;
  else {
    if (how != SD_SEND) socket->receive_ended = 1;
    if (how != SD_RECEIVE) socket->send_ended = 1;
    if (how != SD_RECEIVE && socket->peer != NULL) socket->peer->peer_ended = 1;
    pipe_changed_locked();
  }
  pipe_leave();
  return pipe_return(socket, error, lpErrno);
}

static int WSPAPI pipe_wsp_send_disconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
                                           LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  if (lpOutboundDisconnectData != NULL) return pipe_return(socket, WSAENOPROTOOPT, lpErrno);
  pipe_release(socket);
  return pipe_wsp_shutdown(s, SD_SEND, lpErrno);
}

static int WSPAPI pipe_wsp_recv_disconnect(SOCKET s, LPWSABUF lpInboundDisconnectData,
                                           LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  if (lpInboundDisconnectData != NULL) return pipe_return(socket, WSAENOPROTOOPT, lpErrno);
  pipe_release(socket);
  return pipe_wsp_shutdown(s, SD_RECEIVE, lpErrno);
}

#endif
