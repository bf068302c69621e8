/*
 * A module that prints what its DllMain is told: its name (the macro NAME), the event, and whether
 * the third argument is NULL. What it does at its end it does with a critical section entered
 * twice.
 */
#include <windows.h>

#include <stdio.h>

static CRITICAL_SECTION module__lock;

static void module__tell(const char *event, LPVOID reserved) {
  EnterCriticalSection(&module__lock);
  EnterCriticalSection(&module__lock);
  printf("%s %s %s\n", NAME, event, reserved ? "for the process" : "at run time");
  fflush(stdout);
  LeaveCriticalSection(&module__lock);
  LeaveCriticalSection(&module__lock);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance;
  if (reason == DLL_PROCESS_ATTACH) {
    InitializeCriticalSection(&module__lock);
    module__tell("attached", reserved);
  }
  if (reason == DLL_PROCESS_DETACH) {
    module__tell("detached", reserved);
    DeleteCriticalSection(&module__lock);
  }
  return TRUE;
}
