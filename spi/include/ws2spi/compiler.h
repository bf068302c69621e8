/*
 * What the other headers need from the compiler: calling conventions, __declspec, link names.
 *
 * Relies on gcc or clang (attributes, asm labels, __USER_LABEL_PREFIX__). Included by basetsd.h and
 * sal.h, and so by everything; not meant to be included by programs.
 */
#ifndef WS2SPI_COMPILER_H
#define WS2SPI_COMPILER_H

#if !defined(__GNUC__)
#error "the ws2spi headers need gcc or clang"
#endif

/*
 * The name a declaration has in the object file. BSD names are libc's there, ours carry the prefix
 * "ws2_"; __USER_LABEL_PREFIX__ is the underscore that Mach-O puts before every C name.
 */
#define WS2SPI_STRING_(x) #x
#define WS2SPI_STRING(x)  WS2SPI_STRING_(x)
#define WS2SPI_LINK(name) __asm__(WS2SPI_STRING(__USER_LABEL_PREFIX__) name)
#define WS2SPI_EXPORTED   __attribute__((visibility("default")))
#define WS2SPI_UNUSED     __attribute__((unused))

#ifdef __cplusplus
#define WS2SPI_BEGIN_DECLS extern "C" {
#define WS2SPI_END_DECLS   }
#else
#define WS2SPI_BEGIN_DECLS
#define WS2SPI_END_DECLS
#endif

/* There is one calling convention here, so its many names on 32-bit Windows mean nothing. */
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __vectorcall
#define __vectorcall
#endif
#ifndef __thiscall
#define __thiscall
#endif
#ifndef __pascal
#define __pascal
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef _stdcall
#define _stdcall
#endif
#ifndef __forceinline
#define __forceinline static __inline__ __attribute__((always_inline, unused))
#endif
#ifndef __int8
#define __int8 char
#endif
#ifndef __int16
#define __int16 short
#endif
#ifndef __int32
#define __int32 int
#endif
#ifndef __int64
#define __int64 long long
#endif
#ifndef __w64
#define __w64
#endif
#ifndef __ptr32
#define __ptr32
#endif
#ifndef __ptr64
#define __ptr64
#endif
#ifndef __unaligned
#define __unaligned
#endif
/* The compiler may take it for true; arguments that nobody evaluates. */
#undef __assume
#define __assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
#ifndef __noop
#define __noop(...) ((void)0)
#endif

/* __declspec(dllexport) and the other specifiers, as the attributes that mean the same. */
#undef __declspec
#define __declspec(specifier) WS2SPI_DECLSPEC_##specifier
#define _declspec(specifier) __declspec(specifier)
#define WS2SPI_DECLSPEC_dllexport __attribute__((visibility("default")))
#define WS2SPI_DECLSPEC_dllimport
#define WS2SPI_DECLSPEC_selectany    __attribute__((weak))
#define WS2SPI_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define WS2SPI_DECLSPEC_thread       __thread
#define WS2SPI_DECLSPEC_noreturn     __attribute__((noreturn))
#define WS2SPI_DECLSPEC_noinline     __attribute__((noinline))
#define WS2SPI_DECLSPEC_nothrow      __attribute__((nothrow))
#define WS2SPI_DECLSPEC_naked        __attribute__((naked))
#define WS2SPI_DECLSPEC_novtable
#define WS2SPI_DECLSPEC_restrict
#define WS2SPI_DECLSPEC_noalias
#define WS2SPI_DECLSPEC_uuid(text)
#define WS2SPI_DECLSPEC_allocate(section)
#define WS2SPI_DECLSPEC_deprecated(...) __attribute__((deprecated))

#endif
