// What the source of a C++ application uses of the headers, compiled and never run: sockets by
// their BSD names beside the C++ library and beside methods of the same names, overlapped calls,
// names and addresses. Compiled with libc's headers before (LIBC_FIRST) and after, narrow and
// UNICODE.
#include <cstdio>
#include <functional>
#include <map>
#ifdef LIBC_FIRST
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <afunix.h>
#include <ws2spi/native.h>
#include <windows.h>
#include <chrono>
#include <future>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>
#ifndef LIBC_FIRST
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#endif

namespace {

static_assert(sizeof(SOCKET) == sizeof(void *), "SOCKET");
static_assert(sizeof(struct timeval) == 8, "timeval");
static_assert(sizeof(fd_set) == (sizeof(void *) == 8 ? 520 : 260), "fd_set");
static_assert(sizeof(u_long) == 4, "u_long");
static_assert(sizeof(WCHAR) == 2, "WCHAR");
static_assert(AF_INET6 == 23 && SOL_SOCKET == 0xffff && SO_REUSEADDR == 4, "constants");
#if defined(SO_REUSEPORT) || defined(MSG_NOSIGNAL) || defined(SOCK_NONBLOCK) || defined(SHUT_WR)
#error "a constant of libc is still there"
#endif

// Methods with the names of socket functions.
class Stream {
 public:
  explicit Stream(SOCKET socket) : handle(socket) {}
  ~Stream() { ::closesocket(handle); }
  bool connect(const sockaddr_in &to) {
    return ::connect(handle, reinterpret_cast<const SOCKADDR *>(&to), sizeof(to)) == 0;
  }
  bool bind(const sockaddr_in6 &name) {
    return ::bind(handle, reinterpret_cast<const sockaddr *>(&name), sizeof(name)) == 0;
  }
  int send(const std::string &text) {
    return ::send(handle, text.data(), static_cast<int>(text.size()), 0);
  }
  int recv(std::vector<char> &into) {
    return ::recv(handle, into.data(), static_cast<int>(into.size()), MSG_WAITALL);
  }
  bool select(long milliseconds) {
    timeval wait = {static_cast<LONG>(milliseconds / 1000),
                    static_cast<LONG>(milliseconds % 1000 * 1000)};
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(handle, &readable);
    return ::select(0, &readable, nullptr, nullptr, &wait) == 1 && FD_ISSET(handle, &readable);
  }
  Stream accept() {
    SOCKADDR_STORAGE from;
    int length = sizeof(from);
    return Stream(::accept(handle, reinterpret_cast<SOCKADDR *>(&from), &length));
  }
  void shutdown() { ::shutdown(handle, SD_SEND); }
  SOCKET handle;
};

int CALLBACK condition(LPWSABUF, LPWSABUF, LPQOS, LPQOS, LPWSABUF, LPWSABUF, GROUP FAR *,
                       DWORD_PTR) {
  return CF_DEFER;
}

void CALLBACK completed(DWORD error, DWORD, LPWSAOVERLAPPED overlapped, DWORD) {
  if (error == WSA_OPERATION_ABORTED) WSASetEvent(overlapped->hEvent);
}

// SAL annotations of both kinds.
_Success_(return == 0) int resolve(__in_opt const char *host, _Out_ sockaddr_in *found) {
  addrinfo hints = {};
  addrinfo *list = nullptr;
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  int error = getaddrinfo(host, "7", &hints, &list);
  if (error != 0) {
    std::printf("%s\n", gai_strerrorA(error));
    return error;
  }
  for (const addrinfo *each = list; each != nullptr; each = each->ai_next)
    if (each->ai_addrlen == sizeof(*found))
      *found = *reinterpret_cast<const sockaddr_in *>(each->ai_addr);
  freeaddrinfo(list);
  return 0;
}

int options(SOCKET s) {
  BOOL on = TRUE;
  DWORD timeout = 1000, bytes = 0;
  u_long mode = 1, pending = 0;
  LINGER off = {0, 0};
  struct tcp_keepalive alive = {1, 1000, 1000};
  struct ip_mreq group = {};
  GUID guid = WSAID_ACCEPTEX;
  LPFN_ACCEPTEX accept_ex = nullptr;
  group.imr_multiaddr.s_addr = inet_addr("239.0.0.1");
  group.imr_interface.S_un.S_addr = htonl(INADDR_ANY);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char *>(&on), sizeof(on));
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout));
  setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&off, sizeof(off));
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof(on));
  setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof(group));
  ioctlsocket(s, FIONBIO, &mode);
  ioctlsocket(s, static_cast<long>(FIONREAD), &pending);
  WSAIoctl(s, SIO_KEEPALIVE_VALS, &alive, sizeof(alive), nullptr, 0, &bytes, nullptr, nullptr);
  return WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof(guid), &accept_ex,
                  sizeof(accept_ex), &bytes, nullptr, nullptr);
}

