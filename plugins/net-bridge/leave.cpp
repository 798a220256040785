#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/links.hpp"
#include "ports/conntrack.hpp"

namespace gantry::net_bridge {

namespace {

/// The bridge forgets that port: who has its addresses next is found at once.
net::Message disable_request(int index) {
  net::Message message(RTM_SETLINK, 0);
  auto& header = message.header<ifinfomsg>();
  header.ifi_family = AF_BRIDGE;
  header.ifi_index = index;
  nlattr* port = message.begin(IFLA_PROTINFO | NLA_F_NESTED);
  message.put_u8(IFLA_BRPORT_STATE, BR_STATE_DISABLED);
  message.put(IFLA_BRPORT_FLUSH, nullptr, 0);
  message.end(port);
  return message;
}

} // namespace

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
    relay_.replace(relay_routes_of(target, ports), {});
    forget_flows(ports, {});
  }
  held.clear();
  const std::string name = veth_name(host_.instance(), endpoint_id);
  net::Socket socket(NETLINK_ROUTE);
  // Also when the namespace is gone: then the kernel is about to do the same.
  const auto link = net::find_link(socket, name);
  if (!link) return;
  (void)socket.run(disable_request(link->index));
  reaper_.add(name);
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
