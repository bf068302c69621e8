/* Microsoft's rpc.h: of it only the UUIDs of rpcdce.h. */
#ifndef __RPC_H__
#define __RPC_H__

#include "rpcdce.h"

#endif
