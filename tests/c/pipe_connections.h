/*
 * pipe_connections.h - the entries of base_pipe.c that make, name and tie
 * together sockets: from WSPSocket over WSPConnect and WSPAccept to
 * WSPCloseSocket.
 *
 * A connection stands as soon as the listener has its far end in the backlog:
 * connecting never waits, accepting gives the far end a handle.
 */
#ifndef PIPE_CONNECTIONS_H
#define PIPE_CONNECTIONS_H

#include "pipe_core.h"

/* Opens an entry that has a socket. */
#define PIPE_FIND(failure)                            \
  struct pipe_socket *socket = pipe_find(s, lpErrno); \
  if (socket == NULL) return failure

/* Ends one: `error` 0 is success. */
static int pipe_return(struct pipe_socket *socket, int error, LPINT lpErrno) {
  pipe_release(socket);
  return error == 0 ? 0 : pipe_fail(lpErrno, error);
}

static SOCKET WSPAPI pipe_wsp_socket(int af, int type, int protocol,
                                     LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
                                     LPINT lpErrno) {
  int error = 0;
  (void)g, (void)dwFlags;
  if (lpProtocolInfo == NULL)
    error = WSAEFAULT;
  else if (af != AF_PIPE && af != FROM_PROTOCOL_INFO && af != AF_UNSPEC)
    error = WSAEAFNOSUPPORT;
  else if (type != SOCK_STREAM && type != FROM_PROTOCOL_INFO && type != 0)
    error = WSAESOCKTNOSUPPORT;
  else if (protocol != 0 && protocol != FROM_PROTOCOL_INFO)
    error = WSAEPROTONOSUPPORT;
  struct pipe_socket *socket = error == 0 ? pipe_create(lpProtocolInfo, &error) : NULL;
  if (socket == NULL) {
    pipe_fail(lpErrno, error);
    return INVALID_SOCKET;
  }
  SOCKET s = pipe_present(socket, lpErrno);
  if (s == INVALID_SOCKET) pipe_close(socket);
  return s;
}

static int WSPAPI pipe_wsp_close_socket(SOCKET s, LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  pipe_close(socket);
  return pipe_return(socket, 0, lpErrno);
}

/* The checks of an address that comes in; the copy is terminated. */
static int pipe_read_name(const struct sockaddr *name, int length, struct sockaddr_pipe *out) {
  if (name == NULL || length < (int)sizeof *out) return WSAEFAULT;
  memcpy(out, name, sizeof *out);
  if (out->pipe_family != AF_PIPE) return WSAEAFNOSUPPORT;
  if (memchr(out->pipe_name, 0, sizeof out->pipe_name) == NULL) return WSAEADDRNOTAVAIL;
  return 0;
}

static int pipe_write_name(const struct sockaddr_pipe *name, struct sockaddr *out, LPINT length) {
  if (out == NULL || length == NULL || *length < (int)sizeof *name) return WSAEFAULT;
  memcpy(out, name, sizeof *name);
  *length = sizeof *name;
  return 0;
}

static int WSPAPI pipe_wsp_bind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno) {
  struct sockaddr_pipe wanted;
  PIPE_FIND(SOCKET_ERROR);
  int error = pipe_read_name(name, namelen, &wanted);
  pipe_enter();
  if (error == 0 && socket->state != PIPE_OPEN) error = WSAEINVAL;
  if (error == 0 && !pipe_bind_locked(socket, &wanted)) error = WSAEADDRINUSE;
  pipe_leave();
  return pipe_return(socket, error, lpErrno);
}

static int WSPAPI pipe_wsp_listen(SOCKET s, int backlog, LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  int error = 0;
  pipe_enter();
  if (socket->state == PIPE_OPEN)
    error = WSAEINVAL;
  else if (socket->state == PIPE_CONNECTED)
    error = WSAEISCONN;
  else {
    socket->state = PIPE_LISTENING;
    socket->backlog = backlog < 1 ? 1 : backlog > 200 ? 200 : backlog;
  }
  pipe_leave();
  return pipe_return(socket, error, lpErrno);
}

/* Ties two ends together and puts the server one into the listener's backlog. */
static int pipe_join_locked(struct pipe_socket *client, struct pipe_socket *server,
                            const struct sockaddr_pipe *wanted) {
  const struct sockaddr_pipe any = {AF_PIPE, ""};
  if (client->state == PIPE_LISTENING) return WSAEINVAL;
  if (client->state == PIPE_CONNECTED) return WSAEISCONN;
  struct pipe_socket *listener = pipe_named_locked(wanted);
  if (listener == NULL || listener->state != PIPE_LISTENING ||
      listener->pending_count >= listener->backlog)
    return WSAECONNREFUSED;
  if (client->state == PIPE_OPEN) pipe_bind_locked(client, &any);

  client->peer = server;
  server->peer = client;
  client->state = server->state = PIPE_CONNECTED;
  client->peer_name = server->name = listener->name;
  server->peer_name = client->name;
  server->entry = listener->entry;
  atomic_store(&server->nonblocking, atomic_load(&listener->nonblocking));
  atomic_store(&server->receive_timeout, atomic_load(&listener->receive_timeout));
  atomic_store(&server->send_timeout, atomic_load(&listener->send_timeout));
  struct pipe_socket **last = &listener->pending;
  while (*last != NULL) last = &(*last)->next_pending;
  *last = server;
  listener->pending_count++;
  pipe_changed_locked();
  return 0;
}

