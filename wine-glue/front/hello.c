/* A Windows program: two sockets of it talk over loopback, by the functions that it imports from
 * ws2_32, one of them by its ordinal. Says which ws2_32 these are of. It also looks at what only a
 * ws2_32 of ours does: names that Wine's own does not have, and a last error that stays. Exit
 * code 0 when every byte came. */

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <string.h>

static int failed(const char *what) {
  printf("%s: error %d\n", what, WSAGetLastError());
  return 1;
}

/* A success leaves the thread's last error alone, a failure is what it becomes. */
static int check_last_error(SOCKET s) {
  int value, length = sizeof(value);

  SetLastError(77);
  if (getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &length) != 0 || GetLastError() != 77)
    return failed("the last error after a success");
  if (getsockopt(s, SOL_SOCKET, 0x7fff, (char *)&value, &length) == 0 ||
      GetLastError() != WSAENOPROTOOPT)
    return failed("the last error after a failure");
  return 0;
}

/* Names of Windows that Wine's own ws2_32 does not have. */
static int check_names(HMODULE module) {
  static const char *const names[] = {"WSCInstallProvider64_32", "WSCInstallProviderAndChains64_32",
                                      "WSCDeinstallProvider32",  "WSCEnumProtocols32",
                                      "WSCSetProviderInfo",      "WSAConnectByList"};

  for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    if (GetProcAddress(module, names[i]) == NULL)
      return failed(names[i]);
  return 0;
}

/* Connects by a name, which Wine's own resolver resolves. */
static int check_connecting_by_name(const struct sockaddr_in *address) {
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  char port[8];

  snprintf(port, sizeof(port), "%u", ntohs(address->sin_port));
  if (!WSAConnectByNameA(s, "127.0.0.1", port, NULL, NULL, NULL, NULL, NULL, NULL))
    return failed("WSAConnectByName");
  return closesocket(s);
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
  if (check_names(module) != 0)
    return 1;
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
  if (check_last_error(listener) != 0 || check_connecting_by_name(&address) != 0)
    return 1;
  if (getaddrinfo("127.0.0.1", "80", NULL, &list) != 0)
    return failed("getaddrinfo");
  freeaddrinfo(list);
  printf("%s\n", heard);
  return WSACleanup();
}
