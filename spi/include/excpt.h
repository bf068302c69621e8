/*
 * Structured exception handling as far as it can be done (Microsoft's excpt.h).
 *
 * What Windows raises as an exception is a signal here, and a signal cannot unwind to a handler in
 * code that leaves a block with goto, as provider code does. So the blocks compile and run, and no
 * exception arises: a handler is never entered, a bad pointer ends the process. In detail:
 *
 *   __try { A } __except (filter) { B }   A runs. B and filter are compiled and never run.
 *   __try { A } __finally { B }           A runs, then B. B does not run when A is left by return,
 *                                         goto, break or continue.
 *   __leave                               C++: ends A. In C ws2spi cc, run and check write a goto
 *                                         for it; elsewhere, and in macros, it is refused.
 *
 * In C++ with exceptions __try is try, so a C++ exception passes through as it does in MSVC's /EHs;
 * without exceptions, and in C, it is a plain block. A C++ header that uses __try or __finally as
 * names of its own must come first; sal.h has libstdc++'s come first.
 */
#ifndef _INC_EXCPT
#define _INC_EXCPT

#include "sal.h"
#include "windef.h"

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#define EXCEPTION_ACCESS_VIOLATION      ((DWORD)0xC0000005L)
#define EXCEPTION_DATATYPE_MISALIGNMENT ((DWORD)0x80000002L)
#define EXCEPTION_BREAKPOINT            ((DWORD)0x80000003L)
#define EXCEPTION_INT_DIVIDE_BY_ZERO    ((DWORD)0xC0000094L)
#define EXCEPTION_STACK_OVERFLOW        ((DWORD)0xC00000FDL)
#define EXCEPTION_IN_PAGE_ERROR         ((DWORD)0xC0000006L)

#define EXCEPTION_MAXIMUM_PARAMETERS 15

typedef struct _EXCEPTION_RECORD {
  DWORD ExceptionCode;
  DWORD ExceptionFlags;
  struct _EXCEPTION_RECORD *ExceptionRecord;
  PVOID ExceptionAddress;
  DWORD NumberParameters;
  ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

typedef struct _EXCEPTION_POINTERS {
  PEXCEPTION_RECORD ExceptionRecord;
  struct _CONTEXT *ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS, *LPEXCEPTION_POINTERS;

/* In filters and handlers, which are never run. */
#define GetExceptionCode()        ((DWORD)0)
#define GetExceptionInformation() ((PEXCEPTION_POINTERS)0)
#define _exception_code()         GetExceptionCode()
#define _exception_info()         GetExceptionInformation()
#define AbnormalTermination()     0
#define _abnormal_termination()   0

/* The formatter takes __except for a keyword. */
/* clang-format off */
#undef __try
#undef __except
#undef __finally
#undef __leave
#if defined(__cplusplus) && defined(__EXCEPTIONS)
/* What __leave throws. The other one nobody throws. */
namespace ws2spi {
struct left {};
struct never {};
} // namespace ws2spi
#define __try try
#define __except(filter)                                                                          \
  catch (const ::ws2spi::left &) {                                                                 \
  }                                                                                                \
  catch (const ::ws2spi::never &) {                                                                \
    (void)(filter);                                                                                \
  }                                                                                                \
  if (false)
#define __finally                                                                                  \
  catch (const ::ws2spi::left &) {                                                                 \
  }                                                                                                \
  if (true)
#define __leave throw ::ws2spi::left()
#else
#define __try if (1)
#define __except(filter) else if (0 && (filter))
#define __finally else {} if (1)
#define __leave __leave is refused in C without ws2spi cc and in C++ without exceptions
#endif
/* clang-format on */
#define _try     __try
#define _except  __except
#define _finally __finally
#define _leave   __leave

#endif
