/*
 * app_styles.c - an echo server and its client over loopback, in each of the ways
 * in which Windows programs do I/O.
 *
 * Two threads, one for each end; both ends of a connection use the same way, which
 * decides how an end waits: not at all (blocking calls), by select, by WSAPoll, for
 * window messages (WSAAsyncSelect), for an event object (WSAEventSelect), or for
 * overlapped calls, which end with an event, a completion routine, or a packet at
 * a completion port; there AcceptEx and ConnectEx make the connection as well. The
 * last way is datagrams. The client sends pseudo-random bytes in sizes from 1 to
 * 65536, reads each block back and compares every byte.
 *
 * Usage: app_styles [STYLE|all [BYTES]]      (all of them, 1 MiB each, without arguments)
 * Exit status 0 only when every byte came back and both ends saw the other's end.
 */
#include <winsock2.h>
#include <windows.h>
#include <mswsock.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_BLOCK = 65536, LARGEST_DATAGRAM = 8192, WM_SOCKET = WM_USER + 1 };
enum { SENDING = 1, RECEIVING = 0, PATIENCE_MS = 60000 };

struct end {
  const char *name;
  const struct style *style;
  SOCKET s;
  HANDLE event, port;
  HWND window;
};

/* An overlapped call that is under way. */
struct operation {
  WSAOVERLAPPED overlapped; /* first: the routine gets its address */
  DWORD error, bytes;
  int is_over;
};

/* How an end waits: for readiness after WSAEWOULDBLOCK, or for the end of a call. */
struct style {
  const char *name;
  int (*prepare)(struct end *end);
  int (*wait)(struct end *end, int sending);
  int (*complete)(struct end *end, struct operation *operation);
  int is_datagram;
};

static volatile LONG failures;

static int fail(const struct end *end, const char *what) {
  fprintf(stderr, "app_styles: %s: %s: %s: error %d\n", end->style->name, end->name, what,
          WSAGetLastError());
  InterlockedIncrement(&failures);
  return 0;
}

static int make_nonblocking(struct end *end) {
  u_long on = 1;
  return ioctlsocket(end->s, FIONBIO, &on) == 0 || fail(end, "FIONBIO");
}

static int wait_by_select(struct end *end, int sending) {
  struct timeval patience = {PATIENCE_MS / 1000, 0};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(end->s, &set);
  if (select(0, sending ? NULL : &set, sending ? &set : NULL, NULL, &patience) == 1) return 1;
  return fail(end, "select");
}

static int wait_by_poll(struct end *end, int sending) {
  WSAPOLLFD polled = {end->s, sending ? POLLWRNORM : POLLRDNORM, 0};
  return WSAPoll(&polled, 1, PATIENCE_MS) == 1 || fail(end, "WSAPoll");
}

#define WINDOW_CLASS L"app_styles"

static int watch_by_message(struct end *end) {
  end->window =
      CreateWindowExW(0, WINDOW_CLASS, L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
  if (end->window == NULL) return fail(end, "CreateWindowEx");
  return WSAAsyncSelect(end->s, end->window, WM_SOCKET, FD_READ | FD_WRITE | FD_CLOSE) == 0 ||
         fail(end, "WSAAsyncSelect");
}

static int wait_by_message(struct end *end, int sending) {
  long wanted = FD_CLOSE | (sending ? FD_WRITE : FD_READ);
  MSG message;
  for (;;) {
    if (GetMessageW(&message, NULL, 0, 0) <= 0) return fail(end, "GetMessage");
    if (message.message != WM_SOCKET || message.wParam != end->s) continue;
    if ((WSAGETSELECTEVENT(message.lParam) & wanted) != 0) return 1;
  }
}

static int watch_by_event(struct end *end) {
  end->event = WSACreateEvent();
  return WSAEventSelect(end->s, end->event, FD_READ | FD_WRITE | FD_CLOSE) == 0 ||
         fail(end, "WSAEventSelect");
}

static int wait_by_event(struct end *end, int sending) {
  long wanted = FD_CLOSE | (sending ? FD_WRITE : FD_READ);
  WSANETWORKEVENTS events = {0};
  while ((events.lNetworkEvents & wanted) == 0) {
    if (WSAWaitForMultipleEvents(1, &end->event, FALSE, PATIENCE_MS, FALSE) != WSA_WAIT_EVENT_0)
      return fail(end, "WSAWaitForMultipleEvents");
    if (WSAEnumNetworkEvents(end->s, end->event, &events) != 0)
      return fail(end, "WSAEnumNetworkEvents");
  }
  return 1;
}

static int make_event(struct end *end) {
  end->event = WSACreateEvent();
  return end->event != WSA_INVALID_EVENT || fail(end, "WSACreateEvent");
}

static int complete_by_event(struct end *end, struct operation *operation) {
  DWORD flags;
  return WSAGetOverlappedResult(end->s, &operation->overlapped, &operation->bytes, TRUE, &flags) ||
         fail(end, "WSAGetOverlappedResult");
}

static int complete_by_routine(struct end *end, struct operation *operation) {
  while (!operation->is_over)
    if (SleepEx(PATIENCE_MS, TRUE) != WAIT_IO_COMPLETION) return fail(end, "SleepEx");
  SetLastError(operation->error);
  return operation->error == 0 || fail(end, "the routine's error");
}

static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags) {
  struct operation *operation = (struct operation *)overlapped;
  (void)flags;
  operation->error = error;
  operation->bytes = bytes;
  operation->is_over = 1;
}

