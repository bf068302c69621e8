/*
 * app_stress.c - many connections on one completion port, disturbed at random.
 *
 * Threads take packets from the port, begin other sends and receives on random
 * sockets, and now and then close a connection, reset or shut down one end of
 * it, or cancel what goes on. Each operation that was begun must end exactly
 * once, whoever ended it.
 *
 * A socket may be closed by another thread at any moment: whoever uses it then
 * gets WSAENOTSOCK. An operation owns its block and its buffer from its beginning
 * to its packet; the blocks are used in turn, so that a second packet of one
 * finds it free, and not another operation's.
 *
 * Usage: app_stress [CONNECTIONS [SECONDS [SEED]]]          (20 and 2 if not given)
 * Exit status 0 only when every operation ended once.
 */
#include <winsock2.h>
#include <windows.h>
#include <ws2tcpip.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 3, DEPTH = 4, LONGEST = 2000, SPARE = 16, PATIENCE = 30 /* seconds */ };
enum { TURNS = 1000, CLOSES = 10, RESETS = 3, SHUTDOWNS = 3, CANCELS = 40 };

/* `is_going` is 1 from the call that begins it to its packet. */
struct operation {
  OVERLAPPED block; /* first: the packet names the operation by it */
  atomic_int is_going;
  char data[LONGEST];
};

/* INVALID_SOCKET while it is being replaced. */
struct connection {
  _Atomic(SOCKET) ends[2];
};

struct worker {
  unsigned long long random;
  HANDLE thread;
};

static HANDLE port;
static struct connection *connections;
static unsigned connection_count;
static struct operation *operations;
static unsigned operation_count;
static atomic_uint next_operation;
static atomic_llong begun, ended, failed, closes, cancels;
static atomic_int is_over, failures;

static void fail(const char *what, long error) {
  if (atomic_fetch_add(&failures, 1) == 0) fprintf(stderr, "app_stress: %s: %ld\n", what, error);
}

/* Xorshift: the seed decides what a thread does, not when it comes to it. */
static unsigned below(struct worker *worker, unsigned limit) {
  worker->random ^= worker->random << 13;
  worker->random ^= worker->random >> 7;
  worker->random ^= worker->random << 17;
  return (unsigned)((worker->random >> 20) % limit);
}

/* --- connections ----------------------------------------------------------- */

/* Two connected sockets on the port; 0 when there are none. */
static int connect_ends(SOCKET ends[2]) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int length = sizeof name;
  SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  ends[0] = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  ends[1] = INVALID_SOCKET;
  if (bind(listener, (struct sockaddr *)&name, length) == 0 && listen(listener, 1) == 0 &&
      getsockname(listener, (struct sockaddr *)&name, &length) == 0 &&
      connect(ends[0], (struct sockaddr *)&name, length) == 0)
    ends[1] = accept(listener, NULL, NULL);
  int made = ends[1] != INVALID_SOCKET;
  for (int i = 0; made && i < 2; i++)
    made = CreateIoCompletionPort((HANDLE)ends[i], port, (ULONG_PTR)i, 0) == port;
  if (!made) {
    fail("connect", WSAGetLastError());
    closesocket(ends[0]);
    if (ends[1] != INVALID_SOCKET) closesocket(ends[1]);
  }
  closesocket(listener);
  return made;
}

/* Another thread may have closed it already. */
static void close_end(SOCKET s) {
  if (s != INVALID_SOCKET && closesocket(s) != 0 && WSAGetLastError() != WSAENOTSOCK)
    fail("close", WSAGetLastError());
}

static void replace(struct worker *worker, struct connection *connection) {
  SOCKET fresh[2];
  unsigned first = below(worker, 2);
  for (unsigned i = 0; i < 2; i++)
    close_end(atomic_exchange(&connection->ends[first ^ i], INVALID_SOCKET));
  if (!connect_ends(fresh)) return;
  for (unsigned i = 0; i < 2; i++) /* another thread may replace it as well */
    close_end(atomic_exchange(&connection->ends[i], fresh[i]));
  atomic_fetch_add(&closes, 1);
}

/* --- operations ------------------------------------------------------------ */

static struct operation *claim(void) {
  for (unsigned tries = 0; tries < operation_count; tries++) {
    struct operation *operation =
        &operations[atomic_fetch_add(&next_operation, 1) % operation_count];
    int free_one = 0;
    if (atomic_compare_exchange_strong(&operation->is_going, &free_one, 1)) return operation;
  }
  return NULL;
}

static void begin(struct worker *worker) {
  struct connection *connection = &connections[below(worker, connection_count)];
  SOCKET s = atomic_load(&connection->ends[below(worker, 2)]);
  struct operation *operation = claim();
  if (operation == NULL || s == INVALID_SOCKET) {
    if (operation != NULL) atomic_store(&operation->is_going, 0);
    return;
  }
  ULONG size = below(worker, LONGEST), half = size / 2;
  WSABUF buffers[2] = {{half, operation->data}, {size - half, operation->data + half}};
  DWORD flags = 0;
  int result;
  atomic_fetch_add(&begun, 1);
  memset(&operation->block, 0, sizeof operation->block);
  if (below(worker, 2) == 0) {
    result = WSARecv(s, buffers, 2, NULL, &flags, &operation->block, NULL);
  } else {
    memset(operation->data, (int)size, size);
    result = WSASend(s, buffers, 2, NULL, 0, &operation->block, NULL);
  }
  int error = result == 0 ? 0 : WSAGetLastError();
  if (error == 0 || error == WSA_IO_PENDING) return;
  if (error != WSAENOTSOCK && error != WSAECONNRESET && error != WSAECONNABORTED &&
      error != WSAESHUTDOWN)
    fail("begin", error);
  atomic_fetch_sub(&begun, 1);
  atomic_store(&operation->is_going, 0);
}

