/*
 * The integer types of fixed and of pointer size (Microsoft's basetsd.h), complete.
 *
 * The sizes are those of 64-bit Windows on every host: LONG and ULONG types have 32 bits although
 * C's long may have 64; INT_PTR and its relatives have the size of a pointer.
 */
#ifndef _BASETSD_H_
#define _BASETSD_H_

#include <stddef.h>
#include <stdint.h>

#include "ws2spi/compiler.h"

typedef signed char INT8, *PINT8;
typedef short INT16, *PINT16;
typedef int INT32, *PINT32;
typedef long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;
typedef int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

typedef intptr_t INT_PTR, *PINT_PTR;
typedef uintptr_t UINT_PTR, *PUINT_PTR;
typedef intptr_t LONG_PTR, *PLONG_PTR;
typedef uintptr_t ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;

#if UINTPTR_MAX > 0xffffffffu
#define __int3264 __int64
typedef int HALF_PTR, *PHALF_PTR;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;
#define MAXHALF_PTR  ((HALF_PTR)0x7fffffff)
#define MINHALF_PTR  ((HALF_PTR)(-MAXHALF_PTR - 1))
#define MAXUHALF_PTR ((UHALF_PTR)0xffffffffu)
#else
#define __int3264    __int32
typedef short HALF_PTR, *PHALF_PTR;
typedef unsigned short UHALF_PTR, *PUHALF_PTR;
#define MAXHALF_PTR  ((HALF_PTR)0x7fff)
#define MINHALF_PTR  ((HALF_PTR)(-MAXHALF_PTR - 1))
#define MAXUHALF_PTR ((UHALF_PTR)0xffffu)
#endif

/* A pointer has the size that it has; there is no code here with others. */
#define POINTER_32
#define POINTER_64
#define POINTER_SIGNED
#define POINTER_UNSIGNED
typedef uintptr_t POINTER_64_INT;

#define HandleToULong(h)  ((ULONG32)(ULONG_PTR)(h))
#define HandleToLong(h)   ((LONG32)(LONG_PTR)(h))
#define ULongToHandle(ul) ((void *)(ULONG_PTR)(ULONG32)(ul))
#define LongToHandle(l)   ((void *)(LONG_PTR)(LONG32)(l))
#define PtrToUlong(p)     ((ULONG32)(ULONG_PTR)(p))
#define PtrToLong(p)      ((LONG32)(LONG_PTR)(p))
#define PtrToUint(p)      ((UINT32)(UINT_PTR)(p))
#define PtrToInt(p)       ((INT32)(INT_PTR)(p))
#define IntToPtr(i)       ((void *)(INT_PTR)(INT32)(i))
#define UIntToPtr(ui)     ((void *)(UINT_PTR)(UINT32)(ui))
#define LongToPtr(l)      ((void *)(LONG_PTR)(LONG32)(l))
#define ULongToPtr(ul)    ((void *)(ULONG_PTR)(ULONG32)(ul))
#define PtrToULong(p)     PtrToUlong(p)
#define HandleToUlong(h)  HandleToULong(h)
#define UlongToHandle(ul) ULongToHandle(ul)
#define UlongToPtr(ul)    ULongToPtr(ul)

#define PtrToShort(p)  ((short)(LONG_PTR)(p))
#define PtrToUshort(p) ((unsigned short)(ULONG_PTR)(p))
#define PtrToUShort(p) PtrToUshort(p)

/* Between a pointer and 64 bits, or 32, for code that shares structures with the other kind. */
#define PtrToPtr64(p)       ((void *)(p))
#define Ptr64ToPtr(p)       ((void *)(p))
#define HandleToHandle64(h) ((void *)(h))
#define Handle64ToHandle(h) ((void *)(h))
#define PtrToPtr32(p)       ((void *)(ULONG_PTR)PtrToUlong(p))
#define Ptr32ToPtr(p)       ((void *)(p))
#define HandleToHandle32(h) PtrToPtr32(h)
#define Handle32ToHandle(h) ((void *)(h))

#define MAXUINT_PTR  (~((UINT_PTR)0))
#define MAXINT_PTR   ((INT_PTR)(MAXUINT_PTR >> 1))
#define MININT_PTR   (~MAXINT_PTR)
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONG_PTR  ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MINLONG_PTR  (~MAXLONG_PTR)
#define MAXDWORD_PTR MAXULONG_PTR
#define MAXSIZE_T    ((SIZE_T)MAXULONG_PTR)
#define MAXSSIZE_T   ((SSIZE_T)MAXLONG_PTR)
#define MINSSIZE_T   (~MAXSSIZE_T)

#define MAXUINT8  ((UINT8) ~((UINT8)0))
#define MAXINT8   ((INT8)(MAXUINT8 >> 1))
#define MININT8   ((INT8)~MAXINT8)
#define MAXUINT16 ((UINT16) ~((UINT16)0))
#define MAXINT16  ((INT16)(MAXUINT16 >> 1))
#define MININT16  ((INT16)~MAXINT16)
#define MAXUINT32 ((UINT32) ~((UINT32)0))
#define MAXINT32  ((INT32)(MAXUINT32 >> 1))
#define MININT32  ((INT32)~MAXINT32)
#define MAXUINT64 ((UINT64) ~((UINT64)0))
#define MAXINT64  ((INT64)(MAXUINT64 >> 1))
#define MININT64  ((INT64)~MAXINT64)

#endif
