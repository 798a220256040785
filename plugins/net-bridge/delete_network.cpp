#include <linux/netlink.h>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/links.hpp"

namespace gantry::net_bridge {

void BridgeDriver::delete_network(Call&, const std::string& id) {
  reaper_.drain();
  const std::unique_lock lock(guard_);
  const auto found = networks_.find(id);
  if (found == networks_.end()) return;
  for (const auto& [endpoint_id, endpoint] : endpoints_) {
    if (endpoint.network_id == id) throw Error(Code::in_use, "network " + found->second.request.name + " has active endpoints");
  }
  net::Socket socket(NETLINK_ROUTE);
  const auto link = net::find_link(socket, found->second.bridge);
  // A bridge that was there before us stays.
  if (link && link->alias == bridge_alias(host_.instance(), id)) net::delete_link(socket, link->name);
  networks_.erase(found);
  settle_firewall();
}

} // namespace gantry::net_bridge
