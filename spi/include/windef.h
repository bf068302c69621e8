/*
 * The names Windows has for C's types, and what goes with them (Microsoft's windef.h and the parts
 * of minwindef.h and winnt.h that it rests on): integers, pointers to them, characters, handles,
 * calling conventions, MAKEWORD and its relatives, RECT, POINT and SIZE.
 *
 * WCHAR has 16 bits: wchar_t where the compiler was told -fshort-wchar, else char16_t.
 */
#ifndef _WINDEF_
#define _WINDEF_
#define _MINWINDEF_

#include "basetsd.h"
#include "sal.h"

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#ifndef WINVER
#define WINVER _WIN32_WINNT
#endif

#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif

#define far
#define near
#define FAR
#define NEAR
/* With WS2SPI_WIN64 a provider for x86-64 speaks Microsoft's convention where it meets other
 * providers and the client DLL: its WSP functions, the upcalls, extension functions, and the
 * routines that travel in their arguments. What it calls by name, and what it hands to Win32 (a
 * window procedure, a thread's function: WINAPI), stays in the system's. */
#ifdef WS2SPI_WIN64
#ifndef __x86_64__
#error WS2SPI_WIN64: there is no such convention on this processor
#endif
#define WS2SPI_BETWEEN_PROVIDERS __attribute__((ms_abi))
#else
#define WS2SPI_BETWEEN_PROVIDERS __stdcall
#endif
#define CALLBACK   WS2SPI_BETWEEN_PROVIDERS
#define WINAPI     __stdcall
#define WINAPIV    __cdecl
#define APIENTRY   WINAPI
#define APIPRIVATE __stdcall
#define PASCAL     WS2SPI_BETWEEN_PROVIDERS
#define NTAPI      __stdcall
#ifndef CDECL
#define CDECL __cdecl
#endif
#define FORCEINLINE           __forceinline
#define DECLSPEC_IMPORT       __declspec(dllimport)
#define DECLSPEC_NORETURN     __declspec(noreturn)
#define DECLSPEC_ALIGN(bytes) __declspec(align(bytes))
#ifndef DECLSPEC_SELECTANY
#define DECLSPEC_SELECTANY __declspec(selectany)
#endif
#define WINBASEAPI
#define WINUSERAPI
#define WINADVAPI
#define UNALIGNED
#define UNREFERENCED_PARAMETER(p)          ((void)(p))
#define DBG_UNREFERENCED_PARAMETER(p)      ((void)(p))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(v) ((void)(v))
#define UNREFERENCED_LOCAL_VARIABLE(v)     ((void)(v))

typedef char CHAR, *PCHAR, *LPCH, *PCH, *NPSTR, *LPSTR, *PSTR;
typedef const char *LPCCH, *PCCH, *LPCSTR, *PCSTR;
typedef signed char SCHAR, *PSCHAR;
typedef unsigned char UCHAR, *PUCHAR, BYTE, *PBYTE, *LPBYTE, BOOLEAN, *PBOOLEAN;
typedef short SHORT, *PSHORT;
typedef unsigned short USHORT, *PUSHORT, WORD, *PWORD, *LPWORD, ATOM;
typedef int INT, *PINT, *LPINT, BOOL, *PBOOL, *LPBOOL, LONG, *PLONG, *LPLONG;
typedef unsigned int UINT, *PUINT, *LPUINT, ULONG, *PULONG, DWORD, *PDWORD, *LPDWORD;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG, DWORDLONG, *PDWORDLONG;
typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;

#if __SIZEOF_WCHAR_T__ == 2
#define WS2SPI_WIDE_(text) L##text
#ifdef __cplusplus
typedef wchar_t WCHAR;
#else
typedef __WCHAR_TYPE__ WCHAR;
#endif
#else
#define WS2SPI_WIDE_(text) u##text
#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef __CHAR16_TYPE__ WCHAR;
#endif
#endif
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *LPWSTR, *PWSTR, *NWPSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR;
typedef LPCWSTR LPCTSTR, PCTSTR;
#define __TEXT(text) WS2SPI_WIDE_(text)
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR;
typedef LPCSTR LPCTSTR, PCTSTR;
#define __TEXT(text) text
#endif
#define TEXT(text) __TEXT(text)

