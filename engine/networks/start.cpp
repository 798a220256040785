#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {
namespace {

/// The default network of the config; what of `before` need not change stays.
Network default_bridge(const Settings& settings, const Network* before) {
  Network bridge;
  if (before) bridge = *before;
  bridge.name = "bridge";
  bridge.options = {{"com.docker.network.bridge.default_bridge", "true"},
                    {"com.docker.network.bridge.enable_icc", settings.icc ? "true" : "false"},
                    {"com.docker.network.bridge.enable_ip_masquerade", settings.ip_masq ? "true" : "false"},
                    {"com.docker.network.bridge.host_binding_ipv4", settings.default_binding},
                    {"com.docker.network.bridge.name", settings.bridge_name},
                    {"com.docker.network.driver.mtu", std::to_string(settings.mtu == 0 ? 1500 : settings.mtu)}};
  return bridge;
}

/// Subnet and gateway from `bip` and `fixed-cidr`.
IpamPool configured_pool(const Settings& settings) {
  const auto bip = Prefix::parse(settings.bip);
  if (!bip) throw invalid("bip: \"" + settings.bip + "\" is not ADDRESS/LENGTH, such as 172.26.0.1/16");
  IpamPool pool;
  pool.subnet = bip->network().text();
  pool.gateway = bip->address.text();
  pool.ip_range = settings.fixed_cidr;
  complete_pool(pool);
  return pool;
}

} // namespace

void NetworkService::Impl::make_builtin(const std::string& name, const std::string& driver) {
  for (const auto& [id, live] : networks)
    if (live.network->name == name) return;
  Network network;
  network.id = random_id();
  network.name = name;
  network.driver = driver;
  network.created_ns = now_ns();
  store.save(network);
  add(std::move(network));
}

void NetworkService::Impl::make_default_bridge() {
  NetworkPtr before;
  for (const auto& [id, live] : networks)
    if (live.network->name == "bridge") before = live.network;
  if (before && !settings.default_bridge) {
    store.erase(before->id);
    networks.erase(before->id);
  }
  if (!settings.default_bridge) return;
  Network bridge = default_bridge(settings, before.get());
  if (!before) {
    bridge.id = random_id();
    bridge.created_ns = now_ns();
  } else {
    networks.erase(before->id); // its subnet is not in its own way
  }
  if (!settings.bip.empty()) {
    bridge.pools = {configured_pool(settings)};
  } else if (bridge.pools.empty()) {
    IpamPool pool;
    pool.chosen = true;
    pool.subnet = choose_ipv4_subnet(settings.pools.empty() ? default_pools() : settings.pools, avoided_subnets()).text();
    complete_pool(pool);
    bridge.pools = {pool};
  }
  store.save(bridge);
  add(std::move(bridge));
}

void NetworkService::start() {
  const std::lock_guard changes(impl_->changes);
  for (Network& network : impl_->store.load()) impl_->add(std::move(network));
  impl_->make_builtin("none", "null");
  impl_->make_builtin("host", "host");
  impl_->make_default_bridge();
  NetworkCall call;
  for (const NetworkPtr& network : list()) {
    try {
      if (NetworkDriver* driver = impl_->driver_of(*network)) driver->create_network(call, driver_request(*network));
    } catch (const Error& e) {
      // Containers of this network will not start, all others will.
      log::error("network " + network->name + ": " + e.what());
    }
  }
}

void NetworkService::reconcile() {
  std::vector<std::string> networks, endpoints;
  {
    const std::shared_lock lock(impl_->guard);
    for (const auto& [id, live] : impl_->networks) {
      networks.push_back(id);
      for (const auto& [endpoint, member] : live.members) endpoints.push_back(endpoint);
    }
  }
  try {
    impl_->dns.keep_known();
  } catch (const Error& e) {
    log::error(std::string("name resolution: ") + e.what());
  }
  NetworkCall call;
  for (const auto& [name, driver] : impl_->drivers) {
    try {
      driver->reconcile(call, networks, endpoints);
    } catch (const Error& e) {
      log::error("network driver " + name + ": delete what is left over: " + e.what());
    }
  }
}

} // namespace gantry::networks
