/*
 * Files (that part of Microsoft's fileapi.h): where they are read and written, how long they are,
 * and what their paths lead to. Opening, reading and writing are in winbase.h. Paths are the
 * system's, and sharing modes are between the handles of one process.
 */
#ifndef _APISETFILE_
#define _APISETFILE_

#include "windef.h"
#include "winnt.h"

#define INVALID_FILE_SIZE        ((DWORD)0xFFFFFFFF)
#define INVALID_SET_FILE_POINTER ((DWORD)-1)
#define INVALID_FILE_ATTRIBUTES  ((DWORD)-1)
#define FILE_BEGIN               0
#define FILE_CURRENT             1
#define FILE_END                 2
#define CREATE_NEW               1
#define CREATE_ALWAYS            2
#define OPEN_EXISTING            3
#define OPEN_ALWAYS              4
#define TRUNCATE_EXISTING        5

WS2SPI_BEGIN_DECLS

DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh,
                            DWORD dwMoveMethod);
BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                             PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod);
DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh);
BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize);
BOOL WINAPI SetEndOfFile(HANDLE hFile);
BOOL WINAPI FlushFileBuffers(HANDLE hFile);

BOOL WINAPI DeleteFileA(LPCSTR lpFileName);
BOOL WINAPI DeleteFileW(LPCWSTR lpFileName);
DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName);
DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName);
DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer);
DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer);

WS2SPI_END_DECLS

#ifdef UNICODE
#define DeleteFile        DeleteFileW
#define GetFileAttributes GetFileAttributesW
#define GetTempPath       GetTempPathW
#else
#define DeleteFile        DeleteFileA
#define GetFileAttributes GetFileAttributesA
#define GetTempPath       GetTempPathA
#endif

#endif
