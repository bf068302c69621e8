/*
 * v025_upcall_not_started.c - breaks V025: makes an upcall while its module is unloaded.
 */
#include "../ifs_handles.h"

#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  INT ignored = 0;
  (void)instance, (void)reserved;
  if (reason == DLL_PROCESS_DETACH && chains_upcalls.lpWPUQuerySocketHandleContext != NULL) {
    DWORD_PTR context = 0;
    chains_upcalls.lpWPUQuerySocketHandleContext(INVALID_SOCKET, &context, &ignored);
  }
  return TRUE;
}

#define FAULTY(table) \
  do {                \
  } while (0)
#include "ifs_startup.h"
