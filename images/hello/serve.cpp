#include "serve.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace {

constexpr char page[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 37\r\nConnection: close\r\n\r\n"
    "Hello from a container run by Gantry\n";
constexpr char refusal[] = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

int listen_on(unsigned port) {
  const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int off = 0, on = 1;
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(static_cast<in_port_t>(port));
  if (fd >= 0) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0 && listen(fd, 128) == 0) return fd;
    close(fd);
  }
  // A kernel or a network namespace without IPv6.
  const int fd4 = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any4{};
  any4.sin_family = AF_INET;
  any4.sin_port = htons(static_cast<in_port_t>(port));
  setsockopt(fd4, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd4 >= 0 && bind(fd4, reinterpret_cast<sockaddr*>(&any4), sizeof any4) == 0 && listen(fd4, 128) == 0) return fd4;
  return -1;
}

void answer(int client) {
  const timeval patience{5, 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  char request[4096];
  size_t size = 0;
  while (size < sizeof request - 1) {
    const ssize_t got = read(client, request + size, sizeof request - 1 - size);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
    request[size] = 0;
    if (strstr(request, "\r\n\r\n")) break;
  }
  request[size] = 0;
  const bool get = strncmp(request, "GET ", 4) == 0;
  send(client, get ? page : refusal, get ? sizeof page - 1 : sizeof refusal - 1, MSG_NOSIGNAL);
  close(client);
}

} // namespace

int serve(unsigned port) {
  // As pid 1 a signal without a handler is ignored by the kernel, so they are taken from a descriptor.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int stop = signalfd(-1, &signals, SFD_CLOEXEC);
  const int listener = listen_on(port);
  if (listener < 0 || stop < 0) {
    std::fprintf(stderr, "hello: cannot listen on port %u: %s\n", port, strerror(errno));
    return 1;
  }
  std::printf("Listening on port %u\n", port);
  std::fflush(stdout);
  pollfd fds[] = {{listener, POLLIN, 0}, {stop, POLLIN, 0}};
  while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
    if (fds[1].revents) return 0;
    if (!fds[0].revents) continue;
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) answer(client);
  }
  return 1;
}
