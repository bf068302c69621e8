/*
 * app_events.c - an echo server and its client in one thread, driven by network
 * events.
 *
 * The same two ends are driven in one of two ways. With window messages
 * (WSAAsyncSelect) the procedure of a message-only window is told of each event
 * of each socket. With event objects (WSAEventSelect) the program waits for
 * several and fetches what has happened to whose event is set. Neither ever
 * blocks in a socket call.
 *
 * Usage: app_events message|event [BYTES]       (4 MiB without a number)
 * Exit status 0 only when every byte came back and both ends saw the other's end.
 */
#include <winsock2.h>
#include <windows.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 65536, WM_SOCKET = WM_USER + 1 };
enum { LISTENER, SERVER, CLIENT, ENDS };

/* One socket and, for the two ends of the connection, the block that is on its way out of it. */
struct end {
  SOCKET s;
  WSAEVENT event;
  char block[BLOCK];
  int filled, sent;
  int is_over; /* the peer sends no more */
};

static struct end ends[ENDS];
static long long wanted, sent_bytes, returned_bytes;
static const char *failure;
static HWND window; /* NULL when event objects are used */

static void fail(const char *what, int error) {
  if (failure != NULL) return;
  failure = what;
  fprintf(stderr, "app_events: %s: error %d\n", what, error);
}

static char byte_at(long long at) { return (char)(at * 31 + at / 251); }

/* Asks for the events of an end, in the way the program was told. */
static void watch(struct end *end, long events) {
  int result;
  if (window != NULL) {
    result = WSAAsyncSelect(end->s, window, WM_SOCKET, events);
  } else {
    if (end->event == WSA_INVALID_EVENT) end->event = WSACreateEvent();
    result = WSAEventSelect(end->s, end->event, events);
  }
  if (result != 0) fail("select", WSAGetLastError());
}

static void close_end(struct end *end) {
  if (end->s != INVALID_SOCKET && closesocket(end->s) != 0) fail("close", WSAGetLastError());
  if (end->event != WSA_INVALID_EVENT) WSACloseEvent(end->event);
  end->s = INVALID_SOCKET;
  end->event = WSA_INVALID_EVENT;
}

/* Sends the block as far as there is room; 1 when all of it is out. */
static int flush(struct end *end) {
  while (end->sent < end->filled) {
    int sent = send(end->s, end->block + end->sent, end->filled - end->sent, 0);
    if (sent < 0) {
      if (WSAGetLastError() != WSAEWOULDBLOCK) fail("send", WSAGetLastError());
      return 0; /* FD_WRITE will come */
    }
    end->sent += sent;
  }
  end->filled = end->sent = 0;
  return 1;
}

/* Receives into the block; -1 when there is nothing yet. */
static int receive(struct end *end, char *block) {
  int received = recv(end->s, block, BLOCK, 0);
  if (received < 0 && WSAGetLastError() != WSAEWOULDBLOCK) fail("receive", WSAGetLastError());
  return received;
}

/* The server sends back what it gets, and ends when the client has. While a
 * block is on its way out nothing is received: nothing more is told either. */
static void echo(struct end *server) {
  while (failure == NULL && flush(server)) {
    int received = receive(server, server->block);
    if (received < 0) return;
    if (received == 0) {
      close_end(server);
      return;
    }
    server->filled = received;
  }
}

static void send_more(struct end *client) {
  while (failure == NULL && flush(client) && sent_bytes < wanted) {
    long long left = wanted - sent_bytes;
    client->filled = left < BLOCK ? (int)left : BLOCK;
    for (int i = 0; i < client->filled; i++) client->block[i] = byte_at(sent_bytes + i);
    sent_bytes += client->filled;
  }
}

static void compare(struct end *client) {
  static char block[BLOCK];
  int received = receive(client, block);
  if (received <= 0) return;
  for (int i = 0; i < received; i++)
    if (block[i] != byte_at(returned_bytes + i)) fail("compare", 0);
  returned_bytes += received;
  if (returned_bytes == wanted && shutdown(client->s, SD_SEND) != 0)
    fail("shutdown", WSAGetLastError());
}

/* One event of one end. */
static void react(struct end *end, int event, int error) {
  struct end *server = &ends[SERVER];
  if (error != 0) {
    fail("an event", error);
  } else if (event == FD_ACCEPT) {
    server->s = accept(end->s, NULL, NULL);
    if (server->s == INVALID_SOCKET) fail("accept", WSAGetLastError());
    /* With messages it is told already: it inherits what the listener asked
     * for. With events it would share the listener's event object. */
    else if (window == NULL)
      watch(server, FD_READ | FD_WRITE | FD_CLOSE);
  } else if (end == server) {
    echo(server);
  } else if (event == FD_CLOSE) {
    end->is_over = 1;
  } else if (event == FD_READ) {
    compare(end);
  } else {
    send_more(end); /* FD_CONNECT, FD_WRITE */
  }
}

