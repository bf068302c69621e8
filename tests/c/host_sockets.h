/*
 * host_sockets.h - the system's own sockets, for base_sockets.c.
 *
 * winsock2.h has the names that the C library's headers would declare too, with
 * other types, so they are declared here under names of their own that lead to
 * the C library's functions. What differs between Windows, Linux and the BSDs is
 * translated: error numbers, options, addresses, flags.
 */
#ifndef HOST_SOCKETS_H
#define HOST_SOCKETS_H

#include <winsock2.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define HOST_TEXT_OF(x) #x
#define HOST_TEXT(x)    HOST_TEXT_OF(x)
#define HOST_NAME(name) __asm__(HOST_TEXT(__USER_LABEL_PREFIX__) #name)

typedef ptrdiff_t host_count;

struct host_timeval {
  long seconds;
  long microseconds;
};

struct host_pollfd {
  int descriptor;
  short events, happened;
};

int host_socket(int family, int type, int protocol) HOST_NAME(socket);
int host_bind(int s, const void *name, unsigned length) HOST_NAME(bind);
int host_listen(int s, int backlog) HOST_NAME(listen);
int host_accept(int s, void *name, unsigned *length) HOST_NAME(accept);
int host_connect(int s, const void *name, unsigned length) HOST_NAME(connect);
int host_getsockname(int s, void *name, unsigned *length) HOST_NAME(getsockname);
int host_getpeername(int s, void *name, unsigned *length) HOST_NAME(getpeername);
int host_getsockopt(int s, int level, int option, void *value, unsigned *length)
    HOST_NAME(getsockopt);
int host_setsockopt(int s, int level, int option, const void *value, unsigned length)
    HOST_NAME(setsockopt);
int host_shutdown(int s, int how) HOST_NAME(shutdown);
int host_poll(struct host_pollfd *list, unsigned long count, int milliseconds) HOST_NAME(poll);
int host_ioctl(int s, unsigned long what, ...) HOST_NAME(ioctl);
host_count host_sendto(int s, const void *data, size_t length, int flags, const void *name,
                       unsigned name_length) HOST_NAME(sendto);
host_count host_recvfrom(int s, void *data, size_t length, int flags, void *name,
                         unsigned *name_length) HOST_NAME(recvfrom);

enum { HOST_POLLIN = 1, HOST_POLLPRI = 2, HOST_POLLOUT = 4 };

#ifdef __linux__
enum { HOST_OOB = 1, HOST_PEEK = 2, HOST_NOSIGNAL = 0x4000, HOST_TRUNC = 0x20 };
enum { HOST_SOCKET = 1, HOST_RCVTIMEO = 20, HOST_SNDTIMEO = 21, HOST_FIONREAD = 0x541b };
#else
enum { HOST_OOB = 1, HOST_PEEK = 2, HOST_NOSIGNAL = 0x80000, HOST_TRUNC = 0 };
enum { HOST_SOCKET = 0xffff, HOST_RCVTIMEO = 0x1006, HOST_SNDTIMEO = 0x1005 };
#define HOST_FIONREAD 0x4004667ful
#endif

/* The option of SOL_SOCKET that is a number and means the same, or -1. */
static inline int host_option(int option) {
#ifdef __linux__
  static const struct {
    int windows, host;
  } same[] = {{SO_REUSEADDR, 2}, {SO_TYPE, 3},       {SO_ERROR, 4},
              {SO_BROADCAST, 6}, {SO_SNDBUF, 7},     {SO_RCVBUF, 8},
              {SO_KEEPALIVE, 9}, {SO_OOBINLINE, 10}, {SO_ACCEPTCONN, 30}};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if (same[i].windows == option) return same[i].host;
  return -1;
#else
  return option;
#endif
}

/* An error of the system as one of Winsock. */
static inline int host_error(int number) {
  switch (number) {
    case 0:
      return 0;
    case EACCES:
    case EPERM:
      return WSAEACCES;
    case EADDRINUSE:
      return WSAEADDRINUSE;
    case EADDRNOTAVAIL:
      return WSAEADDRNOTAVAIL;
    case EAFNOSUPPORT:
      return WSAEAFNOSUPPORT;
    case EAGAIN:
    case EINPROGRESS:
      return WSAEWOULDBLOCK;
    case EALREADY:
      return WSAEALREADY;
    case EBADF:
    case ENOTSOCK:
      return WSAENOTSOCK;
    case ECONNABORTED:
      return WSAECONNABORTED;
    case ECONNREFUSED:
      return WSAECONNREFUSED;
    case ECONNRESET:
      return WSAECONNRESET;
    case EDESTADDRREQ:
      return WSAENOTCONN;
    case EHOSTUNREACH:
      return WSAEHOSTUNREACH;
    case EINTR:
      return WSAEINTR;
    case EISCONN:
      return WSAEISCONN;
    case EMFILE:
    case ENFILE:
      return WSAEMFILE;
    case EMSGSIZE:
      return WSAEMSGSIZE;
    case ENETUNREACH:
      return WSAENETUNREACH;
    case ENOBUFS:
    case ENOMEM:
      return WSAENOBUFS;
    case ENOPROTOOPT:
      return WSAENOPROTOOPT;
    case ENOTCONN:
      return WSAENOTCONN;
    case EOPNOTSUPP:
      return WSAEOPNOTSUPP;
    case EPIPE:
      return WSAESHUTDOWN;
    case ETIMEDOUT:
      return WSAETIMEDOUT;
    default:
      return WSAEINVAL;
  }
}

/* An IPv4 address has the same bytes everywhere, but for the first two. */
static inline void host_name_out(struct sockaddr_in *name) {
#ifndef __linux__
  unsigned char *bytes = (unsigned char *)name;
  bytes[0] = sizeof *name;
  bytes[1] = AF_INET;
#else
  (void)name;
#endif
}

static inline void host_name_in(struct sockaddr_in *name) { name->sin_family = AF_INET; }

/* Whether calls on it wait. */
static inline int host_set_nonblocking(int s, int on) {
  int flags = fcntl(s, F_GETFL);
  return fcntl(s, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

#endif
