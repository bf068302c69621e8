/*
 * A program that loads modules and returns from main: app_modules HOW MODULE...
 *
 *   exit    with all of them loaded
 *   free    after it has freed the last one
 *   thread  with another thread, which waits for ever
 */
#include <windows.h>

#include <stdio.h>
#include <string.h>

static DWORD WINAPI app__wait(LPVOID started) {
  SetEvent((HANDLE)started);
  Sleep(INFINITE);
  return 0;
}

int main(int count, char **arguments) {
  HMODULE last = NULL;
  const char *how = count > 1 ? arguments[1] : "";
  for (int place = 2; place < count; place++) {
    last = LoadLibraryA(arguments[place]);
    if (!last) {
      fprintf(stderr, "%s: error %u\n", arguments[place], (unsigned)GetLastError());
      return 1;
    }
  }
  if (!strcmp(how, "free")) {
    FreeLibrary(last);
  }
  if (!strcmp(how, "thread")) {
    HANDLE started = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, app__wait, started, 0, NULL);
    if (!thread) {
      return 1;
    }
    WaitForSingleObject(started, INFINITE);
    CloseHandle(thread);
  }
  printf("main returns\n");
  fflush(stdout);
  return 0;
}