static int make_port(struct end *end) {
  end->port = CreateIoCompletionPort((HANDLE)end->s, NULL, (ULONG_PTR)end, 1);
  return end->port != NULL || fail(end, "CreateIoCompletionPort");
}

static int complete_by_port(struct end *end, struct operation *operation) {
  OVERLAPPED *overlapped = NULL;
  ULONG_PTR key = 0;
  if (!GetQueuedCompletionStatus(end->port, &operation->bytes, &key, &overlapped, PATIENCE_MS))
    return fail(end, "GetQueuedCompletionStatus");
  return (overlapped == &operation->overlapped && key == (ULONG_PTR)end) ||
         fail(end, "a packet of something else");
}

static const struct style styles[] = {
    {"blocking", NULL, NULL, NULL, 0},
    {"select", make_nonblocking, wait_by_select, NULL, 0},
    {"poll", make_nonblocking, wait_by_poll, NULL, 0},
    {"message", watch_by_message, wait_by_message, NULL, 0},
    {"event", watch_by_event, wait_by_event, NULL, 0},
    {"overlapped-event", make_event, NULL, complete_by_event, 0},
    {"overlapped-routine", NULL, NULL, complete_by_routine, 0},
    {"overlapped-port", make_port, NULL, complete_by_port, 0},
    {"datagram", NULL, NULL, NULL, 1},
};

static int has_port(const struct end *end) { return end->style->prepare == make_port; }

/* One overlapped call from its beginning to its end: the byte count, -1 for a failure. */
static int move_overlapped(struct end *end, char *bytes, int length, int sending) {
  struct operation operation;
  WSABUF buffer = {(ULONG)length, bytes};
  DWORD flags = 0;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE then =
      end->style->complete == complete_by_routine ? routine : NULL;
  int result;
  memset(&operation, 0, sizeof operation);
  operation.overlapped.hEvent = end->event;
  if (sending)
    result = WSASend(end->s, &buffer, 1, NULL, 0, &operation.overlapped, then);
  else
    result = WSARecv(end->s, &buffer, 1, NULL, &flags, &operation.overlapped, then);
  if (result != 0 && WSAGetLastError() != WSA_IO_PENDING)
    return fail(end, sending ? "WSASend" : "WSARecv") - 1;
  return end->style->complete(end, &operation) ? (int)operation.bytes : -1;
}

/* Sends or receives some bytes; 0 when the peer sends no more, -1 for a failure. */
static int move(struct end *end, char *bytes, int length, int sending) {
  if (end->style->complete != NULL) return move_overlapped(end, bytes, length, sending);
  for (;;) {
    int moved = sending ? send(end->s, bytes, length, 0) : recv(end->s, bytes, length, 0);
    if (moved >= 0) return moved;
    if (WSAGetLastError() != WSAEWOULDBLOCK || end->style->wait == NULL)
      return fail(end, sending ? "send" : "recv") - 1;
    if (!end->style->wait(end, sending)) return -1;
  }
}

static int move_all(struct end *end, char *bytes, int length, int sending) {
  while (length > 0) {
    int moved = move(end, bytes, length, sending);
    if (moved == 0) fail(end, "the peer ended too early");
    if (moved <= 0) return 0;
    bytes += moved;
    length -= moved;
  }
  return 1;
}

/* An extension function of the socket's provider. */
static void *extension(struct end *end, GUID id) {
  void *function = NULL;
  DWORD bytes;
  if (WSAIoctl(end->s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
               sizeof function, &bytes, NULL, NULL) != 0)
    fail(end, "SIO_GET_EXTENSION_FUNCTION_POINTER");
  return function;
}

