#include "conformance/receiver.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <gantry/sdk/error.hpp>

namespace gantry::driver_test {

namespace {

UniqueFd bind_socket(int family, int type, const void* address, socklen_t size) {
  UniqueFd fd(::socket(family, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!fd || ::bind(fd.get(), static_cast<const sockaddr*>(address), size) != 0)
    throw Error(Code::internal, std::string("cannot listen as the target: ") + std::strerror(errno));
  return fd;
}

UniqueFd bind_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  ::unlink(path.c_str());
  return bind_socket(AF_UNIX, SOCK_DGRAM, &address, sizeof address);
}

UniqueFd bind_port(const std::string& target, int type) {
  const std::string rest = target.substr(target.find("://") + 3);
  const std::size_t colon = rest.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(rest.substr(colon + 1).c_str())));
  if (::inet_pton(AF_INET, rest.substr(0, colon).c_str(), &address.sin_addr) != 1)
    throw Error(Code::invalid, "--log-target must be like tcp://127.0.0.1:5140, not " + target);
  return bind_socket(AF_INET, type, &address, sizeof address);
}

} // namespace

Receiver::Receiver(const std::string& target) : stream_(target.rfind("tcp://", 0) == 0) {
  if (target.rfind("unixgram://", 0) == 0)
    socket_ = bind_path(target.substr(11));
  else
    socket_ = bind_port(target, stream_ ? SOCK_STREAM : SOCK_DGRAM);
  if (stream_) ::listen(socket_.get(), 8);
}

bool Receiver::hears(const std::string& text) {
  std::string block(65536, '\0');
  while (heard_.find(text) == std::string::npos) {
    pollfd ready{stream_ && client_ ? client_.get() : socket_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 10'000) != 1) return false;
    if (stream_ && !client_) {
      client_.reset(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      continue;
    }
    const ssize_t n = ::recv(ready.fd, block.data(), block.size(), 0);
    if (n > 0)
      heard_.append(block, 0, static_cast<std::size_t>(n));
    else
      client_.reset();
  }
  return true;
}

} // namespace gantry::driver_test
