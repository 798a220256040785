#include "http.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>

namespace gantry::volume_docker {
namespace {

constexpr std::int64_t longest_wait = 60'000'000'000;

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

Error broken(const std::string& what, int error) {
  return {Code::unavailable, what + ": " + std::generic_category().message(error), error};
}

/// A socket that is never waited for longer than the call allows.
class Connection {
 public:
  Connection(Call& call, const Address& address)
      : call_(call), end_ns_(call.deadline_ns() != 0 ? call.deadline_ns() : monotonic_ns() + longest_wait) {
    address.path.empty() ? connect_tcp(address) : connect_unix(address.path);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      wait(POLLOUT);
      const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n < 0) throw broken("write to the plugin", errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// Empty at the end.
  std::string receive() {
    std::string bytes(16 << 10, '\0');
    for (;;) {
      wait(POLLIN);
      const ssize_t n = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n < 0) throw broken("read from the plugin", errno);
      bytes.resize(static_cast<std::size_t>(n));
      return bytes;
    }
  }

 private:
  void connect(const sockaddr* address, socklen_t size) {
    socket_.reset(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) throw broken("make a socket", errno);
    if (::connect(socket_.get(), address, size) == 0) return;
    // EAGAIN: the queue of a unix socket is full, for its plugin accepts nobody (unix(7)); that is as good as hanging.
    if (errno != EINPROGRESS) throw broken("connect to the plugin", errno);
    wait(POLLOUT);
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    if (error != 0) throw broken("connect to the plugin", error);
  }

  void connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
      throw Error(Code::invalid, "the path of the plugin's socket is too long: " + path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  void connect_tcp(const Address& where) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = ::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found); error != 0)
      throw Error(Code::unavailable, "look up " + where.host + ": " + ::gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> held(found, ::freeaddrinfo);
    for (const addrinfo* each = found;; each = each->ai_next) {
      try {
        return connect(each->ai_addr, each->ai_addrlen);
      } catch (const Error& e) {
        if (each->ai_next == nullptr || e.code() != Code::unavailable) throw;
      }
    }
  }

  void wait(short events) {
    for (;;) {
      if (call_.cancelled()) throw Error(Code::cancelled, "cancelled while the plugin worked");
      const std::int64_t left_ms = (end_ns_ - monotonic_ns()) / 1'000'000;
      if (left_ms <= 0) throw Error(Code::deadline_exceeded, "the plugin does not answer");
      pollfd watched[] = {{socket_.get(), events, 0}, {call_.cancel_fd(), POLLIN, 0}};
      const int ready = ::poll(watched, 2, static_cast<int>(left_ms));
      if (ready < 0 && errno != EINTR) throw broken("wait for the plugin", errno);
      if (ready > 0 && watched[0].revents != 0) return;
    }
  }

  Call& call_;
  std::int64_t end_ns_;
  UniqueFd socket_;
};

} // namespace

Answer post(Call& call, const Address& address, const std::string& path, const std::string& body) {
  Connection connection(call, address);
  connection.send(make_request(path, body));
  std::string bytes;
  for (;;) {
    const std::string more = connection.receive();
    bytes += more;
    if (auto answer = parse_answer(bytes, more.empty())) return std::move(*answer);
  }
}

} // namespace gantry::volume_docker
