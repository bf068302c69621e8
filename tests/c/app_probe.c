/*
 * app_probe.c - loads probe_runtime and checks that it uses this program's runtime.
 *
 * Usage: app_probe PATH
 * Exit status 0 only when every function the module calls is this program's, and
 * sees this program's state.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <windows.h>

#include <stdio.h>

typedef void *(*address_function)(void);
typedef int (*number_function)(void);

static HMODULE module;

static int same(const char *name, const void *ours) {
  address_function ask = (address_function)(ULONG_PTR)GetProcAddress(module, name);
  int is_same = ask != NULL && ask() == ours;
  if (!is_same) fprintf(stderr, "app_probe: %s is another runtime's\n", name);
  return is_same;
}

static int number(const char *name) {
  number_function ask = (number_function)(ULONG_PTR)GetProcAddress(module, name);
  return ask == NULL ? -1 : ask();
}

int main(int argc, char **argv) {
  WSADATA data;
  int good;
  if (argc != 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 2;
  module = LoadLibraryA(argv[1]);
  if (module == NULL) {
    fprintf(stderr, "app_probe: %s: error %lu\n", argv[1], (unsigned long)GetLastError());
    return 2;
  }
  good = same("probe_startup", (void *)(ULONG_PTR)WSAStartup);
  good &= same("probe_complete", (void *)(ULONG_PTR)WPUCompleteOverlappedRequest);
  good &= same("probe_socket", (void *)(ULONG_PTR)socket);
  good &= same("probe_load", (void *)(ULONG_PTR)LoadLibraryW);
  WSASetLastError(12345);
  good &= number("probe_last_error") == 12345;
  good &= number("probe_is_started") == 1;
  good &= FreeLibrary(module) && WSACleanup() == 0;
  puts(good ? "app_probe: one runtime" : "app_probe: two runtimes");
  return good ? 0 : 1;
}
