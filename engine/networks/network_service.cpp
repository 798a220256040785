#include "networks/network_service.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "networks/host_routes.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {

NetworkService::NetworkService(state::Database& db, events::Bus& bus, const NetworkDrivers& drivers, Settings settings)
    : impl_(std::make_unique<Impl>(db, bus, drivers, std::move(settings))) {}
NetworkService::~NetworkService() = default;

const Settings& NetworkService::settings() const { return impl_->settings; }

Live& NetworkService::Impl::at(const std::string& reference) {
  if (const auto found = networks.find(reference); found != networks.end()) return found->second;
  for (auto& [id, live] : networks)
    if (live.network->name == reference) return live;
  const auto first = networks.lower_bound(reference);
  if (reference.empty() || first == networks.end() || !first->first.starts_with(reference))
    throw not_found("network " + reference + " not found");
  if (const auto next = std::next(first); next != networks.end() && next->first.starts_with(reference))
    throw invalid("network " + reference + " is ambiguous (2 matches found on ID prefix)");
  return first->second;
}

NetworkDriver* NetworkService::Impl::driver_of(const Network& network) const {
  if (network.driver == "null" || network.driver == "host" || network.config_only) return nullptr;
  const auto found = drivers.find(network.driver);
  if (found == drivers.end()) throw not_found("plugin \"" + network.driver + "\" not found");
  return found->second;
}

void NetworkService::Impl::publish(const Network& network, const std::string& action, const std::string& container) {
  events::Event event;
  event.type = "network";
  event.action = action;
  event.actor_id = network.id;
  event.attributes = {{"name", network.name}, {"type", network.driver}};
  if (!container.empty()) event.attributes["container"] = container;
  bus.publish(std::move(event));
}

std::vector<Prefix> NetworkService::Impl::taken_subnets() const {
  std::vector<Prefix> taken;
  for (const auto& [id, live] : networks) {
    if (live.network->config_only) continue;
    for (const auto& pool : live.pools) taken.push_back(pool.subnet());
  }
  return taken;
}

std::vector<Prefix> NetworkService::Impl::avoided_subnets() const {
  std::vector<Prefix> avoided = taken_subnets();
  const auto routes = host_routes();
  avoided.insert(avoided.end(), routes.begin(), routes.end());
  return avoided;
}

void NetworkService::Impl::add(Network network) {
  Live live;
  for (const auto& pool : network.pools) live.pools.emplace_back(pool);
  std::string id = network.id;
  live.network = std::make_shared<const Network>(std::move(network));
  const std::unique_lock lock(guard);
  networks.insert_or_assign(std::move(id), std::move(live));
}

NetworkPtr NetworkService::find(const std::string& reference) const {
  const std::shared_lock lock(impl_->guard);
  return impl_->at(reference).network;
}

std::vector<NetworkPtr> NetworkService::list() const {
  std::vector<NetworkPtr> all;
  const std::shared_lock lock(impl_->guard);
  for (const auto& [id, live] : impl_->networks) all.push_back(live.network);
  return all;
}

std::vector<Member> NetworkService::members(const std::string& network_id) const {
  std::vector<Member> all;
  const std::shared_lock lock(impl_->guard);
  const auto found = impl_->networks.find(network_id);
  if (found == impl_->networks.end()) return all;
  for (const auto& [id, member] : found->second.members) all.push_back(member);
  return all;
}

NetworkCreate driver_request(const Network& network) {
  NetworkCreate request;
  request.id = network.id;
  request.name = network.name;
  request.internal = network.internal;
  for (const auto& pool : network.pools) request.pools.push_back({pool.subnet, pool.gateway});
  request.options.assign(network.options.begin(), network.options.end());
  return request;
}

} // namespace gantry::networks
