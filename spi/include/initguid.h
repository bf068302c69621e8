/* From here on DEFINE_GUID defines (Microsoft's initguid.h). Meant to be included before others. */
#ifndef INITGUID
#define INITGUID
#endif

#include "guiddef.h"
