#include <linux/netlink.h>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/links.hpp"
#include "ports/conntrack.hpp"

namespace gantry::net_bridge {

void BridgeDriver::detach(const std::string& endpoint_id) {
  std::vector<Port> ports;
  std::vector<UniqueFd> held;
  PublishedTarget target;
  {
    const std::unique_lock lock(guard_);
    const auto found = endpoints_.find(endpoint_id);
    if (found == endpoints_.end()) return;
    ports = std::exchange(found->second.ports, {});
    held = std::exchange(found->second.held, {});
    target = target_of(found->second);
    found->second.interface.clear();
  }
  if (!ports.empty()) {
    firewall_.replace_ports(target, ports, {});
    forget_flows(ports, {});
  }
  held.clear();
  net::Socket socket(NETLINK_ROUTE);
  // Also when the namespace is gone, and the kernel is about to do the same.
  net::delete_link(socket, veth_name(host_.instance(), endpoint_id));
}

void BridgeDriver::leave(Call&, const std::string& network_id, const std::string& endpoint_id) {
  {
    const std::shared_lock lock(guard_);
    const auto found = endpoints_.find(endpoint_id);
    if (found == endpoints_.end() || found->second.network_id != network_id) return;
  }
  detach(endpoint_id);
}

} // namespace gantry::net_bridge
