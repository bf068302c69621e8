/*
 * Text for debuggers (Microsoft's debugapi.h): it goes to the process's diagnostic sink, by default
 * standard error. DebugBreak stops where it stands: SIGTRAP.
 */
#ifndef _APIDEBUG_H_
#define _APIDEBUG_H_

#include "windef.h"

WS2SPI_BEGIN_DECLS

VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);
BOOL WINAPI IsDebuggerPresent(VOID);

#if defined(__x86_64__) || defined(__i386__)
static __inline__ WS2SPI_UNUSED VOID DebugBreak(VOID) {
  __asm__ volatile("int3");
}
#else
static __inline__ WS2SPI_UNUSED VOID DebugBreak(VOID) {
  __builtin_trap();
}
#endif
#define __debugbreak() DebugBreak()

WS2SPI_END_DECLS

#ifdef UNICODE
#define OutputDebugString OutputDebugStringW
#else
#define OutputDebugString OutputDebugStringA
#endif

#endif
