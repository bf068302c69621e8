/* A Windows program: two sockets of it talk over loopback, by the functions that it imports from
 * ws2_32, one of them by its ordinal. Says which ws2_32 these are of. Exit code 0 when every byte
 * came. */

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <string.h>

static int failed(const char *what) {
  printf("%s: error %d\n", what, WSAGetLastError());
  return 1;
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int length = sizeof(address);
  SOCKET listener, client, server;
  char path[MAX_PATH] = "", heard[6] = "";
  struct addrinfo *list = NULL;
  SOCKET(WSAAPI * by_ordinal)(int, int, int);
  HMODULE module = NULL;
  WSADATA data;

  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCSTR)(void *)socket, &module);
  GetModuleFileNameA(module, path, sizeof(path));
  printf("%s\n", path);
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
    return failed("WSAStartup");
  by_ordinal = (SOCKET(WSAAPI *)(int, int, int))(void *)GetProcAddress(module, (LPCSTR)23);
  if (by_ordinal != socket)
    return failed("ordinal 23");
  listener = by_ordinal(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) != 0)
    return failed("bind");
  if (listen(listener, 1) != 0)
    return failed("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0)
    return failed("getsockname");
  client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr *)&address, length) != 0)
    return failed("connect");
  server = accept(listener, NULL, NULL);
  if (send(client, "hello", 6, 0) != 6)
    return failed("send");
  if (recv(server, heard, 6, MSG_WAITALL) != 6 || strcmp(heard, "hello") != 0)
    return failed("recv");
  if (closesocket(client) != 0 || closesocket(client) != SOCKET_ERROR ||
      WSAGetLastError() != WSAENOTSOCK)
    return failed("closesocket");
  if (getaddrinfo("127.0.0.1", "80", NULL, &list) != 0)
    return failed("getaddrinfo");
  freeaddrinfo(list);
  printf("%s\n", heard);
  return WSACleanup();
}
