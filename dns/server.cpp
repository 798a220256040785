#include "dns/server.hpp"

#include <sys/epoll.h>

#include <nlohmann/json.hpp>

namespace gantry::dns {

namespace {

using Json = nlohmann::json;

Endpoint endpoint_from(const Json& json) {
  Endpoint endpoint;
  endpoint.id = json.at("id").get<std::string>();
  endpoint.container = json.at("container").get<std::string>();
  endpoint.network = json.at("network").get<std::string>();
  endpoint.network_name = json.value("network_name", "");
  endpoint.ipv4 = json.value("ipv4", "");
  endpoint.ipv6 = json.value("ipv6", "");
  endpoint.names = json.value("names", std::vector<std::string>());
  endpoint.links = json.value("links", std::map<std::string, std::string>());
  endpoint.internal = json.value("internal", false);
  return endpoint;
}

ContainerSettings settings_from(const Json& json) {
  ContainerSettings settings;
  settings.id = json.at("container").get<std::string>();
  settings.ndots = json.value("ndots", false);
  for (const Json& server : json.value("servers", Json::array()))
    settings.servers.push_back({server.value("address", ""), server.value("host", false)});
  return settings;
}

} // namespace

Server::Server(Loop& loop, UniqueFd listener)
    : loop_(loop),
      forwarder_(loop),
      control_(
          loop, std::move(listener),
          [this](const Json& request, std::vector<UniqueFd> fds) { return handle(request, std::move(fds)); },
          [this] { stop_when_idle(); }) {}

Server::~Server() = default;

void Server::stop_when_idle() {
  if (control_.is_alone() && served_.empty()) loop_.stop();
}

Json Server::handle(const Json& request, std::vector<UniqueFd> fds) {
  const std::string op = request.at("op").get<std::string>();
  Json answer{{"ok", true}};
  if (op == "hello") {
    answer["version"] = protocol_version;
    answer["containers"] = Json::array();
    for (const auto& [id, served] : served_) answer["containers"].push_back(id);
  } else if (op == "add") {
    records_.add(endpoint_from(request.at("endpoint")));
  } else if (op == "remove") {
    records_.remove(request.at("id").get<std::string>());
  } else if (op == "attach") {
    attach(request, std::move(fds));
  } else if (op == "detach") {
    detach(request.at("container").get<std::string>());
  } else if (op == "keep") {
    records_.keep(request.at("endpoints").get<std::set<std::string>>());
  } else if (op == "quit") {
    if (served_.empty()) loop_.stop();
  } else {
    throw std::runtime_error("gantry-dns does not know \"" + op + "\"");
  }
  return answer;
}

void Server::attach(const Json& request, std::vector<UniqueFd> fds) {
  ContainerSettings settings = settings_from(request);
  const std::string id = settings.id;
  if (const auto known = served_.find(id); known != served_.end()) {
    known->second.container->set(std::move(settings));
    return;
  }
  if (fds.size() != 2) throw std::runtime_error("attach needs two descriptors");
  Served served;
  served.container = std::make_unique<Container>(loop_, forwarder_, records_, std::move(settings), std::move(fds[0]));
  served.process = std::move(fds[1]);
  const int process = served.process.get();
  // Its namespace would live as long as our sockets.
  loop_.add(process, EPOLLIN, [this, id](std::uint32_t) {
    detach(id);
    stop_when_idle();
  });
  served_.emplace(id, std::move(served));
}

void Server::detach(const std::string& container) {
  const auto found = served_.find(container);
  if (found == served_.end()) return;
  loop_.remove(found->second.process.get());
  served_.erase(found);
}

} // namespace gantry::dns
