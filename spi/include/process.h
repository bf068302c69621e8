/*
 * Threads of the C library (Microsoft's process.h): as CreateThread and ExitThread make them, since
 * there is no block of the C library's to set up.
 */
#ifndef _INC_PROCESS
#define _INC_PROCESS

#include "winbase.h"

typedef unsigned(__stdcall *_beginthreadex_proc_type)(void *);
typedef void(__cdecl *_beginthread_proc_type)(void *);

WS2SPI_BEGIN_DECLS

static __inline__ WS2SPI_UNUSED uintptr_t _beginthreadex(void *security, unsigned stack_size,
                                                         _beginthreadex_proc_type start,
                                                         void *argument, unsigned flags,
                                                         unsigned *id) {
  return (uintptr_t)CreateThread((LPSECURITY_ATTRIBUTES)security, stack_size, start, argument,
                                 flags, id);
}

static __inline__ WS2SPI_UNUSED void _endthreadex(unsigned code) {
  ExitThread(code);
}

static __inline__ WS2SPI_UNUSED void _endthread(void) {
  ExitThread(0);
}

static __inline__ WS2SPI_UNUSED int _getpid(void) {
  return (int)GetCurrentProcessId();
}

WS2SPI_END_DECLS

#endif
