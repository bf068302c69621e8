/*
 * app_echo.c - a plain Winsock program: an echo server and its client over
 * loopback, in two threads.
 *
 * It knows nothing of providers. Linked with libws2_32 it runs through whatever
 * the catalog has at the head for TCP, so it tells whether an unchanged program
 * works through a stack of layers. The client sends pseudo-random bytes in sizes
 * from 1 to 65536, reads each block back and compares every byte.
 *
 * Usage: app_echo [BYTES]        (4 MiB without an argument)
 * Exit status 0 only when every byte came back.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_BLOCK = 65536 };

static int fail(const char *what) {
  fprintf(stderr, "app_echo: %s: error %d\n", what, WSAGetLastError());
  return 1;
}

static int send_all(SOCKET s, const char *bytes, int length) {
  while (length > 0) {
    int sent = send(s, bytes, length, 0);
    if (sent <= 0) return 0;
    bytes += sent;
    length -= sent;
  }
  return 1;
}

static int recv_all(SOCKET s, char *bytes, int length) {
  while (length > 0) {
    int received = recv(s, bytes, length, 0);
    if (received <= 0) return 0;
    bytes += received;
    length -= received;
  }
  return 1;
}

/* The server: one connection, echoed until its end. */
static void *serve(void *argument) {
  SOCKET listener = *(SOCKET *)argument;
  static char buffer[LARGEST_BLOCK];
  SOCKET s = accept(listener, NULL, NULL);
  if (s == INVALID_SOCKET) return (void *)"accept";
  const char *failed = NULL;
  for (;;) {
    int received = recv(s, buffer, sizeof buffer, 0);
    if (received == 0) break;
    if (received < 0 || !send_all(s, buffer, received)) {
      failed = "echo";
      break;
    }
  }
  closesocket(s);
  return (void *)failed;
}

/* A listening socket on a free port of loopback; its address in *address. */
static SOCKET open_listener(struct sockaddr_in *address) {
  int length = sizeof *address;
  SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (s == INVALID_SOCKET) return s;
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(s, (struct sockaddr *)address, length) == 0 && listen(s, 1) == 0 &&
      getsockname(s, (struct sockaddr *)address, &length) == 0)
    return s;
  closesocket(s);
  return INVALID_SOCKET;
}

/* The next number of a fixed sequence; the seed is printed with the result. */
static unsigned next_random(unsigned *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Sends and compares; returns the number of bytes that came back right. */
static long long converse(SOCKET s, long long wanted, unsigned seed) {
  static char out[LARGEST_BLOCK], in[LARGEST_BLOCK];
  long long done = 0;
  while (done < wanted) {
    int length = 1 + (int)(next_random(&seed) % LARGEST_BLOCK);
    if (length > wanted - done) length = (int)(wanted - done);
    for (int i = 0; i < length; i++) out[i] = (char)next_random(&seed);
    if (!send_all(s, out, length) || !recv_all(s, in, length)) break;
    if (memcmp(out, in, (size_t)length) != 0) break;
    done += length;
  }
  return done;
}

static int run(long long wanted, unsigned seed) {
  struct sockaddr_in address;
  pthread_t server;
  void *failed = NULL;
  SOCKET listener = open_listener(&address);
  if (listener == INVALID_SOCKET) return fail("listener");
  if (pthread_create(&server, NULL, serve, &listener) != 0) return fail("thread");

  SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  int is_connected =
      s != INVALID_SOCKET && connect(s, (struct sockaddr *)&address, sizeof address) == 0;
  if (!is_connected) fail("connect");
  long long done = is_connected ? converse(s, wanted, seed) : 0;
  if (is_connected && done < wanted) fail("converse");
  if (s != INVALID_SOCKET) closesocket(s);
  closesocket(listener); /* wakes an accept that nobody will answer */
  pthread_join(server, &failed);
  if (failed != NULL) fprintf(stderr, "app_echo: server: %s failed\n", (char *)failed);
  printf("app_echo: %lld of %lld bytes came back (seed %u): %s\n", done, wanted, seed,
         done == wanted && failed == NULL ? "ok" : "FAILED");
  return done == wanted && failed == NULL ? 0 : 1;
}

int main(int argc, char **argv) {
  WSADATA data;
  long long wanted = argc > 1 ? atoll(argv[1]) : 4 << 20;
  int error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "app_echo: WSAStartup: error %d\n", error);
    return 1;
  }
  int status = run(wanted, 20260101u);
  if (WSACleanup() != 0) status = fail("WSACleanup");
  return status;
}
