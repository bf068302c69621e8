/* The protocols of ATM (that part of Microsoft's ws2atm.h). No provider here has them. */
#ifndef _WS2ATM_H_
#define _WS2ATM_H_

#include "winsock2.h"

#define ATMPROTO_AALUSER 0x00
#define ATMPROTO_AAL1    0x01
#define ATMPROTO_AAL2    0x02
#define ATMPROTO_AAL34   0x03
#define ATMPROTO_AAL5    0x05

#endif
