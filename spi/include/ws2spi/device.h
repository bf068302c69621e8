/*
 * How a program has devices of its own, which no Microsoft header has: a driver is a structure of
 * functions under a name. CreateFile opens it as \\.\Name or \Device\Name, DeviceIoControl,
 * ReadFile and WriteFile become requests to it, and overlapped ones end with event or packet as for
 * any file. A test of a base provider puts its driver here.
 *
 * The functions are called on any thread, several at once, with no lock of the library held.
 */
#ifndef WS2SPI_DEVICE_H
#define WS2SPI_DEVICE_H

#include "../ntstatus.h"
#include "../windows.h"

#define WS2SPI_DEVICE_CONTROL 0
#define WS2SPI_DEVICE_READ    1
#define WS2SPI_DEVICE_WRITE   2

typedef struct _WS2SPI_DEVICE_OPENING {
  LPCWSTR Path; /* What follows the device's name, from the backslash on, or "". */
  DWORD DesiredAccess;
  DWORD ShareMode;
  DWORD CreateDisposition; /* FILE_OPEN and the others of winternl.h, from CreateFile as well. */
  DWORD CreateOptions;
  LPCVOID EaBuffer; /* NtCreateFile's, or NULL. */
  DWORD EaLength;
} WS2SPI_DEVICE_OPENING;

/*
 * A request. The structure is the library's and gone when the function returns; the buffers are the
 * caller's own, whatever the method of the code, and the driver's until the request is complete.
 */
typedef struct _WS2SPI_DEVICE_REQUEST {
  ULONGLONG Number;
  DWORD Operation;
  DWORD Code;       /* Of WS2SPI_DEVICE_CONTROL. */
  ULONGLONG Offset; /* Of a read or write. */
  LPCVOID Input;
  LPVOID Output;
  DWORD InputSize;
  DWORD OutputSize;
} WS2SPI_DEVICE_REQUEST;

typedef struct _WS2SPI_DEVICE {
  DWORD Size; /* sizeof(WS2SPI_DEVICE) */
  LPVOID Context;
  /* Opens the device and says by which word the functions below know the file. NULL: Context. */
  NTSTATUS (*Open)(LPVOID Context, const WS2SPI_DEVICE_OPENING *Opening, LPVOID *File);
  /*
   * A request: its final status, with the bytes in *Bytes, or STATUS_PENDING when it is kept, and
   * ws2spi_device_complete called once for it, from any thread. NULL: requests fail.
   */
  NTSTATUS (*Serve)(LPVOID File, const WS2SPI_DEVICE_REQUEST *Request, ULONG_PTR *Bytes);
  /* Whoever has the request completes it soon, with STATUS_CANCELLED if nothing was done. */
  VOID (*Cancel)(LPVOID File, ULONGLONG Number);
  /* The last handle was closed: requests that are kept should be completed. */
  VOID (*Cleanup)(LPVOID File);
  /* The last request is complete as well: nothing is called for the file afterwards. */
  VOID (*Close)(LPVOID File);
} WS2SPI_DEVICE;

WS2SPI_BEGIN_DECLS

/* FALSE with ERROR_INVALID_NAME, ERROR_INVALID_PARAMETER (Size), ERROR_ALREADY_EXISTS. */
BOOL WINAPI ws2spi_device_register(LPCWSTR Name, const WS2SPI_DEVICE *Device);
/* What is open stays open. FALSE with ERROR_INVALID_NAME, ERROR_FILE_NOT_FOUND. */
BOOL WINAPI ws2spi_device_unregister(LPCWSTR Name);
/* FALSE with ERROR_INVALID_HANDLE (not kept, or complete), ERROR_INVALID_PARAMETER (pending). */
BOOL WINAPI ws2spi_device_complete(ULONGLONG Number, NTSTATUS Status, ULONG_PTR Bytes);

WS2SPI_END_DECLS

#endif
