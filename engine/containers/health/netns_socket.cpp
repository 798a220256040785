#include "containers/health/netns_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/error.hpp"

namespace gantry::containers {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_INET;
};

Address to_address(const std::string& text, std::uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) != 1) throw internal("\"" + text + "\" is not an address");
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  address.size = sizeof *v6;
  address.family = AF_INET6;
  return address;
}

struct Attempt {
  UniqueFd socket;
  const char* step = nullptr; ///< the one that failed
  int error = 0;
};

void attempt(Attempt& result, int pidfd, const Address& address) {
  const auto failed = [&](const char* step) {
    result.error = errno;
    result.step = step;
  };
  // With a pidfd the process is the one that was meant, not a later one with its number.
  if (::setns(pidfd, CLONE_NEWNET) != 0) return failed("enter the container's network");
  result.socket.reset(::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!result.socket) return failed("make a socket");
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(result.socket.get(), to, address.size) != 0 && errno != EINPROGRESS) return failed("connect");
}

} // namespace

UniqueFd connect_in_netns(int pidfd, const std::string& address, std::uint16_t port) {
  const Address to = to_address(address, port);
  Attempt result;
  std::thread([&] { attempt(result, pidfd, to); }).join();
  if (result.step) {
    throw Error(Code::unavailable, std::string(result.step) + ": " + std::strerror(result.error), result.error);
  }
  return std::move(result.socket);
}

} // namespace gantry::containers
