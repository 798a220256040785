#include <algorithm>

#include "bridge_driver.hpp"
#include "ports/choose.hpp"
#include "ports/conntrack.hpp"

namespace gantry::net_bridge {

bool BridgeDriver::start_relay(const std::vector<Port>& wanted) {
  const std::uint16_t port = relay_.start(wanted);
  return port != 0 && firewall_.set_relay(port);
}

std::vector<Port> BridgeDriver::publish(Call&, const std::string& network_id, const std::string& endpoint_id,
                                        const std::vector<Port>& all) {
  const std::lock_guard one_at_a_time(ports_guard_);
  PublishedTarget target;
  std::vector<Port> before;
  PortTable taken;
  GatewayMode mode4 = GatewayMode::nat, mode6 = GatewayMode::nat;
  {
    const std::shared_lock lock(guard_);
    const BridgeEndpoint& known = endpoint(network_id, endpoint_id);
    target = target_of(known);
    before = known.ports;
    mode4 = network(network_id).options.mode4;
    mode6 = network(network_id).options.mode6;
    for (const auto& [id, other] : endpoints_)
      if (id != endpoint_id) taken.add(other.ports);
  }
  Ways ways(target);
  const bool needs_relay =
      std::any_of(all.begin(), all.end(), [&](const Port& port) { return ways.to(port).relayed.has_value(); });
  if (!needs_relay) relay_.make_way(all);
  const bool relay = needs_relay && start_relay(all);
  std::vector<Port> wanted = without_twins(all, target, relay);
  check_ports(wanted, target, relay);
  if (mode4 == GatewayMode::isolated || mode6 == GatewayMode::isolated)
    throw Error(Code::invalid, "an isolated network publishes no ports");
  std::vector<UniqueFd> held;
  const std::vector<Port> chosen = choose_ports(std::move(wanted), before, taken, holder_, held);
  const RelayRoutes routes_before = relay_routes_of(target, before), routes = relay_routes_of(target, chosen);
  relay_.replace(routes_before, routes);
  try {
    firewall_.replace_ports(target, before, chosen);
  } catch (...) {
    relay_.replace(routes, routes_before);
    throw;
  }
  forget_flows(before, chosen);
  const std::unique_lock lock(guard_);
  BridgeEndpoint& mine = endpoint(network_id, endpoint_id);
  mine.ports = chosen;
  // Sockets of ports that stay were not made again.
  for (auto& fd : mine.held) {
    if (holder_.holds_one_of(fd, chosen)) held.push_back(std::move(fd));
  }
  mine.held = std::move(held);
  return chosen;
}

} // namespace gantry::net_bridge
