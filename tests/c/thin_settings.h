/*
 * thin_settings.h - the entries of base_sockets.c that set and ask: options,
 * ioctls, select; and those that say that the provider does not have it.
 */
#ifndef THIN_SETTINGS_H
#define THIN_SETTINGS_H

/* --- options -------------------------------------------------------------- */

static int thin_store(char *optval, LPINT optlen, const void *value, int length) {
  if (optval == NULL || optlen == NULL || *optlen < length) return WSAEFAULT;
  memcpy(optval, value, (size_t)length);
  *optlen = length;
  return 0;
}

/* The system's place of an option, or WSAENOPROTOOPT. */
static int thin_place(int level, int optname, int *host_level, int *option) {
  *host_level = level == SOL_SOCKET ? HOST_SOCKET : level;
  *option = level == SOL_SOCKET ? host_option(optname) : optname;
  if (level == IPPROTO_TCP && optname == TCP_NODELAY) return 0;
  return level == SOL_SOCKET && *option >= 0 ? 0 : WSAENOPROTOOPT;
}

static int WSPAPI thin_wsp_get_sock_opt(SOCKET s, int level, int optname, char *optval,
                                        LPINT optlen, LPINT lpErrno) {
  int host_level, option, number = 0;
  unsigned length = sizeof number;
  struct host_timeval time = {0, 0};
  unsigned time_length = sizeof time;
  THIN_ENTER(SOCKET_ERROR);
  int error = 0;
  if (level == SOL_SOCKET && optname == SO_PROTOCOL_INFOW) {
    error = thin_store(optval, optlen, &socket->entry, sizeof socket->entry);
    return thin_return(socket, error, lpErrno);
  }
  if (level == SOL_SOCKET && (optname == SO_RCVTIMEO || optname == SO_SNDTIMEO)) {
    option = optname == SO_RCVTIMEO ? HOST_RCVTIMEO : HOST_SNDTIMEO;
    if (host_getsockopt(socket->descriptor, HOST_SOCKET, option, &time, &time_length) != 0)
      error = thin_error(socket);
    number = (int)(time.seconds * 1000 + time.microseconds / 1000);
  } else {
    error = thin_place(level, optname, &host_level, &option);
    if (error == 0 &&
        host_getsockopt(socket->descriptor, host_level, option, &number, &length) != 0)
      error = thin_error(socket);
    if (level == SOL_SOCKET && optname == SO_ERROR) number = host_error(number);
  }
  if (error == 0) error = thin_store(optval, optlen, &number, sizeof number);
  return thin_return(socket, error, lpErrno);
}

static int WSPAPI thin_wsp_set_sock_opt(SOCKET s, int level, int optname, const char *optval,
                                        int optlen, LPINT lpErrno) {
  int host_level, option, number = 0;
  THIN_ENTER(SOCKET_ERROR);
  int error = optval == NULL || optlen < (int)sizeof number ? WSAEFAULT : 0;
  if (error == 0) memcpy(&number, optval, sizeof number);
  if (error == 0 && level == SOL_SOCKET && (optname == SO_RCVTIMEO || optname == SO_SNDTIMEO)) {
    DWORD milliseconds = (DWORD)number;
    struct host_timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    option = optname == SO_RCVTIMEO ? HOST_RCVTIMEO : HOST_SNDTIMEO;
    if (host_setsockopt(socket->descriptor, HOST_SOCKET, option, &time, sizeof time) != 0)
      error = thin_error(socket);
    return thin_return(socket, error, lpErrno);
  }
  if (error == 0) error = thin_place(level, optname, &host_level, &option);
  if (error == 0 &&
      host_setsockopt(socket->descriptor, host_level, option, &number, sizeof number) != 0)
    error = thin_error(socket);
  return thin_return(socket, error, lpErrno);
}

/* --- ioctls --------------------------------------------------------------- */