typedef void *HANDLE, **PHANDLE, **LPHANDLE;
#ifdef STRICT
#undef STRICT
#endif
#define STRICT 1
#define DECLARE_HANDLE(name)                                                                       \
  struct name##__ {                                                                                \
    int unused;                                                                                    \
  };                                                                                               \
  typedef struct name##__ *name

DECLARE_HANDLE(HWND);
DECLARE_HANDLE(HINSTANCE);
DECLARE_HANDLE(HMENU);
DECLARE_HANDLE(HICON);
DECLARE_HANDLE(HBRUSH);
DECLARE_HANDLE(HKEY);
typedef HICON HCURSOR;
typedef HINSTANCE HMODULE;
typedef HANDLE HGLOBAL, HLOCAL, GLOBALHANDLE, LOCALHANDLE;

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;
typedef LONG HRESULT;
typedef LONG NTSTATUS;
typedef DWORD ACCESS_MASK;
typedef DWORD LCID;
typedef WORD LANGID;

/*
 * DIFFERS: FARPROC returns nothing and takes nothing. That is the one function type gcc lets be
 * cast to any other without a warning, and a cast is all that is done with what GetProcAddress
 * returns.
 */
typedef void(WINAPI *FARPROC)(void);
typedef FARPROC PROC, NEARPROC;

typedef struct tagPOINT {
  LONG x;
  LONG y;
} POINT, *PPOINT, *LPPOINT;

typedef struct tagSIZE {
  LONG cx;
  LONG cy;
} SIZE, *PSIZE, *LPSIZE;

typedef struct tagRECT {
  LONG left;
  LONG top;
  LONG right;
  LONG bottom;
} RECT, *PRECT, *LPRECT;

typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

#define MAKEWORD(low, high)                                                                        \
  ((WORD)(((BYTE)((DWORD_PTR)(low)&0xff)) | ((WORD)((BYTE)((DWORD_PTR)(high)&0xff))) << 8))
#define MAKELONG(low, high)                                                                        \
  ((LONG)(((WORD)((DWORD_PTR)(low)&0xffff)) | ((DWORD)((WORD)((DWORD_PTR)(high)&0xffff))) << 16))
#define LOWORD(l)         ((WORD)((DWORD_PTR)(l)&0xffff))
#define HIWORD(l)         ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w)         ((BYTE)((DWORD_PTR)(w)&0xff))
#define HIBYTE(w)         ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))
#define MAKEWPARAM(l, h)  ((WPARAM)(DWORD)MAKELONG(l, h))
#define MAKELPARAM(l, h)  ((LPARAM)(DWORD)MAKELONG(l, h))
#define MAKELRESULT(l, h) ((LRESULT)(DWORD)MAKELONG(l, h))

/* In C++ functions, so that the C++ library's own may be included later. */
#ifndef NOMINMAX
#ifdef __cplusplus
extern "C++" {
namespace ws2spi {
template <typename T> T value();
/* What both are in a comparison. The macros' comparison converts as well, and warns of it. */
template <typename A, typename B> using common = decltype(true ? value<A>() : value<B>());
} // namespace ws2spi
template <typename A, typename B> static inline auto max(A a, B b) -> ws2spi::common<A, B> {
  typedef ws2spi::common<A, B> Common;
  return static_cast<Common>(a) > static_cast<Common>(b) ? static_cast<Common>(a)
                                                         : static_cast<Common>(b);
}
template <typename A, typename B> static inline auto min(A a, B b) -> ws2spi::common<A, B> {
  typedef ws2spi::common<A, B> Common;
  return static_cast<Common>(a) < static_cast<Common>(b) ? static_cast<Common>(a)
                                                         : static_cast<Common>(b);
}
}
#else
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif
#endif

#define MAX_PATH 260

#endif
