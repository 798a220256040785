#include "cli/client/host.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

UniqueFd connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw Failure("the path of the daemon's socket is longer than 107 bytes: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

UniqueFd connect_tcp(const Host& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.name.c_str(), host.port.c_str(), &hints, &list) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    UniqueFd fd(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || ::connect(fd.get(), one->ai_addr, one->ai_addrlen) != 0) continue;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  return {};
}

} // namespace

Host parse_host(const std::string& text, const std::optional<TlsOptions>& tls) {
  const auto bad = [&text](const std::string& why) { return Failure("invalid daemon address \"" + text + "\": " + why); };
  const auto mark = text.find("://");
  if (mark == std::string::npos) throw bad("expected unix:///path or tcp://host:port");
  const std::string scheme = text.substr(0, mark), rest = text.substr(mark + 3);
  if (scheme == "unix") return {text, rest.empty() ? "/run/gantry.sock" : rest, "", "", {}};
  if (scheme != "tcp" && scheme != "http") throw bad("the scheme \"" + scheme + "\" is not one of unix, tcp");
  const auto slash = rest.find('/');
  const std::string authority = rest.substr(0, slash);
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  std::string name = authority.substr(0, has_port ? colon : std::string::npos);
  if (name.size() > 1 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  std::string prefix = slash == std::string::npos ? "" : rest.substr(slash);
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  const std::string standard = tls ? "2376" : "2375";
  return {text, prefix, name.empty() ? "127.0.0.1" : name, has_port ? authority.substr(colon + 1) : standard, tls};
}

Connection connect(const Host& host) {
  if (host.tls) return connect_tls(host);
  UniqueFd fd = host.name.empty() ? connect_unix(host.path) : connect_tcp(host);
  if (fd) return {std::move(fd)};
  if (errno == EACCES || errno == EPERM)
    throw ConnectionLost("permission denied while trying to connect to the Gantry daemon socket at " + host.text);
  throw ConnectionLost("Cannot connect to the Gantry daemon at " + host.text + ". Is gantryd running?");
}

} // namespace gantry::cli
