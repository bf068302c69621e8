/*
 * Loading modules (Microsoft's libloaderapi.h), complete but for resources, ordinals and
 * GetModuleHandleEx. A path whose last part is ws2_32.dll, kernel32.dll, user32.dll, ole32.dll or
 * rpcrt4.dll names this library; GetProcAddress finds its exports. DllMain is called as Windows
 * does.
 */
#ifndef _APISETLIBLOADER_
#define _APISETLIBLOADER_

#include "windef.h"

#define DONT_RESOLVE_DLL_REFERENCES   0x00000001
#define LOAD_LIBRARY_AS_DATAFILE      0x00000002
#define LOAD_WITH_ALTERED_SEARCH_PATH 0x00000008

WS2SPI_BEGIN_DECLS

HMODULE WINAPI LoadLibraryA(LPCSTR lpLibFileName);
HMODULE WINAPI LoadLibraryW(LPCWSTR lpLibFileName);
HMODULE WINAPI LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
HMODULE WINAPI LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName);
BOOL WINAPI FreeLibrary(HMODULE hLibModule);
DECLSPEC_NORETURN VOID WINAPI FreeLibraryAndExitThread(HMODULE hLibModule, DWORD dwExitCode);
HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName);
HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName);
DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize);
DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize);
BOOL WINAPI DisableThreadLibraryCalls(HMODULE hLibModule);

WS2SPI_END_DECLS

#ifdef UNICODE
#define LoadLibrary       LoadLibraryW
#define LoadLibraryEx     LoadLibraryExW
#define GetModuleHandle   GetModuleHandleW
#define GetModuleFileName GetModuleFileNameW
#else
#define LoadLibrary       LoadLibraryA
#define LoadLibraryEx     LoadLibraryExA
#define GetModuleHandle   GetModuleHandleA
#define GetModuleFileName GetModuleFileNameA
#endif

#endif
