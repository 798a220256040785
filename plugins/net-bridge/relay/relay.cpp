#include "relay/relay.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::net_bridge {

namespace {

using Json = nlohmann::json;

/// So many in a packet: an address of IPv6 is 39 characters long.
constexpr std::size_t routes_at_once = 500;

bool host_has_ipv6() {
  const UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  return fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0;
}

bool is_among(std::uint16_t number, const std::vector<Port>& ports) {
  return std::any_of(ports.begin(), ports.end(), [&](const Port& port) {
    return port.host_port <= number && number <= std::max(port.host_port, port.host_port_end) &&
           port.host_ip.find(':') != std::string::npos;
  });
}

/// What is in `a` and not, or otherwise, in `b`.
RelayRoutes difference(const RelayRoutes& a, const RelayRoutes& b) {
  RelayRoutes result;
  for (const auto& route : a) {
    const auto other = b.find(route.first);
    if (other == b.end() || other->second != route.second) result.insert(route);
  }
  return result;
}

} // namespace

Relay::Relay(Host& host, std::function<void(std::uint16_t)> moved)
    : host_(host),
      socket_(host.run_dir() + "/relay.sock"),
      moved_(std::move(moved)),
      companion_(host.libexec_dir() + "/gantry-relay", socket_, R"({"op":"hello"})", [this] { start_again(); }) {
  try {
    if (const auto answer = companion_.find()) greet(*answer); // one that an earlier daemon has left
  } catch (const std::exception& e) {
    host_.log(LogLevel::warn, std::string("gantry-relay: ") + e.what());
  }
}

Relay::~Relay() {
  companion_.stop_watching();
  // Nobody needs it: it is gone when this daemon is.
  if (companion_.is_connected() && routes_.empty()) quit(false);
}

void Relay::quit(bool now) {
  try {
    (void)ask({{"op", "quit"}, {"now", now}});
    companion_.wait_for_end();
  } catch (const std::exception&) {
    companion_.disconnect(); // it has gone already
  }
  ::unlink(socket_.c_str()); // which it has no right to do
  set_port(0);
}

void Relay::greet(const std::string& answer) { set_port(Json::parse(answer).value("port", std::uint16_t{0})); }

void Relay::set_port(std::uint16_t port) {
  if (std::exchange(port_, port) == port) return;
  try {
    moved_(port);
  } catch (const std::exception& e) {
    // Who publishes next tells the firewall again.
    host_.log(LogLevel::error, std::string("packets for gantry-relay: ") + e.what());
  }
}

Json Relay::ask(const Json& message) {
  const Json answer = Json::parse(companion_.exchange(message.dump()), nullptr, false);
  if (!answer.is_object()) throw Error(Code::internal, "gantry-relay answers nonsense");
  if (answer.contains("error")) throw Error(Code::internal, "gantry-relay: " + answer.value("error", ""));
  return answer;
}

void Relay::send(const char* op, const RelayRoutes& routes) {
  for (auto at = routes.begin(); at != routes.end();) {
    Json list = Json::array();
    for (; at != routes.end() && list.size() < routes_at_once; ++at) {
      const auto& [protocol, host, port] = at->first;
      list.push_back({protocol, host, port, at->second.count, at->second.address, at->second.port});
    }
    (void)ask({{"op", op}, {"routes", std::move(list)}});
  }
}

void Relay::tell_everything() {
  (void)ask({{"op", "begin"}});
  send("add", routes_);
  (void)ask({{"op", "end"}});
}

void Relay::connect() {
  greet(companion_.connect());
  tell_everything();
}

std::uint16_t Relay::port() const {
  const std::lock_guard lock(guard_);
  return port_;
}

std::uint16_t Relay::start(const std::vector<Port>& wanted) {
  const std::lock_guard lock(guard_);
  if (!host_has_ipv6()) return 0;
  try {
    if (!companion_.is_alive()) connect();
    move_away(wanted);
    return port_;
  } catch (const std::exception& e) {
    host_.log(LogLevel::error, std::string("start gantry-relay: ") + e.what());
    set_port(0);
    return 0;
  }
}

void Relay::move_away(const std::vector<Port>& wanted) {
  for (int tries = 0; tries < 10 && is_among(port_, wanted); ++tries) {
    quit(true);
    connect();
  }
}

void Relay::make_way(const std::vector<Port>& wanted) {
  const std::lock_guard lock(guard_);
  if (port_ == 0) return;
  try {
    move_away(wanted);
  } catch (const std::exception& e) {
    host_.log(LogLevel::error, std::string("start gantry-relay: ") + e.what());
    set_port(0);
  }
}

void Relay::change(const RelayRoutes& remove, const RelayRoutes& add) {
  for (const auto& route : remove) routes_.erase(route.first);
  for (const auto& [place, target] : add) routes_[place] = target;
  if (!companion_.is_connected()) return; // who starts it tells it everything
  try {
    send("remove", remove);
    send("add", add);
    return;
  } catch (const std::exception& e) {
    host_.log(LogLevel::warn, std::string("gantry-relay is started again: ") + e.what());
  }
  companion_.disconnect();
  set_port(0);
  connect(); // and tells what there is now
}

void Relay::replace(const RelayRoutes& before, const RelayRoutes& after) {
  const RelayRoutes remove = difference(before, after), add = difference(after, before);
  if (remove.empty() && add.empty()) return;
  const std::lock_guard lock(guard_);
  const RelayRoutes known = routes_;
  try {
    change(remove, add);
  } catch (const std::exception& e) {
    host_.log(LogLevel::error, std::string("start gantry-relay: ") + e.what());
    if (after.empty()) return; // where nothing runs nothing leads anywhere
    routes_ = known;
    throw;
  }
}

void Relay::set_all(RelayRoutes all) {
  const std::lock_guard lock(guard_);
  routes_ = std::move(all);
  if (!companion_.is_connected()) return;
  try {
    tell_everything();
  } catch (const std::exception& e) {
    host_.log(LogLevel::warn, e.what()); // the watcher starts another one
  }
  if (routes_.empty()) quit(false);
}

void Relay::start_again() {
  const std::lock_guard lock(guard_);
  if (companion_.is_alive()) return;
  companion_.disconnect();
  set_port(0);
  if (routes_.empty()) return;
  host_.log(LogLevel::warn, "gantry-relay has ended or does not answer, and is started again");
  try {
    connect();
  } catch (const std::exception& e) {
    // The next container that publishes ports tries again.
    host_.log(LogLevel::error, std::string("start gantry-relay: ") + e.what());
    set_port(0);
  }
}

} // namespace gantry::net_bridge
