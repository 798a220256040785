#include "bridge_driver.hpp"

#include <nlohmann/json.hpp>

#include "names.hpp"

namespace gantry::net_bridge {

BridgeDriver::BridgeDriver(Host& host, const std::string& config_json)
    : host_(host),
      ip_forward_(nlohmann::json::parse(config_json).value("ipForward", true)),
      reaper_(host),
      firewall_(host, table_name(host.instance()), nlohmann::json::parse(config_json).value("respectHostFirewall", false)),
      relay_(host, [this](std::uint16_t port) { (void)firewall_.set_relay(port); }) {}

BridgeDriver::~BridgeDriver() = default;

BridgeNetwork& BridgeDriver::network(const std::string& id) {
  const auto found = networks_.find(id);
  if (found == networks_.end()) throw Error(Code::not_found, "network " + id + " not found");
  return found->second;
}

BridgeEndpoint& BridgeDriver::endpoint(const std::string& network_id, const std::string& endpoint_id) {
  const auto found = endpoints_.find(endpoint_id);
  if (found == endpoints_.end() || found->second.network_id != network_id)
    throw Error(Code::not_found, "endpoint " + endpoint_id + " not found");
  return found->second;
}

PublishedTarget BridgeDriver::target_of(const BridgeEndpoint& endpoint) const {
  PublishedTarget target{endpoint.addresses, false, false};
  const auto found = networks_.find(endpoint.network_id);
  if (found == networks_.end()) return target;
  target.routed4 = found->second.options.mode4 == GatewayMode::routed;
  target.routed6 = found->second.options.mode6 == GatewayMode::routed;
  return target;
}

void BridgeDriver::settle_firewall() {
  std::vector<FirewallNetwork> all;
  for (const auto& [id, network] : networks_) {
    FirewallNetwork entry;
    entry.bridge = network.bridge;
    entry.internal = network.request.internal;
    const auto add = [&](const std::optional<Pool>& pool, GatewayMode mode, const std::string& source) {
      if (!pool) return;
      FirewallSubnet subnet;
      subnet.subnet = pool->subnet;
      const bool nat = mode == GatewayMode::nat || mode == GatewayMode::nat_unprotected;
      subnet.masquerade = nat && network.options.masquerade && !network.request.internal;
      subnet.source = source;
      subnet.open = mode == GatewayMode::nat_unprotected;
      entry.subnets.push_back(std::move(subnet));
    };
    add(network.pool4, network.options.mode4, network.options.host_ipv4);
    add(network.pool6, network.options.mode6, network.options.host_ipv6);
    entry.egress = network.options.egress;
    all.push_back(std::move(entry));
  }
  std::vector<FirewallEndpoint> restricted;
  for (const auto& [id, endpoint] : endpoints_) {
    const auto network = networks_.find(endpoint.network_id);
    if (endpoint.egress.restricted && network != networks_.end())
      restricted.push_back({network->second.bridge, endpoint.port, endpoint.mac, endpoint.egress});
  }
  firewall_.set_rules(std::move(all), std::move(restricted), reconciled_);
}

} // namespace gantry::net_bridge
