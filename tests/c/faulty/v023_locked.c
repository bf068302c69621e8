/*
 * v023_locked.c - breaks V023: sends under the lock that its options take too.
 */
#include "../ifs_handles.h"

#include <pthread.h>

static pthread_mutex_t faulty__lock = PTHREAD_MUTEX_INITIALIZER;

static int WSPAPI faulty_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  int result = pass_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                         lpCompletionRoutine, lpThreadId, lpErrno);
  pthread_mutex_unlock(&faulty__lock);
  return result;
}

static int WSPAPI faulty_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                      LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  pthread_mutex_unlock(&faulty__lock);
  return ifs_get_sock_opt(s, level, optname, optval, optlen, lpErrno);
}

#define FAULTY(table)                              \
  do {                                             \
    (table).lpWSPSend = faulty_send;               \
    (table).lpWSPGetSockOpt = faulty_get_sock_opt; \
  } while (0)
#include "ifs_startup.h"