static int is_done(void) {
  return failure != NULL || (returned_bytes == wanted && ends[CLIENT].is_over);
}

/* A message names the socket. It may be older than the socket's end. */
static LRESULT CALLBACK told(HWND hwnd, UINT message, WPARAM socket, LPARAM event) {
  if (message != WM_SOCKET) return DefWindowProcA(hwnd, message, socket, event);
  for (int i = 0; i < ENDS; i++)
    if (ends[i].s == (SOCKET)socket)
      react(&ends[i], WSAGETSELECTEVENT(event), WSAGETSELECTERROR(event));
  if (is_done()) PostQuitMessage(0);
  return 0;
}

static void run_messages(void) {
  MSG message;
  while (GetMessageA(&message, NULL, 0, 0) > 0) {
    TranslateMessage(&message);
    DispatchMessageA(&message);
  }
}

static void run_events(void) {
  while (!is_done()) {
    WSAEVENT events[ENDS];
    struct end *whose[ENDS];
    WSANETWORKEVENTS happened;
    DWORD count = 0;
    for (int i = 0; i < ENDS; i++)
      if (ends[i].event != WSA_INVALID_EVENT) {
        whose[count] = &ends[i];
        events[count++] = ends[i].event;
      }
    DWORD first = WSAWaitForMultipleEvents(count, events, FALSE, 60000, FALSE);
    if (first >= WSA_WAIT_EVENT_0 + count) {
      fail("wait", first == WSA_WAIT_TIMEOUT ? WSAETIMEDOUT : WSAGetLastError());
      return;
    }
    struct end *end = whose[first - WSA_WAIT_EVENT_0];
    if (WSAEnumNetworkEvents(end->s, end->event, &happened) != 0) {
      fail("enumerate", WSAGetLastError());
      return;
    }
    for (int bit = 0; bit < FD_MAX_EVENTS && end->s != INVALID_SOCKET; bit++)
      if (happened.lNetworkEvents & 1L << bit) react(end, 1 << bit, happened.iErrorCode[bit]);
  }
}

/* A listener on a free port of loopback, and a client that connects to it. */
static void open_ends(void) {
  struct sockaddr_in address;
  int length = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < ENDS; i++) {
    ends[i].s = i == SERVER ? INVALID_SOCKET : socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    ends[i].event = WSA_INVALID_EVENT;
  }
  SOCKET s = ends[LISTENER].s;
  if (bind(s, (struct sockaddr *)&address, length) != 0 || listen(s, 1) != 0 ||
      getsockname(s, (struct sockaddr *)&address, &length) != 0)
    fail("listen", WSAGetLastError());
  watch(&ends[LISTENER], FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE);
  watch(&ends[CLIENT], FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE);
  if (connect(ends[CLIENT].s, (struct sockaddr *)&address, length) == 0 ||
      WSAGetLastError() != WSAEWOULDBLOCK)
    fail("connect", WSAGetLastError());
}

static void run(int by_message) {
  WNDCLASSA own = {.lpfnWndProc = told, .lpszClassName = "app_events"};
  if (by_message) {
    if (RegisterClassA(&own) != 0)
      window = CreateWindowA("app_events", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    if (window == NULL) {
      fail("window", (int)GetLastError());
      return;
    }
  }
  open_ends();
  if (failure == NULL) by_message ? run_messages() : run_events();
  for (int i = 0; i < ENDS; i++) close_end(&ends[i]);
  if (by_message && (!DestroyWindow(window) || !UnregisterClassA("app_events", NULL)))
    fail("window", (int)GetLastError());
}

int main(int argc, char **argv) {
  WSADATA data;
  int by_message = argc > 1 && strcmp(argv[1], "message") == 0;
  if (argc < 2 || (!by_message && strcmp(argv[1], "event") != 0)) {
    fprintf(stderr, "usage: app_events message|event [BYTES]\n");
    return 2;
  }
  wanted = argc > 2 ? atoll(argv[2]) : 4 << 20;
  int error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error != 0) {
    fprintf(stderr, "app_events: WSAStartup: error %d\n", error);
    return 1;
  }
  run(by_message);
  if (WSACleanup() != 0) fail("WSACleanup", WSAGetLastError());
  printf("app_events: %lld of %lld bytes came back by %s: %s\n", returned_bytes, wanted, argv[1],
         failure == NULL ? "ok" : "FAILED");
  return failure == NULL ? 0 : 1;
}
