// gantry-dns SOCKET: answers the containers of one gantryd at 127.0.0.11, also while that is not there. Goes into the background
// as soon as SOCKET listens.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "dns/server.hpp"
#include "loop/background.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gantry-dns SOCKET\n");
    return 2;
  }
  gantry::UniqueFd listener = gantry::listen_for_control(argv[1]);
  if (!listener) {
    std::fprintf(stderr, "gantry-dns: listen on %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  gantry::go_into_background(); // three sockets per container, and one per question on its way
  try {
    gantry::Loop loop;
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