/* The server's connection; INVALID_SOCKET for a failure. */
static int accept_by_port(struct end *end, SOCKET listener) {
  char addresses[2 * (sizeof(struct sockaddr_in) + 16)];
  struct end asked = {"listener", end->style, listener, NULL, NULL, NULL};
  struct operation operation;
  DWORD bytes;
  LPFN_ACCEPTEX accept_ex = (LPFN_ACCEPTEX)extension(&asked, (GUID)WSAID_ACCEPTEX);
  if (accept_ex == NULL || !make_port(&asked)) return 0;
  end->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
  memset(&operation, 0, sizeof operation);
  int works = accept_ex(listener, end->s, addresses, 0, sizeof(struct sockaddr_in) + 16,
                        sizeof(struct sockaddr_in) + 16, &bytes, &operation.overlapped) ||
              WSAGetLastError() == WSA_IO_PENDING || fail(end, "AcceptEx");
  works = works && complete_by_port(&asked, &operation);
  CloseHandle(asked.port);
  if (!works) return 0;
  return setsockopt(end->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
                    sizeof listener) == 0 ||
         fail(end, "SO_UPDATE_ACCEPT_CONTEXT");
}

static int connect_by_port(struct end *end, const struct sockaddr_in *address) {
  struct sockaddr_in own = {0};
  struct operation operation;
  DWORD bytes;
  LPFN_CONNECTEX connect_ex = (LPFN_CONNECTEX)extension(end, (GUID)WSAID_CONNECTEX);
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect_ex == NULL || bind(end->s, (struct sockaddr *)&own, sizeof own) != 0) return 0;
  memset(&operation, 0, sizeof operation);
  if (!connect_ex(end->s, (const struct sockaddr *)address, sizeof *address, NULL, 0, &bytes,
                  &operation.overlapped) &&
      WSAGetLastError() != WSA_IO_PENDING)
    return fail(end, "ConnectEx");
  if (!complete_by_port(end, &operation)) return 0;
  return setsockopt(end->s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) == 0 ||
         fail(end, "SO_UPDATE_CONNECT_CONTEXT");
}

/* The server: one connection, echoed until its end; datagrams until an empty one. */
static int serve_datagrams(struct end *end, char *buffer) {
  for (;;) {
    struct sockaddr_in from;
    int length = sizeof from;
    int received = recvfrom(end->s, buffer, LARGEST_BLOCK, 0, (struct sockaddr *)&from, &length);
    if (received < 0) return fail(end, "recvfrom");
    if (sendto(end->s, buffer, received, 0, (struct sockaddr *)&from, length) != received)
      return fail(end, "sendto");
    if (received == 0) return 1;
  }
}

static int serve_stream(struct end *end, char *buffer) {
  for (;;) {
    int received = move(end, buffer, LARGEST_BLOCK, RECEIVING);
    if (received == 0) return 1;
    if (received < 0 || !move_all(end, buffer, received, SENDING)) return 0;
  }
}

static int prepare(struct end *end) {
  return end->style->prepare == NULL || end->style->prepare(end);
}

static void close_end(struct end *end) {
  if (end->s != INVALID_SOCKET && closesocket(end->s) != 0) fail(end, "closesocket");
  if (end->event != NULL) WSACloseEvent(end->event);
  if (end->port != NULL) CloseHandle(end->port);
  if (end->window != NULL) DestroyWindow(end->window);
}

struct server {
  const struct style *style;
  SOCKET listener;
};

static DWORD WINAPI serve(LPVOID argument) {
  const struct server *server = argument;
  struct end end = {"server", server->style, INVALID_SOCKET, NULL, NULL, NULL};
  char *buffer = malloc(LARGEST_BLOCK);
  if (end.style->is_datagram) {
    end.s = server->listener;
    serve_datagrams(&end, buffer);
  } else if (has_port(&end)) {
    if (accept_by_port(&end, server->listener) && prepare(&end)) serve_stream(&end, buffer);
  } else {
    end.s = accept(server->listener, NULL, NULL);
    if (end.s == INVALID_SOCKET)
      fail(&end, "accept");
    else if (prepare(&end))
      serve_stream(&end, buffer);
  }
  if (!end.style->is_datagram) close_end(&end);
  free(buffer);
  return 0;
}

