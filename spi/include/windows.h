/*
 * The Windows types and the kernel functions that libws2_32 exports (Microsoft's windows.h): what
 * windef.h, winnt.h, winbase.h, winreg.h, wincon.h, winuser.h and winerror.h say at their tops,
 * structured exceptions as far as excpt.h says, and the C library's functions for 16-bit text. It
 * never includes Winsock: a source that wants sockets includes winsock2.h, before or after.
 */
#ifndef _WINDOWS_
#define _WINDOWS_
#define _INC_WINDOWS

/* The names that Microsoft's headers give to what the compiler says of the processor. */
#if defined(_M_AMD64) && !defined(_AMD64_)
#define _AMD64_
#elif defined(_M_ARM64) && !defined(_ARM64_)
#define _ARM64_
#endif

#include "windef.h"
#include "winnt.h"
#include "winerror.h"
#include "winbase.h"
#include "winreg.h"
#include "wincon.h"
#include "winuser.h"
#include "guiddef.h"
#include "excpt.h"
#include "ws2spi/printf.h"
#include "ws2spi/wide.h"

#endif
