/*
 * The options of reliable multicast (that part of Microsoft's wsrm.h). The base provider has no
 * such sockets.
 */
#ifndef _WSRM_H_
#define _WSRM_H_

#include "winsock2.h"

#define IPPROTO_RM 113

#define RM_OPTIONSBASE                  1000
#define RM_RATE_WINDOW_SIZE             (RM_OPTIONSBASE + 1)
#define RM_SET_MESSAGE_BOUNDARY         (RM_OPTIONSBASE + 2)
#define RM_FLUSHCACHE                   (RM_OPTIONSBASE + 3)
#define RM_SENDER_WINDOW_ADVANCE_METHOD (RM_OPTIONSBASE + 4)
#define RM_SENDER_STATISTICS            (RM_OPTIONSBASE + 5)
#define RM_LATEJOIN                     (RM_OPTIONSBASE + 6)
#define RM_SET_SEND_IF                  (RM_OPTIONSBASE + 7)
#define RM_ADD_RECEIVE_IF               (RM_OPTIONSBASE + 8)
#define RM_DEL_RECEIVE_IF               (RM_OPTIONSBASE + 9)
#define RM_SEND_WINDOW_ADV_RATE         (RM_OPTIONSBASE + 10)
#define RM_USE_FEC                      (RM_OPTIONSBASE + 11)
#define RM_SET_MCAST_TTL                (RM_OPTIONSBASE + 12)
#define RM_RECEIVER_STATISTICS          (RM_OPTIONSBASE + 13)
#define RM_HIGH_SPEED_INTRANET_OPT      (RM_OPTIONSBASE + 14)

#endif
