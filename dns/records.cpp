#include "dns/records.hpp"

#include <algorithm>
#include <cctype>

namespace gantry::dns {

std::string plain_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

void Records::add(Endpoint endpoint) {
  remove(endpoint.id);
  for (auto& name : endpoint.names) name = plain_name(name);
  std::map<std::string, std::string> links;
  for (const auto& [alias, name] : endpoint.links) links[plain_name(alias)] = plain_name(name);
  endpoint.links = std::move(links);
  Network& network = networks_[endpoint.network];
  network.name = plain_name(endpoint.network_name);
  for (const auto& name : endpoint.names) network.endpoints_of_name[name].insert(endpoint.id);
  for (const auto* address : {&endpoint.ipv4, &endpoint.ipv6})
    if (!address->empty()) network.endpoint_of_address[*address] = endpoint.id;
  endpoints_of_container_[endpoint.container].insert(endpoint.id);
  endpoints_.emplace(endpoint.id, std::move(endpoint));
}

void Records::remove(const std::string& id) {
  const auto found = endpoints_.find(id);
  if (found == endpoints_.end()) return;
  const Endpoint& endpoint = found->second;
  Network& network = networks_[endpoint.network];
  for (const auto& name : endpoint.names) {
    const auto place = network.endpoints_of_name.find(name);
    if (place == network.endpoints_of_name.end()) continue;
    place->second.erase(id);
    if (place->second.empty()) network.endpoints_of_name.erase(place);
  }
  for (const auto* address : {&endpoint.ipv4, &endpoint.ipv6}) {
    const auto place = network.endpoint_of_address.find(*address);
    if (place != network.endpoint_of_address.end() && place->second == id) network.endpoint_of_address.erase(place);
  }
  if (network.endpoints_of_name.empty() && network.endpoint_of_address.empty()) networks_.erase(endpoint.network);
  auto& of_container = endpoints_of_container_[endpoint.container];
  of_container.erase(id);
  if (of_container.empty()) endpoints_of_container_.erase(endpoint.container);
  endpoints_.erase(found);
}

void Records::keep(const std::set<std::string>& ids) {
  std::vector<std::string> gone;
  for (const auto& [id, endpoint] : endpoints_)
    if (!ids.contains(id)) gone.push_back(id);
  for (const auto& id : gone) remove(id);
}

bool Records::has_container(const std::string& container) const { return endpoints_of_container_.contains(container); }

void Records::collect(const Endpoint& asking, const Network& network, const std::string& name, Addresses& found) const {
  const auto link = asking.links.find(name);
  const auto place = network.endpoints_of_name.find(link == asking.links.end() ? name : link->second);
  if (place == network.endpoints_of_name.end()) return;
  found.known = true;
  for (const auto& id : place->second) {
    const Endpoint& endpoint = endpoints_.at(id);
    if (!endpoint.ipv4.empty()) found.ipv4.push_back(endpoint.ipv4);
    if (!endpoint.ipv6.empty()) found.ipv6.push_back(endpoint.ipv6);
  }
}

Addresses Records::find(const std::string& container, const std::string& name) const {
  Addresses found;
  const auto mine = endpoints_of_container_.find(container);
  if (mine == endpoints_of_container_.end()) return found;
  for (const auto& id : mine->second) {
    const Endpoint& asking = endpoints_.at(id);
    const Network& network = networks_.at(asking.network);
    collect(asking, network, name, found);
    const std::string suffix = "." + network.name;
    if (!found.known && name.size() > suffix.size() && name.ends_with(suffix))
      collect(asking, network, name.substr(0, name.size() - suffix.size()), found);
    if (found.known) return found;
  }
  return found;
}

std::string Records::name_of(const std::string& container, const std::string& address) const {
  const auto mine = endpoints_of_container_.find(container);
  if (mine == endpoints_of_container_.end()) return "";
  for (const auto& id : mine->second) {
    const Network& network = networks_.at(endpoints_.at(id).network);
    const auto place = network.endpoint_of_address.find(address);
    if (place == network.endpoint_of_address.end()) continue;
    const Endpoint& endpoint = endpoints_.at(place->second);
    if (!endpoint.names.empty()) return endpoint.names.front() + "." + network.name;
  }
  return "";
}

bool Records::reaches_outside(const std::string& container) const {
  const auto mine = endpoints_of_container_.find(container);
  if (mine == endpoints_of_container_.end()) return false;
  return std::any_of(mine->second.begin(), mine->second.end(),
                     [&](const std::string& id) { return !endpoints_.at(id).internal; });
}

} // namespace gantry::dns
