#include "relay/server.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gantry::relay {

namespace {

using Json = nlohmann::json;

Route route_from(const Json& json) {
  Route route;
  const auto protocol = json.at(0).get<std::string>();
  if (protocol != "tcp" && protocol != "udp") throw std::runtime_error("neither tcp nor udp: " + protocol);
  route.udp = protocol == "udp";
  route.host = json.at(1).get<std::string>();
  route.port = json.at(2).get<std::uint16_t>();
  route.count = json.at(3).get<std::uint32_t>();
  route.address = json.at(4).get<std::string>();
  route.inner = json.at(5).get<std::uint16_t>();
  return route;
}

} // namespace

Server::Server(Loop& loop, UniqueFd control, Sockets sockets)
    : loop_(loop),
      port_(sockets.port),
      tcp_(loop, routes_, std::move(sockets.tcp), port_),
      udp_(loop, routes_, std::move(sockets.udp), std::move(sockets.answers), port_),
      control_(
          loop, std::move(control), [this](const Json& request, std::vector<UniqueFd>) { return handle(request); },
          [this] { stop_when_idle(); }) {}

Json Server::handle(const Json& request) {
  const auto op = request.at("op").get<std::string>();
  Json answer{{"ok", true}};
  Routes& changed = collecting_ ? next_ : routes_;
  if (op == "hello") {
    answer["version"] = protocol_version;
    answer["port"] = port_;
  } else if (op == "add") {
    for (const Json& route : request.at("routes")) changed.add(route_from(route));
    udp_.check_routes();
  } else if (op == "remove") {
    for (const Json& route : request.at("routes")) changed.remove(route_from(route));
    udp_.check_routes();
  } else if (op == "begin") {
    collecting_ = true;
    next_ = {};
  } else if (op == "end") {
    if (std::exchange(collecting_, false)) routes_ = std::exchange(next_, {});
    udp_.check_routes();
  } else if (op == "quit") {
    if (routes_.empty() || request.value("now", false)) loop_.stop();
  } else {
    throw std::runtime_error("gantry-relay does not know \"" + op + "\"");
  }
  return answer;
}

void Server::stop_when_idle() {
  if (!control_.is_alone()) return;
  collecting_ = false;
  if (routes_.empty()) loop_.stop();
}

} // namespace gantry::relay
