#include "buildkit/engine/daemon.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/packets.hpp"
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
  const std::lock_guard lock(guard_);
  if (!send_packet(control_, {{"Kind", "api"}}, theirs.get())) throw std::runtime_error("the daemon has gone");
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
