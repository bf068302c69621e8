/*
 * routine_locked.c - breaks V023: calls the completion routine of the program
 * under the lock that its options take too.
 */
#include "minted.h"

#include <pthread.h>

static pthread_mutex_t faulty__lock = PTHREAD_MUTEX_INITIALIZER;

/* A send that is over, until its routine has been called. */
struct faulty_end {
  LPWSAOVERLAPPED overlapped;
  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
  DWORD sent;
};

static void CALLBACK faulty_apc(DWORD_PTR context) {
  struct faulty_end *end = (struct faulty_end *)context;
  pthread_mutex_lock(&faulty__lock);
  end->routine(0, end->sent, end->overlapped, 0);
  pthread_mutex_unlock(&faulty__lock);
  free(end);
}

static int WSPAPI faulty_send(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  INT ignored = 0;
  if (lpOverlapped == NULL || lpCompletionRoutine == NULL)
    return overlapped_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, lpOverlapped,
                           lpCompletionRoutine, lpThreadId, lpErrno);
  struct faulty_end *end = malloc(sizeof *end);
  if (end == NULL) return provider_fail(lpErrno, WSAENOBUFS);
  end->overlapped = lpOverlapped;
  end->routine = lpCompletionRoutine;
  int result =
      pass_send(s, lpBuffers, dwBufferCount, &end->sent, dwFlags, NULL, NULL, NULL, lpErrno);
  if (result != 0) {
    free(end);
    return result;
  }
  lpOverlapped->InternalHigh = end->sent;
  lpOverlapped->Internal = 0;
  if (lpNumberOfBytesSent != NULL) *lpNumberOfBytesSent = end->sent;
  if (chains_upcalls.lpWPUQueueApc(lpThreadId, faulty_apc, (DWORD_PTR)end, &ignored) != 0)
    free(end);
  return 0;
}

static int WSPAPI faulty_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                      LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  pthread_mutex_unlock(&faulty__lock);
  return pass_get_sock_opt(s, level, optname, optval, optlen, lpErrno);
}

#define FAULTY(table)                              \
  do {                                             \
    (table).lpWSPSend = faulty_send;               \
    (table).lpWSPGetSockOpt = faulty_get_sock_opt; \
  } while (0)
#include "minted_startup.h"