int overlapped(SOCKET s) {
  char data[512];
  WSABUF buffer = {sizeof(data), data};
  WSAOVERLAPPED state = {};
  DWORD received = 0, flags = 0;
  OVERLAPPED_ENTRY entries[4];
  ULONG count = 0;
  HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), nullptr, 1, 0);
  state.hEvent = WSACreateEvent();
  state.Offset = 0;
  if (WSARecv(s, &buffer, 1, &received, &flags, &state, completed) == SOCKET_ERROR &&
      WSAGetLastError() != WSA_IO_PENDING)
    return WSAGetLastError();
  WSAWaitForMultipleEvents(1, &state.hEvent, FALSE, WSA_INFINITE, TRUE);
  GetQueuedCompletionStatusEx(port, entries, 4, &count, 0, FALSE);
  WSAGetOverlappedResult(s, &state, &received, TRUE, &flags);
  WSAEventSelect(s, state.hEvent, FD_READ | FD_CLOSE);
  WSACloseEvent(state.hEvent);
  return WSAAccept(s, nullptr, nullptr, condition, 0) == INVALID_SOCKET ? h_errno : 0;
}

int messages(SOCKET s, LPFN_WSARECVMSG receive) {
  char control[WSA_CMSG_SPACE(sizeof(IN_PKTINFO))];
  WSAMSG message = {};
  DWORD received = 0;
  message.Control.buf = control;
  message.Control.len = sizeof(control);
  receive(s, &message, &received, nullptr, nullptr);
  for (WSACMSGHDR *each = WSA_CMSG_FIRSTHDR(&message); each != nullptr;
       each = WSA_CMSG_NXTHDR(&message, each))
    if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO)
      return static_cast<int>(reinterpret_cast<IN_PKTINFO *>(WSA_CMSG_DATA(each))->ipi_ifindex);
  WSAPOLLFD polled = {s, POLLIN, 0};
  return WSAPoll(&polled, 1, 0);
}

}  // namespace

int main(int argc, char **argv) {
  WSADATA data;
  sockaddr_in to = {};
  sockaddr_in6 any = {};
  SOCKADDR_UN local = {AF_UNIX, "name"};
  TCHAR name[] = TEXT("127.0.0.1:80");
  TCHAR text[INET6_ADDRSTRLEN];
  char host[NI_MAXHOST];
  INT length = sizeof(to);
  std::map<SOCKET, std::string> names;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0 || argc < 2) return 1;
  SOCKET s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP);
  Stream stream(WSASocket(AF_INET, SOCK_STREAM, 0, nullptr, 0, WSA_FLAG_OVERLAPPED));
  auto later = std::bind(&Stream::connect, &stream, std::placeholders::_1);
  auto answer = std::async(std::launch::async, resolve, argv[1], &to);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  any.sin6_family = AF_INET6;
  any.sin6_addr = in6addr_loopback;
  any.sin6_port = htons(static_cast<u_short>(ntohs(to.sin_port) + 1));
  names[s] = std::to_string(answer.get());
  if (!IN6_IS_ADDR_LOOPBACK(&any.sin6_addr) || !later(to) || !stream.bind(any) || !stream.select(5))
    return static_cast<int>(names.size()) + local.sun_path[0];
  WSAStringToAddress(name, AF_INET, nullptr, reinterpret_cast<LPSOCKADDR>(&to), &length);
  InetNtop(AF_INET, &to.sin_addr, text, INET_ADDRSTRLEN);
  getnameinfo(reinterpret_cast<SOCKADDR *>(&to), sizeof(to), host, sizeof(host), nullptr, 0,
              NI_NUMERICHOST);
  gethostname(host, sizeof(host));
  hostent *entry = gethostbyname(host);
  servent *service = getservbyname("echo", "tcp");
  std::printf("%s %d %d\n", inet_ntoa(to.sin_addr), entry->h_addrtype, service->s_port);
  std::ostringstream out;
  out << options(s) << overlapped(s) << messages(s, nullptr) << ws2spi_socket_fd(s);
  listen(s, SOMAXCONN);
  stream.send(out.str());
  std::vector<char> bytes(10);
  stream.recv(bytes);
  stream.accept().shutdown();
  bytes.resize(min(bytes.size(), 5) + max(sizeof(any), length));
  closesocket(s);
  return WSACleanup();
}