static int WSPAPI thin_wsp_ioctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                                 DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                                 LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                                 LPWSATHREADID lpThreadId, LPINT lpErrno) {
  unsigned int number = 0; /* an unsigned long of Windows, 32 bits */
  const void *out = &number;
  DWORD length = 0;
  (void)lpCompletionRoutine, (void)lpThreadId;
  THIN_ENTER(SOCKET_ERROR);
  int error = lpOverlapped != NULL ? WSAEOPNOTSUPP : lpcbBytesReturned == NULL ? WSAEFAULT : 0;
  if (error != 0) return thin_return(socket, error, lpErrno);
  switch (dwIoControlCode) {
    case (DWORD)FIONBIO:
      if (lpvInBuffer == NULL || cbInBuffer < sizeof number) {
        error = WSAEFAULT;
        break;
      }
      memcpy(&number, lpvInBuffer, sizeof number);
      if (host_set_nonblocking(socket->descriptor, number != 0) != 0) error = thin_error(socket);
      if (error == 0) socket->nonblocking = number != 0;
      break;
    case (DWORD)FIONREAD:
      if (host_ioctl(socket->descriptor, HOST_FIONREAD, &number) != 0) error = thin_error(socket);
      length = sizeof number;
      break;
    case SIO_BASE_HANDLE:
    case SIO_BSP_HANDLE:
    case SIO_BSP_HANDLE_SELECT:
    case SIO_BSP_HANDLE_POLL:
      out = &s;
      length = sizeof s;
      break;
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
      error = WSAEINVAL;
      break; /* there are none */
    default:
      error = WSAEOPNOTSUPP;
  }
  if (error == 0 && length > 0 && (lpvOutBuffer == NULL || cbOutBuffer < length)) error = WSAEFAULT;
  if (error == 0 && length > 0) memcpy(lpvOutBuffer, out, length);
  if (error == 0) *lpcbBytesReturned = length;
  return thin_return(socket, error, lpErrno);
}

/* --- select --------------------------------------------------------------- */

/* The sockets of a set, entered, at the end of a list; an error when one is none. */
static int thin_add_set(const fd_set *set, short events, struct thin_socket **sockets,
                        struct host_pollfd *list, unsigned *count) {
  int error = 0;
  for (u_int i = 0; set != NULL && error == 0 && i < set->fd_count; i++) {
    struct thin_socket *socket = thin_enter(set->fd_array[i], &error);
    if (socket == NULL) break;
    sockets[*count] = socket;
    list[*count].descriptor = socket->descriptor;
    list[*count].events = events;
    ++*count;
  }
  return error;
}

/* Leaves what happened in a set, whose sockets are in the list from *at on; how
 * many they are. */
static int thin_keep_ready(fd_set *set, const struct host_pollfd *list, unsigned *at) {
  u_int ready = 0, count = set == NULL ? 0 : set->fd_count;
  for (u_int i = 0; i < count; i++)
    if (list[(*at)++].happened != 0) set->fd_array[ready++] = set->fd_array[i];
  if (set != NULL) set->fd_count = ready;
  return (int)ready;
}

static int WSPAPI thin_wsp_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                                  select_timeout timeout, LPINT lpErrno) {
  unsigned count = 0, at = 0;
  int ready = 0, error = 0;
  (void)nfds;
  u_int wanted = (readfds ? readfds->fd_count : 0) + (writefds ? writefds->fd_count : 0) +
                 (exceptfds ? exceptfds->fd_count : 0);
  if (wanted == 0 || (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_usec < 0)))
    return thin_fail(lpErrno, WSAEINVAL);
  struct thin_socket **sockets = calloc(wanted, sizeof *sockets);
  struct host_pollfd *list = calloc(wanted, sizeof *list);
  if (sockets == NULL || list == NULL) error = WSAENOBUFS;
  if (error == 0) error = thin_add_set(readfds, HOST_POLLIN, sockets, list, &count);
  if (error == 0) error = thin_add_set(writefds, HOST_POLLOUT, sockets, list, &count);
  if (error == 0) error = thin_add_set(exceptfds, HOST_POLLPRI, sockets, list, &count);
  if (error == 0) {
    long long milliseconds =
        timeout == NULL ? -1 : timeout->tv_sec * 1000ll + (timeout->tv_usec + 999) / 1000;
    if (milliseconds > 0x7fffffff) milliseconds = 0x7fffffff;
    if (host_poll(list, count, (int)milliseconds) < 0) error = host_error(errno);
  }
  if (error == 0) {
    ready = thin_keep_ready(readfds, list, &at);
    ready += thin_keep_ready(writefds, list, &at);
    ready += thin_keep_ready(exceptfds, list, &at);
  }
  while (count > 0) thin_leave(sockets[--count]);
  free(sockets);
  free(list);
  return error == 0 ? ready : thin_fail(lpErrno, error);
}

