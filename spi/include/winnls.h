/* Microsoft's winnls.h: of it only what stringapiset.h has, the code pages. */
#ifndef _WINNLS_
#define _WINNLS_

#include "stringapiset.h"

#endif
