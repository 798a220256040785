#include "api/listener.hpp"

#include <grp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "base/error.hpp"

namespace gantry::api {

namespace {

constexpr int backlog = 1024;

std::string reason(int error) { return std::generic_category().message(error); }

Error cannot_listen(const std::string& host, const std::string& why) {
  return unavailable("cannot listen on " + host + ": " + why);
}

UniqueFd open_socket(const std::string& host, int family, int flags) {
  UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!socket) throw cannot_listen(host, reason(errno));
  return socket;
}

sockaddr_un unix_address(const std::string& host, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path.starts_with('/')) throw invalid("invalid host \"" + host + "\": unix:// needs an absolute path");
  if (path.size() >= sizeof address.sun_path)
    throw invalid("invalid host \"" + host + "\": a unix socket's path has at most " +
                  std::to_string(sizeof address.sun_path - 1) + " bytes, this one has " + std::to_string(path.size()));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

void check_parent(const std::string& host, const std::string& path) {
  const auto parent = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  struct stat info {};
  if (::stat(parent.c_str(), &info) != 0) throw cannot_listen(host, "directory " + parent + ": " + reason(errno));
  if (!S_ISDIR(info.st_mode)) throw cannot_listen(host, parent + " is not a directory");
}

/// Removes the socket file of a daemon that is no more; a file that is no socket, or one that somebody serves, stays.
void remove_stale(const std::string& host, const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return;
  if (!S_ISSOCK(info.st_mode)) throw cannot_listen(host, path + " exists and is not a socket");
  const auto probe = open_socket(host, AF_UNIX, SOCK_NONBLOCK);
  const int result = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result == 0 || errno != ECONNREFUSED) throw cannot_listen(host, "another process serves this socket");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw cannot_listen(host, "stale socket: " + reason(errno));
}

gid_t group_id(const std::string& name) {
  std::string buffer(16 << 10, '\0');
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  char* end = nullptr;
  const auto number = std::strtoul(name.c_str(), &end, 10);
  if (name.empty() || *end != '\0' || number >= static_cast<gid_t>(-1))
    throw invalid("group \"" + name + "\" for the API socket does not exist");
  return static_cast<gid_t>(number);
}

void set_access(const std::string& host, const std::string& path, const std::string& group) {
  if (!group.empty() && ::lchown(path.c_str(), static_cast<uid_t>(-1), group_id(group)) != 0)
    throw cannot_listen(host, "group " + group + ": " + reason(errno));
  if (::chmod(path.c_str(), 0660) != 0) throw cannot_listen(host, "mode 0660: " + reason(errno));
}

Listener listen_unix(const std::string& host, const std::string& group) {
  const auto path = host.substr(std::strlen("unix://"));
  const auto address = unix_address(host, path);
  check_parent(host, path);
  remove_stale(host, path, address);
  auto socket = open_socket(host, AF_UNIX, SOCK_NONBLOCK);
  // Nobody may connect between bind and chmod.
  const auto old_mask = ::umask(0177);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int bind_error = errno;
  ::umask(old_mask);
  if (bound != 0) throw cannot_listen(host, reason(bind_error));
  try {
    set_access(host, path, group);
    if (::listen(socket.get(), backlog) != 0) throw cannot_listen(host, reason(errno));
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
  return {std::move(socket), host, path, false};
}

struct TcpAddress {
  std::string address, port;
};

TcpAddress split_tcp(const std::string& host) {
  const auto text = host.substr(std::strlen("tcp://"));
  const auto colon = text.rfind(':');
  const auto bad = invalid("invalid host \"" + host + "\": expected tcp://ADDRESS:PORT");
  if (colon == std::string::npos || colon + 1 == text.size()) throw bad;
  TcpAddress parts{text.substr(0, colon), text.substr(colon + 1)};
  if (parts.port.find_first_not_of("0123456789") != std::string::npos || parts.port.size() > 5 || std::stoi(parts.port) > 65535)
    throw bad;
  if (parts.address.starts_with('[') && parts.address.ends_with(']'))
    parts.address = parts.address.substr(1, parts.address.size() - 2);
  return parts;
}

std::string bound_endpoint(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  char name[NI_MAXHOST];
  char port[NI_MAXSERV];
  ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, name, sizeof name, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
  const std::string shown = address.ss_family == AF_INET6 ? '[' + std::string(name) + ']' : name;
  return "tcp://" + shown + ':' + port;
}

Listener listen_tcp(const std::string& host) {
  const auto parts = split_tcp(host);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* raw = nullptr;
  const int failed = ::getaddrinfo(parts.address.empty() ? nullptr : parts.address.c_str(), parts.port.c_str(), &hints, &raw);
  if (failed != 0) throw cannot_listen(host, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, ::freeaddrinfo);
  auto socket = open_socket(host, found->ai_family, SOCK_NONBLOCK);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket.get(), backlog) != 0)
    throw cannot_listen(host, reason(errno));
  auto endpoint = bound_endpoint(socket.get());
  return {std::move(socket), std::move(endpoint), "", true};
}

} // namespace

Listener listen_on(const std::string& host, const std::string& group) {
  if (host.starts_with("unix://")) return listen_unix(host, group);
  if (host.starts_with("tcp://")) return listen_tcp(host);
  throw invalid("invalid host \"" + host + "\": expected unix:///PATH or tcp://ADDRESS:PORT");
}

} // namespace gantry::api
