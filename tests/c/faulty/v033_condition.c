/*
 * v033_condition.c - breaks V033: accepts whatever the condition function says.
 */
#include "../ifs_handles.h"

static SOCKET WSPAPI faulty_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                   LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                   LPINT lpErrno) {
  (void)lpfnCondition;
  (void)dwCallbackData;
  return pass_accept(s, addr, addrlen, NULL, 0, lpErrno);
}

#define FAULTY(table)                    \
  do {                                   \
    (table).lpWSPAccept = faulty_accept; \
  } while (0)
#include "ifs_startup.h"
