#include "buildkit/engine/daemon.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "buildkit/encoding.hpp"

namespace gantry::buildkit {

Query& Query::add(const std::string& name, const std::string& value) {
  text_ += (text_.empty() ? "?" : "&") + url_encode(name) + "=" + url_encode(value);
  return *this;
}

UniqueFd Daemon::connect() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error(std::string("socketpair: ") + std::strerror(errno));
  UniqueFd own(ends[0]);
  const UniqueFd theirs(ends[1]);
  static const std::string message = R"({"Kind":"api"})";
  iovec bytes{const_cast<char*>(message.data()), message.size()};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = space;
  header.msg_controllen = sizeof space;
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = theirs.get();
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  const std::lock_guard lock(guard_);
  ssize_t n = 0;
  do n = ::sendmsg(control_, &header, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0) throw std::runtime_error(std::string("the daemon has gone: ") + std::strerror(errno));
  return own;
}

void throw_error(Exchange& exchange, int status) {
  const std::string body = exchange.read_all(1 << 20);
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_object() && json.contains("message") && json["message"].is_string())
    throw DaemonError(status, json["message"].get<std::string>());
  throw DaemonError(status, "the daemon answered with status " + std::to_string(status));
}

Json Daemon::call(const std::string& method, const std::string& target, const Json& body, const Cancellation& cancellation) {
  const auto exchange = open(cancellation);
  const bool empty = body.is_null();
  exchange->send(method, target, std::string("Connection: close\r\n") + (empty ? "" : "Content-Type: application/json\r\n"),
                 empty ? "" : body.dump());
  const int status = exchange->status();
  if (status >= 400) throw_error(*exchange, status);
  return Json::parse(exchange->read_all(64 << 20), nullptr, false);
}

} // namespace gantry::buildkit