/* --- what this provider does not have ------------------------------------- */

/* A socket that is none stays WSAENOTSOCK, whatever the call. */
static int thin_refuse(SOCKET s, int code, LPINT lpErrno) {
  THIN_ENTER(SOCKET_ERROR);
  return thin_return(socket, code, lpErrno);
}

static int WSPAPI thin_wsp_async_select(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent,
                                        LPINT lpErrno) {
  (void)hWnd, (void)wMsg, (void)lEvent;
  return thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static int WSPAPI thin_wsp_event_select(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents,
                                        LPINT lpErrno) {
  (void)hEventObject, (void)lNetworkEvents;
  return thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static int WSPAPI thin_wsp_enum_network_events(SOCKET s, WSAEVENT hEventObject,
                                               LPWSANETWORKEVENTS lpNetworkEvents, LPINT lpErrno) {
  (void)hEventObject, (void)lpNetworkEvents;
  return thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static BOOL WSPAPI thin_wsp_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                                  LPDWORD lpcbTransfer, BOOL fWait,
                                                  LPDWORD lpdwFlags, LPINT lpErrno) {
  (void)lpOverlapped, (void)lpcbTransfer, (void)fWait, (void)lpdwFlags;
  thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
  return FALSE;
}

static BOOL WSPAPI thin_wsp_get_qos_by_name(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
                                            LPINT lpErrno) {
  (void)lpQOSName, (void)lpQOS;
  thin_refuse(s, WSAEINVAL, lpErrno); /* no template has that name */
  return FALSE;
}

static int WSPAPI thin_wsp_duplicate_socket(SOCKET s, DWORD dwProcessId,
                                            LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno) {
  (void)dwProcessId, (void)lpProtocolInfo;
  return thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
}

static SOCKET WSPAPI thin_wsp_join_leaf(SOCKET s, const struct sockaddr *name, int namelen,
                                        LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS,
                                        LPQOS lpGQOS, DWORD dwFlags, LPINT lpErrno) {
  (void)name, (void)namelen, (void)lpCallerData, (void)lpCalleeData;
  (void)lpSQOS, (void)lpGQOS, (void)dwFlags;
  thin_refuse(s, WSAEOPNOTSUPP, lpErrno);
  return INVALID_SOCKET;
}

static int WSPAPI thin_wsp_cancel_blocking_call(LPINT lpErrno) {
  return thin_fail(lpErrno, WSAEOPNOTSUPP);
}

static INT WSPAPI thin_wsp_address_to_string(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                                             LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                             LPWSTR lpszAddressString,
                                             LPDWORD lpdwAddressStringLength, LPINT lpErrno) {
  (void)lpsaAddress, (void)dwAddressLength, (void)lpProtocolInfo;
  (void)lpszAddressString, (void)lpdwAddressStringLength;
  return thin_fail(lpErrno, WSAEOPNOTSUPP);
}

static INT WSPAPI thin_wsp_string_to_address(LPWSTR AddressString, INT AddressFamily,
                                             LPWSAPROTOCOL_INFOW lpProtocolInfo,
                                             LPSOCKADDR lpAddress, LPINT lpAddressLength,
                                             LPINT lpErrno) {
  (void)AddressString, (void)AddressFamily, (void)lpProtocolInfo;
  (void)lpAddress, (void)lpAddressLength;
  return thin_fail(lpErrno, WSAEOPNOTSUPP);
}

#endif
