#include <algorithm>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/rollback.hpp"
#include "base/time.hpp"
#include "networks/egress.hpp"
#include "networks/failpoints.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {
namespace {

void check_name(const std::string& name) {
  if (name.empty()) throw invalid("invalid name: name is empty");
  if (name.find_first_not_of(" \t\n\r\f\v") == std::string::npos) throw invalid("invalid name: " + name);
  if (name == "bridge" || name == "host" || name == "none" || name == "default")
    throw forbidden("operation is not permitted on predefined " + name + " network ");
  if (name.starts_with("container:")) throw invalid("invalid name \"" + name + "\": it is a network mode");
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control || name.size() > 255 || name.find('/') != std::string::npos)
    throw invalid("invalid name \"" + name + "\": at most 255 characters without '/' and control characters are allowed");
}

void check_driver(const Network& network) {
  if (network.driver == "host" || network.driver == "null")
    throw forbidden("only one instance of \"" + network.driver + "\" network is allowed");
  if (network.driver == "overlay" || network.ingress)
    throw forbidden(
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm "
        "and try again.");
  if (network.ipam_driver != "default" && !network.ipam_driver.empty())
    throw not_found("plugin \"" + network.ipam_driver + "\" not found");
}

void check_egress_policy(Network& network) {
  settle_egress(network.options);
  if (network.options.contains(egress_key) && network.driver != "bridge")
    throw invalid("the driver " + network.driver + " has no egress policy");
}

bool is_ipv6(const IpamPool& pool) {
  const auto subnet = Prefix::parse(pool.subnet);
  return subnet && subnet->address.is_ipv6();
}

/// What the user wants, as far as its family is switched on.
std::vector<IpamPool> wanted_pools(const Network& network, const std::vector<Prefix>& taken) {
  check_pools(network.pools);
  std::vector<IpamPool> pools;
  for (IpamPool pool : network.pools) {
    complete_pool(pool);
    // As Docker does: the subnet waits for EnableIPv6 or EnableIPv4.
    if (!(is_ipv6(pool) ? network.ipv6 : network.ipv4)) continue;
    const Prefix subnet = *Prefix::parse(pool.subnet);
    const auto overlaps = [&](const Prefix& other) { return other.overlaps(subnet); };
    if (std::any_of(taken.begin(), taken.end(), overlaps))
      throw forbidden("invalid pool request: Pool overlaps with other one on this address space");
    const auto same_family = [&](const IpamPool& other) { return is_ipv6(other) == is_ipv6(pool); };
    if (std::any_of(pools.begin(), pools.end(), same_family)) throw forbidden("bridge driver doesn't support multiple subnets");
    pools.push_back(pool);
  }
  return pools;
}

IpamPool chosen_pool(const Prefix& subnet) {
  IpamPool pool;
  pool.subnet = subnet.text();
  pool.chosen = true;
  complete_pool(pool);
  return pool;
}

/// One pool per family that is switched on, with a subnet each: the user's, IPv4 first, then those that are chosen here.
void choose_pools(Network& network, const Settings& settings, const std::vector<Prefix>& taken,
                  const std::vector<Prefix>& avoided) {
  if (!network.ipv4 && !network.ipv6) throw invalid("IPv4 or IPv6 must be enabled");
  auto pools = wanted_pools(network, taken);
  network.chosen_subnet = pools.empty();
  std::stable_partition(pools.begin(), pools.end(), [](const IpamPool& pool) { return !is_ipv6(pool); });
  const bool has4 = std::any_of(pools.begin(), pools.end(), [](const IpamPool& pool) { return !is_ipv6(pool); });
  const bool has6 = std::any_of(pools.begin(), pools.end(), is_ipv6);
  if (network.ipv4 && !has4)
    pools.push_back(chosen_pool(choose_ipv4_subnet(settings.pools.empty() ? default_pools() : settings.pools, avoided)));
  if (network.ipv6 && !has6) pools.push_back(chosen_pool(choose_ipv6_subnet(avoided)));
  network.pools = std::move(pools);
}

NetworkPtr config_network(const std::map<std::string, Live, std::less<>>& all, const std::string& name) {
  for (const auto& [id, live] : all)
    if (live.network->name == name || id == name) return live.network;
  throw not_found("configuration network \"" + name + "\" does not exist");
}

/// The settings that a network takes from a "config only" one.
void apply_config_from(Network& network, const Network& config) {
  if (!config.config_only) throw invalid("network " + config.name + " is not a configuration network");
  if (network.ipv6 || !network.pools.empty())
    throw forbidden("user specified configurations are not supported if the network depends on a configuration network");
  if (!network.options.empty())
    throw forbidden("network driver options are not supported if the network depends on a configuration network");
  network.pools = config.pools;
  network.options = config.options;
  network.ipv6 = config.ipv6;
  network.internal = config.internal;
  for (const auto& [key, value] : config.labels) network.labels.emplace(key, value);
}

} // namespace

Created NetworkService::create(CreateNetwork request) {
  Network network = std::move(request.network);
  check_name(network.name);
  if (network.driver.empty() || network.driver == "default") network.driver = "bridge";
  if (network.config_only && !network.config_from.empty())
    throw forbidden("configuration network cannot depend on another configuration network");
  check_driver(network);
  if (network.config_only) network.driver = "null"; // as Docker shows it
  const std::lock_guard changes(impl_->changes);
  std::vector<Prefix> taken, avoided;
  {
    const std::shared_lock lock(impl_->guard);
    for (const auto& [id, live] : impl_->networks) {
      if (live.network->name == network.name) throw conflict("network with name " + network.name + " already exists");
    }
    if (!network.config_from.empty()) apply_config_from(network, *config_network(impl_->networks, network.config_from));
    taken = impl_->taken_subnets();
    avoided = impl_->avoided_subnets();
  }
  check_egress_policy(network);
  network.id = random_id();
  network.created_ns = now_ns();
  NetworkCall call;
  Rollback rollback;
  if (!network.config_only) {
    NetworkDriver* driver = impl_->driver_of(network);
    choose_pools(network, impl_->settings, taken, avoided);
    rollback.add("delete network " + network.id, [driver, id = network.id] {
      NetworkCall undo;
      driver->delete_network(undo, id);
    });
    driver->create_network(call, driver_request(network));
  }
  failpoint("network.create.after_driver");
  impl_->store.save(network);
  rollback.dismiss();
  failpoint("network.create.after_row");
  impl_->add(network);
  impl_->publish(network, "create");
  return {network.id, ""};
}

} // namespace gantry::networks
