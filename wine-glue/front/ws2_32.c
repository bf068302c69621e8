/* The ws2_32.dll of programs in Wine. Its exports go on to two modules: what is ours to
 * ws2spi-core.dll, the client DLL role, which lies beside this file; the rest to Wine's own ws2_32,
 * the one in the system's folder.
 *
 * It is C, and uses nothing of the C library, because Rust's standard library itself imports a DLL
 * of this name. Programs get it in their own folder, with WINEDLLOVERRIDES="*ws2_32=n;ws2_32=b":
 * the first key is for every ws2_32 but the system's, the second for that.
 *
 * The core is loaded by the first call that needs it, not with this module: nothing of Rust runs
 * while the system's loader has its lock. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

enum { WINSOCK_NOT_READY = 10091, WINSOCK_NOT_SUPPORTED = 10045 };

/* For each export a word for where the function is, and the export, which goes there with all its
 * arguments. The first time a function of the core is called, the word leads to code that loads the
 * core. */
#define EXPORT(name, ordinal)                                                                      \
  void *system_##name;                                                                             \
  __asm__(".text\n.globl front_" #name "\nfront_" #name ":\n\tjmp *system_" #name "(%rip)\n");
#define CORE(name, ordinal, core, failure)                                                         \
  OWN(name, ordinal, core, failure)                                                                \
  __asm__(".text\n.globl front_" #name "\nfront_" #name ":\n\tjmp *core_" #name "(%rip)\n");
#define OWN(name, ordinal, core, failure)                                                          \
  void first_##name(void);                                                                         \
  void *core_##name = (void *)first_##name;                                                        \
  __asm__(".text\n.globl first_" #name "\nfirst_" #name ":\n\tleaq core_" #name                    \
          "(%rip), %rax\n\tjmp first_call\n");
#include "exports.h"
#undef EXPORT
#undef CORE
#undef OWN

/* Saves the arguments of a call, loads the core, and makes the call again by the word that rax
 * leads to. */
__asm__(
    ".text\n.globl first_call\n.seh_proc first_call\nfirst_call:\n"
    "\tpushq %rax\n\t.seh_pushreg %rax\n\tpushq %rcx\n\t.seh_pushreg %rcx\n"
    "\tpushq %rdx\n\t.seh_pushreg %rdx\n\tpushq %r8\n\t.seh_pushreg %r8\n"
    "\tpushq %r9\n\t.seh_pushreg %r9\n\tsubq $32, %rsp\n\t.seh_stackalloc 32\n\t.seh_endprologue\n"
    "\tcall load_core\n"
    "\taddq $32, %rsp\n\tpopq %r9\n\tpopq %r8\n\tpopq %rdx\n\tpopq %rcx\n\tpopq %rax\n"
    "\tjmp *(%rax)\n\t.seh_endproc\n");
void load_core(void);

/* What functions of the core answer without a core. */
static INT_PTR WINAPI no_core_minus_one(void) {
  SetLastError(WINSOCK_NOT_READY);
  return -1;
}

static INT_PTR WINAPI no_core_zero(void) {
  SetLastError(WINSOCK_NOT_READY);
  return 0;
}

static INT_PTR WINAPI no_core_code(void) {
  return WINSOCK_NOT_READY;
}

/* In the place of a function that this version of Wine does not have. */
static INT_PTR WINAPI absent(void) {
  SetLastError(WINSOCK_NOT_SUPPORTED);
  return -1;
}

struct system_row {
  const char *name;
  void **function;
};

static const struct system_row system_rows[] = {
#define EXPORT(name, ordinal) {#name, &system_##name},
#define CORE(name, ordinal, core, failure)
#define OWN(name, ordinal, core, failure)
#include "exports.h"
#undef EXPORT
#undef CORE
#undef OWN
};

struct core_row {
  const char *name;
  void **function;
  INT_PTR(WINAPI *failure)(void);
};

static const struct core_row core_rows[] = {
#define EXPORT(name, ordinal)
#define CORE(name, ordinal, core, failure) {#core, &core_##name, no_core_##failure},
#define OWN(name, ordinal, core, failure)  {#core, &core_##name, no_core_##failure},
#include "exports.h"
#undef EXPORT
#undef CORE
#undef OWN
};

enum { ROOM = MAX_PATH + 32 };

static HMODULE self_module, system_module;
static int(WINAPI *system_WSAStartup)(WORD, void *);
static int(WINAPI *system_WSACleanup)(void);

/* The module at this path below the system's folder; NULL without one, and for this one itself. */
static HMODULE module_at(const WCHAR *name) {
  WCHAR path[ROOM];
  UINT length = GetSystemDirectoryW(path, MAX_PATH);
  HMODULE module;

  if (length == 0 || length >= MAX_PATH)
    return NULL;
  for (UINT i = 0; i < ROOM - MAX_PATH; i++) {
    path[length + i] = name[i];
    if (name[i] == 0)
      break;
  }
  module = LoadLibraryW(path);
  return module == self_module ? NULL : module;
}

/* Wine's own ws2_32: in the layout for a whole prefix it has been moved, because this one is in its
 * place. */
static HMODULE load_system(void) {
  HMODULE moved = module_at(L"\\ws2spi\\ws2_32.dll");

  return moved != NULL ? moved : module_at(L"\\ws2_32.dll");
}

static void complain(const char *text) {
  DWORD length = 0, written;

  while (text[length] != '\0')
    length++;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, length, &written, NULL);
}

/* The core, from the folder of this module; NULL without one. */
static HMODULE core_module(void) {
  static const WCHAR name[] = L"ws2spi-core.dll";
  WCHAR path[ROOM];
  DWORD length = GetModuleFileNameW(self_module, path, MAX_PATH);

  if (length == 0 || length >= MAX_PATH)
    return NULL;
  while (length > 0 && path[length - 1] != L'\\' && path[length - 1] != L'/')
    length--;
  for (DWORD i = 0; i < sizeof(name) / sizeof(*name); i++)
    path[length + i] = name[i];
  return LoadLibraryW(path);
}

/* Loads the core and has the exports lead to it. Threads that come here at once do the same twice.
 * The caller's last error stays. */
void load_core(void) {
  static volatile LONG told;
  DWORD before = GetLastError();
  HMODULE core = core_module();
  void(WINAPI * start)(HMODULE) = NULL;

  if (core != NULL)
    start = (void(WINAPI *)(HMODULE))(void *)GetProcAddress(core, "ws2spi_core_start");
  if (start != NULL)
    start(system_module);
  else if (InterlockedExchange(&told, 1) == 0)
    complain("ws2_32: ws2spi-core.dll beside it cannot be loaded\r\n");
  for (size_t i = 0; i < sizeof(core_rows) / sizeof(*core_rows); i++) {
    FARPROC function = start == NULL ? NULL : GetProcAddress(core, core_rows[i].name);
    void *target = function != NULL ? (void *)function : (void *)core_rows[i].failure;

    __atomic_store_n(core_rows[i].function, target, __ATOMIC_RELEASE);
  }
  SetLastError(before);
}

/* The functions of Wine's that the other exports lead to want to be started as well. */
int WINAPI front_WSAStartup(WORD version, void *data) {
  char described[512];
  int(WINAPI * start)(WORD, void *) = (int(WINAPI *)(WORD, void *))core_WSAStartup;
  int(WINAPI * end)(void) = (int(WINAPI *)(void))core_WSACleanup;
  int error = start(version, data);
  DWORD after = GetLastError();

  if (error != 0)
    return error;
  error = system_WSAStartup(MAKEWORD(2, 2), described);
  if (error != 0)
    end();
  SetLastError(after);
  return error;
}

int WINAPI front_WSACleanup(void) {
  int(WINAPI * end)(void) = (int(WINAPI *)(void))core_WSACleanup;
  int answer = end();
  DWORD after = GetLastError();

  if (answer == 0)
    system_WSACleanup();
  SetLastError(after);
  return answer;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
  (void)reserved;
  if (reason != DLL_PROCESS_ATTACH)
    return TRUE;
  DisableThreadLibraryCalls(self);
  self_module = self;
  system_module = load_system();
  if (system_module == NULL)
    return FALSE;
  for (size_t i = 0; i < sizeof(system_rows) / sizeof(*system_rows); i++) {
    FARPROC function = GetProcAddress(system_module, system_rows[i].name);

    *system_rows[i].function = function != NULL ? (void *)function : (void *)absent;
  }
  system_WSAStartup =
      (int(WINAPI *)(WORD, void *))(void *)GetProcAddress(system_module, "WSAStartup");
  system_WSACleanup = (int(WINAPI *)(void))(void *)GetProcAddress(system_module, "WSACleanup");
  return system_WSAStartup != NULL && system_WSACleanup != NULL;
}
