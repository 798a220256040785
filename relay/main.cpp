// gantry-relay SOCKET: carries connections that nftables sends here to containers, for one gantryd and also while that is not
// there: IPv6 ones to containers without IPv6, and those to ::1. Goes into the background as soon as SOCKET listens.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "loop/background.hpp"
#include "relay/server.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gantry-relay SOCKET\n");
    return 2;
  }
  try {
    gantry::relay::Sockets sockets = gantry::relay::open_sockets();
    gantry::UniqueFd control = gantry::listen_for_control(argv[1]);
    if (!control) {
      std::fprintf(stderr, "gantry-relay: listen on %s: %s\n", argv[1], std::strerror(errno));
      return 1;
    }
    gantry::go_into_background();
    gantry::relay::drop_privileges();
    gantry::Loop loop;
    gantry::relay::Server server(loop, std::move(control), std::move(sockets));
    loop.run();
    // Whoever waits for the end of its connection finds nobody left.
    ::_exit(0);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "gantry-relay: %s\n", e.what());
    return 1;
  }
}
