/*
 * v002_too_much.c - breaks V002: says that SO_KEEPALIVE takes 400 bytes.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                      LPINT lpErrno) {
  int result = ifs_get_sock_opt(s, level, optname, optval, optlen, lpErrno);
  if (result == 0 && level == SOL_SOCKET && optname == SO_KEEPALIVE) *optlen = 400;
  return result;
}

#define FAULTY(table)                              \
  do {                                             \
    (table).lpWSPGetSockOpt = faulty_get_sock_opt; \
  } while (0)
#include "ifs_startup.h"
