#include <linux/netlink.h>

#include <set>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/links.hpp"

namespace gantry::net_bridge {

void BridgeDriver::reconcile(Call&, const std::vector<std::string>& live_networks,
                             const std::vector<std::string>& live_endpoints) {
  std::set<std::string> keep;
  for (const auto& id : live_endpoints)
    if (id.size() >= 10) keep.insert(veth_name(host_.instance(), id));
  std::set<std::string> aliases;
  for (const auto& id : live_networks) aliases.insert(bridge_alias(host_.instance(), id));
  const std::string ours = bridge_alias(host_.instance(), ""), prefix = veth_prefix(host_.instance());

  reaper_.drain();
  const std::unique_lock lock(guard_);
  std::erase_if(endpoints_, [&](const auto& item) { return !keep.contains(veth_name(host_.instance(), item.first)); });
  const std::set<std::string> live(live_networks.begin(), live_networks.end());
  std::erase_if(networks_, [&](const auto& item) { return !live.contains(item.first); });

  net::Socket socket(NETLINK_ROUTE);
  std::vector<std::string> orphans;
  for (const auto& link : net::list_links(socket)) {
    const bool veth =
        link.kind == "veth" && link.name.size() == 15 && link.name.rfind(prefix, 0) == 0 && !keep.contains(link.name);
    const bool bridge = link.kind == "bridge" && link.alias.rfind(ours, 0) == 0 && !aliases.contains(link.alias);
    if (veth || bridge) orphans.push_back(link.name);
  }
  net::delete_links(socket, orphans);
  reconciled_ = true;
  settle_firewall();
  std::vector<PublishedPorts> published;
  RelayRoutes routes;
  for (const auto& [id, endpoint] : endpoints_) {
    if (endpoint.ports.empty()) continue;
    published.push_back({target_of(endpoint), endpoint.ports});
    routes.merge(relay_routes_of(published.back().target, endpoint.ports));
  }
  firewall_.set_all_ports(published);
  relay_.set_all(std::move(routes));
}

} // namespace gantry::net_bridge
