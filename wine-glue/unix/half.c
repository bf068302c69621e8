/* The Windows half of the direct transport: a DLL with nothing in it. Wine 8 to 10 load a Unix half
 * only for a DLL of their own; `build` puts their marker into this one. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
  (void)self;
  (void)reason;
  (void)reserved;
  return TRUE;
}