static unsigned next_random(unsigned *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Sends and compares; returns the number of bytes that came back right. */
static long long converse(struct end *end, long long wanted, unsigned seed) {
  static char out[LARGEST_BLOCK], in[LARGEST_BLOCK];
  unsigned largest = end->style->is_datagram ? LARGEST_DATAGRAM : LARGEST_BLOCK;
  long long done = 0;
  while (done < wanted) {
    int length = 1 + (int)(next_random(&seed) % largest);
    if (length > wanted - done) length = (int)(wanted - done);
    for (int i = 0; i < length; i++) out[i] = (char)next_random(&seed);
    if (!move_all(end, out, length, SENDING)) break;
    if (end->style->is_datagram) {
      if (move(end, in, LARGEST_BLOCK, RECEIVING) != length) break;
    } else if (!move_all(end, in, length, RECEIVING)) {
      break;
    }
    if (memcmp(out, in, (size_t)length) != 0) {
      fail(end, "bytes that differ");
      break;
    }
    done += length;
  }
  return done;
}

/* The name of the catalog entry that a socket came from: which provider answers for it. */
static const char *entry_of(SOCKET s) {
  static WSAPROTOCOL_INFOA info;
  int length = sizeof info;
  if (getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&info, &length) != 0) return "nobody";
  return info.szProtocol;
}

/* Tells the server that there is no more, and sees its end. */
static void finish(struct end *end) {
  char byte = 0;
  if (end->style->is_datagram) {
    if (send(end->s, &byte, 0, 0) != 0) fail(end, "an empty datagram");
  } else if (shutdown(end->s, SD_SEND) != 0) {
    fail(end, "shutdown");
  }
  if (move(end, &byte, 1, RECEIVING) != 0) fail(end, "the server did not end");
}

static SOCKET open_listener(const struct style *style, struct sockaddr_in *address) {
  int length = sizeof *address;
  SOCKET s = style->is_datagram ? socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
                                : socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(s, (struct sockaddr *)address, length) != 0 ||
      (!style->is_datagram && listen(s, 1) != 0) ||
      getsockname(s, (struct sockaddr *)address, &length) != 0)
    return INVALID_SOCKET;
  return s;
}

static int run(const struct style *style, long long wanted) {
  const unsigned seed = 20260101u;
  const DWORD patience = PATIENCE_MS;
  LONG before = failures;
  struct sockaddr_in address;
  struct end client = {"client", style, INVALID_SOCKET, NULL, NULL, NULL};
  struct server server = {style, open_listener(style, &address)};
  long long done = 0;
  if (server.listener == INVALID_SOCKET) return fail(&client, "listener");
  HANDLE thread = CreateThread(NULL, 0, serve, &server, 0, NULL);
  client.s = style->is_datagram ? socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
                                : socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  int is_connected =
      has_port(&client)
          ? prepare(&client) && connect_by_port(&client, &address)
          : connect(client.s, (struct sockaddr *)&address, sizeof address) == 0 && prepare(&client);
  if (!is_connected) fail(&client, "connect");
  if (style->is_datagram)
    setsockopt(client.s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience, sizeof patience);
  if (is_connected) done = converse(&client, wanted, seed);
  if (done == wanted) finish(&client);
  const char *entry = entry_of(client.s);
  close_end(&client);
  if (done < wanted) {
    closesocket(server.listener); /* wakes who waits there */
    server.listener = INVALID_SOCKET;
  }
  WaitForSingleObject(thread, PATIENCE_MS);
  CloseHandle(thread);
  if (server.listener != INVALID_SOCKET && closesocket(server.listener) != 0)
    fail(&client, "closing the listener");
  int is_good = done == wanted && failures == before;
  printf("app_styles: %s through %s: %lld of %lld bytes came back (seed %u): %s\n", style->name,
         entry, done, wanted, seed, is_good ? "ok" : "FAILED");
  fflush(stdout);
  return is_good;
}

int main(int argc, char **argv) {
  long long wanted = argc > 2 ? atoll(argv[2]) : 1 << 20;
  int ran = 0, good = 0;
  WNDCLASSW class = {0};
  WSADATA data;
  class.lpfnWndProc = DefWindowProcW;
  class.lpszClassName = WINDOW_CLASS;
  RegisterClassW(&class);
  int error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "app_styles: WSAStartup: error %d\n", error);
    return 1;
  }
  for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
    if (argc > 1 && strcmp(argv[1], "all") != 0 && strcmp(argv[1], styles[i].name) != 0) continue;
    ran++;
    good += run(&styles[i], wanted);
  }
  if (WSACleanup() != 0) {
    fprintf(stderr, "app_styles: WSACleanup: error %d\n", WSAGetLastError());
    return 1;
  }
  return ran > 0 && good == ran ? 0 : 1;
}
