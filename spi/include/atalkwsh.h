/* Addresses and protocols of AppleTalk (that part of Microsoft's atalkwsh.h). No provider here has
 * them. */
#ifndef _ATALKWSH_H_
#define _ATALKWSH_H_

#include "winsock2.h"

#define ATPROTO_BASE (1000 * AF_APPLETALK)

#define DDPPROTO_RTMP   (ATPROTO_BASE + 1)
#define DDPPROTO_NBP    (ATPROTO_BASE + 2)
#define DDPPROTO_ATP    (ATPROTO_BASE + 3)
#define DDPPROTO_AEP    (ATPROTO_BASE + 4)
#define DDPPROTO_RTMPRQ (ATPROTO_BASE + 5)
#define DDPPROTO_ZIP    (ATPROTO_BASE + 6)
#define DDPPROTO_ADSP   (ATPROTO_BASE + 7)
#define DDPPROTO_MAX    (ATPROTO_BASE + 255)

#define ATPROTO_ADSP (DDPPROTO_MAX + 1)
#define ATPROTO_ATP  (DDPPROTO_MAX + 2)
#define ATPROTO_ASP  (DDPPROTO_MAX + 3)
#define ATPROTO_PAP  (DDPPROTO_MAX + 4)

typedef struct sockaddr_at {
  USHORT sat_family;
  USHORT sat_net;
  UCHAR sat_node;
  UCHAR sat_socket;
} SOCKADDR_AT, *PSOCKADDR_AT;

#endif