/* A connection stands as soon as the listener has it in its backlog: nothing
 * here ever waits, and a non-blocking connect is done at once. */
static int WSPAPI pipe_wsp_connect(SOCKET s, const struct sockaddr *name, int namelen,
                                   LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                   LPQOS lpGQOS, LPINT lpErrno) {
  struct sockaddr_pipe wanted;
  struct pipe_socket *server = NULL;
  char *client_bytes = NULL;
  (void)lpCalleeData, (void)lpSQOS, (void)lpGQOS;
  PIPE_FIND(SOCKET_ERROR);
  int error = pipe_read_name(name, namelen, &wanted);
  if (error == 0 && lpCallerData != NULL) error = WSAEOPNOTSUPP;
  if (error == 0) server = pipe_create(&socket->entry, &error);
  if (server != NULL) {
    client_bytes = malloc(PIPE_CAPACITY);
    server->bytes = malloc(PIPE_CAPACITY);
    if (client_bytes == NULL || server->bytes == NULL) error = WSAENOBUFS;
  }
  if (error == 0) {
    pipe_enter();
    error = pipe_join_locked(socket, server, &wanted);
    if (error == 0) socket->bytes = client_bytes;
    pipe_leave();
  }
  if (error != 0) {
    free(client_bytes);
    if (server != NULL) pipe_release(server);
  }
  return pipe_return(socket, error, lpErrno);
}

/* Takes the oldest waiting connection; WSAEWOULDBLOCK when there is none. */
static int pipe_take_pending(struct pipe_socket *listener, struct pipe_socket **taken) {
  int error = 0;
  pipe_enter();
  if (listener->closed)
    error = WSAEINTR;
  else if (listener->state != PIPE_LISTENING)
    error = WSAEINVAL;
  else if (listener->pending == NULL)
    error = WSAEWOULDBLOCK;
  else {
    *taken = listener->pending;
    listener->pending = (*taken)->next_pending;
    listener->pending_count--;
  }
  pipe_leave();
  return error;
}

static void pipe_put_back(struct pipe_socket *listener, struct pipe_socket *deferred) {
  pipe_enter();
  int is_open = !listener->closed;
  if (is_open) {
    deferred->next_pending = listener->pending;
    listener->pending = deferred;
    listener->pending_count++;
  }
  pipe_leave();
  if (!is_open) pipe_close(deferred);
}

/* Asks the application's condition function; no lock is held. */
static int pipe_ask(struct pipe_socket *listener, struct pipe_socket *caller,
                    LPCONDITIONPROC condition, DWORD_PTR data) {
  WSABUF caller_id = {sizeof caller->peer_name, (char *)&caller->peer_name};
  WSABUF callee_id = {sizeof listener->name, (char *)&listener->name};
  GROUP group = 0;
  switch (condition(&caller_id, NULL, NULL, NULL, &callee_id, NULL, &group, data)) {
    case CF_ACCEPT:
      return 0;
    case CF_REJECT:
      return WSAECONNREFUSED;
    case CF_DEFER:
      return WSATRY_AGAIN;
    default:
      return WSAEINVAL;
  }
}

static SOCKET WSPAPI pipe_wsp_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                     LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                     LPINT lpErrno) {
  struct pipe_socket *taken = NULL;
  struct pipe_wait wait;
  SOCKET accepted = INVALID_SOCKET;
  INT error = 0;
  PIPE_FIND(INVALID_SOCKET);
  if (addr != NULL && addrlen != NULL && *addrlen < (int)sizeof(struct sockaddr_pipe))
    error = WSAEFAULT;
  pipe_wait_begin(&wait, socket->entry.dwCatalogEntryId, 0);
  while (error == 0 && (error = pipe_take_pending(socket, &taken)) == WSAEWOULDBLOCK &&
         !socket->nonblocking && pipe_wait_turn(&wait, &error))
    error = 0;
  pipe_wait_end(&wait);
  if (taken != NULL && addr != NULL && addrlen != NULL)
    pipe_write_name(&taken->peer_name, addr, addrlen);
  if (taken != NULL && lpfnCondition != NULL)
    error = pipe_ask(socket, taken, lpfnCondition, dwCallbackData);
  if (taken != NULL && error == 0) accepted = pipe_present(taken, &error);
  if (taken != NULL && error == WSATRY_AGAIN)
    pipe_put_back(socket, taken);
  else if (taken != NULL && error != 0)
    pipe_close(taken);
  pipe_return(socket, error, lpErrno);
  return accepted;
}

static int WSPAPI pipe_wsp_get_sock_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                         LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  pipe_enter();
  int error = socket->state == PIPE_OPEN ? WSAEINVAL : 0;
  struct sockaddr_pipe own = socket->name;
  pipe_leave();
  if (error == 0) error = pipe_write_name(&own, name, namelen);
  return pipe_return(socket, error, lpErrno);
}

static int WSPAPI pipe_wsp_get_peer_name(SOCKET s, struct sockaddr *name, LPINT namelen,
                                         LPINT lpErrno) {
  PIPE_FIND(SOCKET_ERROR);
  pipe_enter();
  int error = socket->state == PIPE_CONNECTED ? 0 : WSAENOTCONN;
  struct sockaddr_pipe peer = socket->peer_name;
  pipe_leave();
  if (error == 0) error = pipe_write_name(&peer, name, namelen);
  return pipe_return(socket, error, lpErrno);
}

#endif
