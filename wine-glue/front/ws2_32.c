/* The ws2_32.dll of programs in Wine: every export goes on to Wine's own ws2_32, which is the one
 * in the system's folder.
 *
 * It is C, and uses nothing of the C library, because Rust's standard library itself imports a DLL
 * of this name. Programs get it in their own folder, with WINEDLLOVERRIDES="*ws2_32=n;ws2_32=b":
 * the first key is for every ws2_32 but the system's, the second for that. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* A word for where each function is, and the export, which goes there with all its arguments. */
#define EXPORT(name, ordinal)                                                                      \
  void *system_##name;                                                                             \
  __asm__(".text\n.globl front_" #name "\nfront_" #name ":\n\tjmp *system_" #name "(%rip)\n");
#include "exports.h"
#undef EXPORT

struct row {
  const char *name;
  void **function;
};

static const struct row rows[] = {
#define EXPORT(name, ordinal) {#name, &system_##name},
#include "exports.h"
#undef EXPORT
};

/* In the place of a function that this version of Wine does not have. */
static INT_PTR WINAPI absent(void) {
  SetLastError(10045); /* WSAEOPNOTSUPP */
  return -1;
}

/* The system's ws2_32; NULL without one, and where this module itself is it. */
static HMODULE system_module(HINSTANCE self) {
  static const WCHAR name[] = L"\\ws2_32.dll";
  WCHAR path[MAX_PATH + sizeof(name) / sizeof(*name)];
  UINT length = GetSystemDirectoryW(path, MAX_PATH);
  HMODULE module;

  if (length == 0 || length >= MAX_PATH)
    return NULL;
  for (UINT i = 0; i < sizeof(name) / sizeof(*name); i++)
    path[length + i] = name[i];
  module = LoadLibraryW(path);
  return module == self ? NULL : module;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
  HMODULE module;

  (void)reserved;
  if (reason != DLL_PROCESS_ATTACH)
    return TRUE;
  DisableThreadLibraryCalls(self);
  module = system_module(self);
  if (module == NULL)
    return FALSE;
  for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
    FARPROC function = GetProcAddress(module, rows[i].name);

    *rows[i].function = function != NULL ? (void *)function : (void *)absent;
  }
  return TRUE;
}
