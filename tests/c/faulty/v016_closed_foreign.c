/*
 * v016_closed_foreign.c - breaks V016: closes the handle of the provider below with the upcall.
 */
#include "minted.h"

static int WSPAPI faulty_close_socket(SOCKET s, LPINT lpErrno) {
  INT ignored = 0;
  struct socket_record *record = pass_enter(s, lpErrno);
  if (record == NULL) return SOCKET_ERROR;
  chains_upcalls.lpWPUCloseSocketHandle(record->lower, &ignored);
  sockets_release(record);
  return pass_close_socket(s, lpErrno);
}

#define FAULTY(table)                               \
  do {                                              \
    (table).lpWSPCloseSocket = faulty_close_socket; \
  } while (0)
#include "minted_startup.h"
