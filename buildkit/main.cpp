// gantry-buildkit: BuildKit's API (gRPC) for buildx, Compose and docker's CLI, in front of gantryd's own. gantryd starts it with
// a socket as descriptor 3 when the first client comes, and hands it the clients' connections.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <exception>

#include "buildkit/server.hpp"

namespace {

constexpr int control = 3;

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

} // namespace

int main() {
  if (!is_socket(control)) {
    std::fprintf(stderr, "gantry-buildkit: started by gantryd, with a socket as descriptor 3\n");
    return 2;
  }
  // Secrets and credentials of clients pass through its memory.
  (void)::prctl(PR_SET_DUMPABLE, 0);
  ::signal(SIGPIPE, SIG_IGN);
  // libarchive takes names for what the locale says.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  try {
    gantry::buildkit::Server server{gantry::UniqueFd(control)};
    server.run();
    // Calls that still wait wait for nobody.
    std::fflush(nullptr);
    ::_exit(0);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry-buildkit: %s\n", e.what());
    return 1;
  }
}
