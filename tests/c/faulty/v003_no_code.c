/*
 * v003_no_code.c - breaks V003: refuses SO_KEEPALIVE and does not say why.
 */
#include "../ifs_handles.h"

static int WSPAPI faulty_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                      int optlen, LPINT lpErrno) {
  if (level == SOL_SOCKET && optname == SO_KEEPALIVE) return SOCKET_ERROR;
  return pass_set_sock_opt(s, level, optname, optval, optlen, lpErrno);
}

#define FAULTY(table)                              \
  do {                                             \
    (table).lpWSPSetSockOpt = faulty_set_sock_opt; \
  } while (0)
#include "ifs_startup.h"
