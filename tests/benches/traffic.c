/*
 * traffic.c - the same traffic over the system's sockets and over ours.
 *
 * Compiled twice: with WS2SPI defined against our headers, where the BSD names
 * mean the exported ws2_* functions, and without against the C library. The
 * two benches therefore differ in nothing but the functions they call. Each
 * function returns the nanoseconds that the measured part took, or 0 when a
 * call failed.
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
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct link {
  handle client;
  handle server;
};

struct job {
  handle socket;
  uint64_t rounds;
  int size;
  int failed;
};

static uint64_t now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (uint64_t)moment.tv_sec * 1000000000u + (uint64_t)moment.tv_nsec;
}

/* Two connected sockets with TCP_NODELAY set on both. */
static int connect_pair(struct link *pair) {
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
  pair->client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (IS_BAD(pair->client))
    return 0;
  if (connect(pair->client, (struct sockaddr *)&name, sizeof name) != 0)
    return 0;
  pair->server = accept(listener, NULL, NULL);
  if (IS_BAD(pair->server))
    return 0;
  closesocket(listener);
  setsockopt(pair->client, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
  setsockopt(pair->server, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
  return 1;
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

static void *echo(void *argument) {
  struct job *job = argument;
  char *data = calloc(1, (size_t)job->size);
  for (uint64_t round = 0; data != NULL && round < job->rounds; round++) {
    if (!receive_all(job->socket, data, job->size) || !send_all(job->socket, data, job->size)) {
      job->failed = 1;
      break;
    }
  }
  free(data);
  return NULL;
}

static void *sink(void *argument) {
  struct job *job = argument;
  char *data = calloc(1, (size_t)job->size);
  for (uint64_t round = 0; data != NULL && round < job->rounds; round++) {
    if (!receive_all(job->socket, data, job->size)) {
      job->failed = 1;
      break;
    }
  }
  free(data);
  return NULL;
}

/* Round trips of messages of `size` bytes between two threads. */
uint64_t NAME(ping_pong)(uint64_t rounds, int size);
uint64_t NAME(ping_pong)(uint64_t rounds, int size) {
  struct link pair;
  pthread_t thread;
  if (!connect_pair(&pair))
    return 0;
  struct job job = {pair.server, rounds, size, 0};
  char *data = calloc(1, (size_t)size);
  if (data == NULL || pthread_create(&thread, NULL, echo, &job) != 0)
    return 0;
  int good = 1;
  uint64_t begin = now();
  for (uint64_t round = 0; good && round < rounds; round++)
    good = send_all(pair.client, data, size) && receive_all(pair.client, data, size);
  uint64_t took = now() - begin;
  pthread_join(thread, NULL);
  closesocket(pair.client);
  closesocket(pair.server);
  free(data);
  return good && !job.failed ? took : 0;
}

/* One-way traffic in pieces of `size` bytes, until the last has arrived. */
uint64_t NAME(stream)(uint64_t rounds, int size);
uint64_t NAME(stream)(uint64_t rounds, int size) {
  struct link pair;
  pthread_t thread;
  if (!connect_pair(&pair))
    return 0;
  struct job job = {pair.server, rounds, size, 0};
  char *data = calloc(1, (size_t)size);
  if (data == NULL || pthread_create(&thread, NULL, sink, &job) != 0)
    return 0;
  int good = 1;
  uint64_t begin = now();
  for (uint64_t round = 0; good && round < rounds; round++)
    good = send_all(pair.client, data, size);
  pthread_join(thread, NULL);
  uint64_t took = now() - begin;
  closesocket(pair.client);
  closesocket(pair.server);
  free(data);
  return good && !job.failed ? took : 0;
}
