/*
 * traffic.c - the same traffic over the system's sockets and over ours.
 *
 * Compiled twice: with WS2SPI defined against our headers, where the BSD names
 * mean the exported ws2_* functions, and without against the C library. The
 * two benches therefore differ in nothing but the functions they call. The
 * threads are the caller's: one of them asks, another one answers.
 */
#ifdef WS2SPI
#include <winsock2.h>
#include <ws2tcpip.h>
#define NAME(x) ws2spi_##x
typedef SOCKET handle;
#define IS_BAD(s) ((s) == INVALID_SOCKET)
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#define NAME(x)     system_##x
#define closesocket close
typedef int handle;
#define IS_BAD(s)   ((s) < 0)
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (uint64_t)moment.tv_sec * 1000000000u + (uint64_t)moment.tv_nsec;
}

/* Two connected sockets with TCP_NODELAY set on both; 0 when a call failed. */
int NAME(connect_pair)(uintptr_t sockets[2]);
int NAME(connect_pair)(uintptr_t sockets[2]) {
  struct sockaddr_in name;
  int one = 1;
  memset(&name, 0, sizeof name);
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
#ifdef WS2SPI
  int len = sizeof name;
#else
  socklen_t len = sizeof name;
#endif
  handle listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (IS_BAD(listener))
    return 0;
  if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0)
    return 0;
  if (listen(listener, 1) != 0)
    return 0;
  if (getsockname(listener, (struct sockaddr *)&name, &len) != 0)
    return 0;
  handle client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (IS_BAD(client))
    return 0;
  if (connect(client, (struct sockaddr *)&name, sizeof name) != 0)
    return 0;
  handle server = accept(listener, NULL, NULL);
  if (IS_BAD(server))
    return 0;
  closesocket(listener);
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
  sockets[0] = (uintptr_t)client;
  sockets[1] = (uintptr_t)server;
  return 1;
}

void NAME(close_pair)(const uintptr_t sockets[2]);
void NAME(close_pair)(const uintptr_t sockets[2]) {
  closesocket((handle)sockets[0]);
  closesocket((handle)sockets[1]);
}

static int receive_all(handle s, char *data, int size) {
  int done = 0;
  while (done < size) {
    int got = (int)recv(s, data + done, (size_t)(size - done), 0);
    if (got <= 0)
      return 0;
    done += got;
  }
  return 1;
}

static int send_all(handle s, const char *data, int size) {
  int done = 0;
  while (done < size) {
    int sent = (int)send(s, data + done, (size_t)(size - done), 0);
    if (sent <= 0)
      return 0;
    done += sent;
  }
  return 1;
}

/* Sends messages and receives an answer of the same size to each; the time it took, or 0. */
uint64_t NAME(ping)(uintptr_t s, uint64_t rounds, char *data, int size);
uint64_t NAME(ping)(uintptr_t s, uint64_t rounds, char *data, int size) {
  uint64_t begin = now();
  for (uint64_t round = 0; round < rounds; round++) {
    if (!send_all((handle)s, data, size) || !receive_all((handle)s, data, size))
      return 0;
  }
  return now() - begin;
}

/* The other side of ping. */
int NAME(pong)(uintptr_t s, uint64_t rounds, char *data, int size);
int NAME(pong)(uintptr_t s, uint64_t rounds, char *data, int size) {
  for (uint64_t round = 0; round < rounds; round++) {
    if (!receive_all((handle)s, data, size) || !send_all((handle)s, data, size))
      return 0;
  }
  return 1;
}

/* Sends pieces, until the other side says with a byte that it has all of them; the time, or 0. */
uint64_t NAME(pour)(uintptr_t s, uint64_t rounds, char *data, int size);
uint64_t NAME(pour)(uintptr_t s, uint64_t rounds, char *data, int size) {
  uint64_t begin = now();
  for (uint64_t round = 0; round < rounds; round++) {
    if (!send_all((handle)s, data, size))
      return 0;
  }
  return receive_all((handle)s, data, 1) ? now() - begin : 0;
}

/* The other side of pour. */
int NAME(drain)(uintptr_t s, uint64_t rounds, char *data, int size);
int NAME(drain)(uintptr_t s, uint64_t rounds, char *data, int size) {
  for (uint64_t round = 0; round < rounds; round++) {
    if (!receive_all((handle)s, data, size))
      return 0;
  }
  return send_all((handle)s, data, 1);
}
