// gantry-dns SOCKET: answers the containers of one gantryd at 127.0.0.11, also while that is not there. Goes into the background
// as soon as SOCKET listens.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "dns/server.hpp"

namespace {

using gantry::UniqueFd;

UniqueFd listen_on(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) return UniqueFd();
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());
  ::umask(077);
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd.get(), 16) != 0)
    fd.reset();
  return fd;
}

/// Three sockets per container, and one per question on its way.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gantry-dns SOCKET\n");
    return 2;
  }
  UniqueFd listener = listen_on(argv[1]);
  if (!listener) {
    std::fprintf(stderr, "gantry-dns: listen on %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  // Whoever started us waits for this.
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  if (::chdir("/") != 0) return 1;
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  allow_many_files();
  try {
    gantry::dns::Loop loop;
    gantry::dns::Server server(loop, std::move(listener));
    loop.run();
    ::unlink(argv[1]);
    // Whoever waits for the end of its connection finds nobody left.
    ::_exit(0);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry-dns: %s\n", e.what());
    return 1;
  }
}