/* Something that ends operations before their time, now and then. */
static void disturb(struct worker *worker) {
  struct connection *connection = &connections[below(worker, connection_count)];
  _Atomic(SOCKET) *end = &connection->ends[below(worker, 2)];
  unsigned turn = below(worker, TURNS);
  SOCKET s = atomic_load(end);
  if (turn < CLOSES) {
    replace(worker, connection);
  } else if (turn < CLOSES + RESETS) {
    struct linger reset = {1, 0};
    setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&reset, sizeof reset);
    close_end(atomic_exchange(end, INVALID_SOCKET));
  } else if (turn < CLOSES + RESETS + SHUTDOWNS) {
    shutdown(s, (int)below(worker, 3));
  } else if (turn < CLOSES + RESETS + SHUTDOWNS + CANCELS) {
    struct operation *one = &operations[below(worker, operation_count)];
    unsigned how = below(worker, 3);
    BOOL done =
        how == 0 ? CancelIo((HANDLE)s) : CancelIoEx((HANDLE)s, how == 1 ? NULL : &one->block);
    DWORD error = done ? 0 : GetLastError();
    if (error != 0 && error != ERROR_NOT_FOUND && error != ERROR_INVALID_HANDLE)
      fail("cancel", (long)error);
    atomic_fetch_add(&cancels, 1);
  }
}

/* Takes one packet, if one comes soon. */
static void end(void) {
  DWORD bytes = 0;
  ULONG_PTR key = 0;
  OVERLAPPED *block = NULL;
  BOOL succeeded = GetQueuedCompletionStatus(port, &bytes, &key, &block, 10);
  if (block == NULL) return;
  struct operation *operation = (struct operation *)block;
  if (block->InternalHigh != bytes || (succeeded != 0) != (block->Internal == 0))
    fail("a packet that says something else than its block", (long)bytes);
  if (!succeeded) atomic_fetch_add(&failed, 1);
  if (atomic_exchange(&operation->is_going, 0) != 1)
    fail("an operation has ended twice", (long)bytes);
  atomic_fetch_add(&ended, 1);
}

static DWORD WINAPI work(LPVOID argument) {
  struct worker *worker = argument;
  while (!atomic_load(&is_over)) {
    end();
    disturb(worker);
    begin(worker);
    if (atomic_load(&begun) - atomic_load(&ended) < (long long)connection_count * DEPTH)
      begin(worker);
  }
  return 0;
}

/* --- the program ----------------------------------------------------------- */

static void run(unsigned seconds, unsigned long long seed) {
  struct worker workers[THREADS];
  HANDLE threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i].random = (seed + 1) * 0x9e3779b97f4a7c15ULL + (unsigned)i * 0x2545f4914f6cdd1dULL;
    threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
    if (threads[i] == NULL) {
      fail("thread", (long)GetLastError());
      exit(1);
    }
  }
  Sleep(seconds * 1000);
  atomic_store(&is_over, 1);
  WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
  for (int i = 0; i < THREADS; i++) CloseHandle(threads[i]);
  /* Nothing begins any more; what goes on ends with its sockets. */
  for (unsigned i = 0; i < connection_count; i++)
    for (int j = 0; j < 2; j++) close_end(atomic_exchange(&connections[i].ends[j], INVALID_SOCKET));
  time_t late = time(NULL) + PATIENCE;
  while (atomic_load(&ended) != atomic_load(&begun) && time(NULL) < late) end();
}

int main(int argc, char **argv) {
  unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
  unsigned long long seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (unsigned long long)time(NULL);
  WSADATA data;
  connection_count = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
  operation_count = connection_count * DEPTH * SPARE;
  connections = calloc(connection_count, sizeof *connections);
  operations = calloc(operation_count, sizeof *operations);
  if (connections == NULL || operations == NULL || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 2;
  port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
  if (port == NULL) return 2;
  for (unsigned i = 0; i < connection_count; i++) {
    SOCKET ends[2];
    if (!connect_ends(ends)) return 1;
    for (int j = 0; j < 2; j++) atomic_init(&connections[i].ends[j], ends[j]);
  }
  printf("app_stress: seed %llu\n", seed);
  run(seconds, seed);
  printf("%lld operations began, %lld ended, %lld of them failed; %lld closes, %lld cancels\n",
         atomic_load(&begun), atomic_load(&ended), atomic_load(&failed), atomic_load(&closes),
         atomic_load(&cancels));
  int is_ok = atomic_load(&begun) == atomic_load(&ended) && atomic_load(&failures) == 0;
  CloseHandle(port);
  WSACleanup();
  free(operations);
  free(connections);
  printf("app_stress: %s\n", is_ok ? "ok" : "FAILED");
  return is_ok ? 0 : 1;
}
