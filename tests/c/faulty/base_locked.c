/*
 * base_locked.c - breaks V023 as a base provider: runs the condition function and
 * the blocking hook of the program under the lock that its options take too.
 *
 * It is base_pipe.c with three of its functions replaced.
 */
#define WSPStartup faulty_pipe_startup
#include "../base_pipe.c"
#undef WSPStartup

#include <pthread.h>
#include <time.h>

static pthread_mutex_t faulty__lock = PTHREAD_MUTEX_INITIALIZER;
static WSPPROC_TABLE faulty__pipe;

static SOCKET WSPAPI faulty_accept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                                   LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                                   LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  SOCKET accepted =
      faulty__pipe.lpWSPAccept(s, addr, addrlen, lpfnCondition, dwCallbackData, lpErrno);
  pthread_mutex_unlock(&faulty__lock);
  return accepted;
}

/* The hook runs while it waits. */
static int WSPAPI faulty_recv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                              LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                              LPWSAOVERLAPPED lpOverlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                              LPWSATHREADID lpThreadId, LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  int result = faulty__pipe.lpWSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
                                      lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
  pthread_mutex_unlock(&faulty__lock);
  return result;
}

static int WSPAPI faulty_get_sock_opt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                                      LPINT lpErrno) {
  pthread_mutex_lock(&faulty__lock);
  int result = faulty__pipe.lpWSPGetSockOpt(s, level, optname, optval, optlen, lpErrno);
  pthread_mutex_unlock(&faulty__lock);
  /* Still in here when the program cleans up, if nobody waits for the answer. */
  nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
  return result;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
               WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable) {
  int error =
      faulty_pipe_startup(wVersionRequested, lpWSPData, lpProtocolInfo, UpcallTable, lpProcTable);
  if (error != 0) return error;
  faulty__pipe = *lpProcTable;
  lpProcTable->lpWSPAccept = faulty_accept;
  lpProcTable->lpWSPRecv = faulty_recv;
  lpProcTable->lpWSPGetSockOpt = faulty_get_sock_opt;
  return 0;
}
