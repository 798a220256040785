#include "macvlan_driver.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>

#include "net-common/container_link.hpp"
#include "net-common/error.hpp"
#include "net-common/links.hpp"
#include "net-common/namespaces.hpp"
#include "parent.hpp"

namespace gantry::net_macvlan {

namespace {

std::optional<net::IpAddress> gateway_of(const std::vector<AddressPool>& pools, int family) {
  for (const auto& pool : pools) {
    const net::IpAddress subnet = net::parse_ip(pool.subnet);
    if (subnet.family != family || pool.gateway.empty()) continue;
    net::IpAddress gateway = net::parse_ip(pool.gateway);
    gateway.prefix = subnet.prefix;
    if (gateway.family != family || net::network_of(gateway) != net::network_of(subnet))
      throw Error(Code::invalid, "gateway " + pool.gateway + " is not of subnet " + pool.subnet);
    return gateway;
  }
  return std::nullopt;
}

} // namespace

std::string MacvlanDriver::alias(const std::string& network_id) const {
  return "gantry-macvlan:" + host_.instance() + ":" + network_id;
}

MacvlanDriver::Network& MacvlanDriver::network(const std::string& id) {
  const auto found = networks_.find(id);
  if (found == networks_.end()) throw Error(Code::not_found, "network " + id + " not found");
  return found->second;
}

void MacvlanDriver::create_network(Call&, const NetworkCreate& request) {
  Network made;
  made.request = request;
  made.options = parse_options(request.options, request.internal);
  made.gateway4 = gateway_of(request.pools, AF_INET);
  made.gateway6 = gateway_of(request.pools, AF_INET6);
  const std::lock_guard lock(guard_);
  for (const auto& [id, other] : networks_) {
    const bool alone = made.options.mode == MACVLAN_MODE_PASSTHRU || other.options.mode == MACVLAN_MODE_PASSTHRU;
    if (id != request.id && alone && !made.options.parent.empty() && other.parent == made.options.parent)
      throw Error(Code::already_exists, "network " + other.request.name + " is already using parent interface " + other.parent);
  }
  net::Socket socket(NETLINK_ROUTE);
  made.parent = ensure_parent(socket, made.options, "dm-" + request.id.substr(0, 12), alias(request.id));
  networks_.insert_or_assign(request.id, std::move(made));
}

void MacvlanDriver::delete_network(Call&, const std::string& id) {
  const std::lock_guard lock(guard_);
  const auto found = networks_.find(id);
  if (found == networks_.end()) return;
  for (const auto& [endpoint, place] : places_) {
    if (place.network_id == id) throw Error(Code::in_use, "network " + found->second.request.name + " has active endpoints");
  }
  net::Socket socket(NETLINK_ROUTE);
  const auto link = net::find_link(socket, found->second.parent);
  const bool shared = std::any_of(networks_.begin(), networks_.end(), [&](const auto& other) {
    return other.first != id && other.second.parent == found->second.parent;
  });
  // Only what was made for it; the next network on the same VLAN goes on with it.
  if (link && link->alias == alias(id) && !shared) net::delete_link(socket, link->name);
  networks_.erase(found);
}

Endpoint MacvlanDriver::create_endpoint(Call&, const EndpointCreate& request) {
  const std::lock_guard lock(guard_);
  (void)network(request.network_id);
  if (const auto found = places_.find(request.endpoint_id); found != places_.end())
    return {found->second.mac, found->second.cidrs};
  Place place;
  place.network_id = request.network_id;
  place.mac = request.mac;
  place.cidrs = request.addresses;
  for (const auto& cidr : request.addresses) place.addresses.push_back(net::parse_ip(cidr));
  for (const auto& [id, other] : places_) {
    if (other.network_id != request.network_id) continue;
    for (const auto& address : place.addresses)
      if (std::find(other.addresses.begin(), other.addresses.end(), address) != other.addresses.end())
        throw Error(Code::already_exists, "address " + address.text() + " is taken by endpoint " + id);
  }
  if (place.mac.empty() && !place.addresses.empty()) {
    const auto& address = place.addresses.front();
    place.mac = net::local_mac(address.bytes + address.size() - 4);
  }
  unsigned char bytes[6];
  if (!place.mac.empty()) net::parse_mac(place.mac, bytes);
  const Endpoint result{place.mac, place.cidrs};
  places_.emplace(request.endpoint_id, std::move(place));
  return result;
}

void MacvlanDriver::make_link(const Network& on, const Place& place, const NetworkJoin& join) const {
  net::Socket socket(NETLINK_ROUTE);
  const auto parent = net::find_link(socket, on.parent);
  if (!parent)
    throw Error(Code::unavailable, "the parent interface " + on.parent + " of network " + on.request.name + " is gone");
  net::Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, join.interface_hint);
  message.put_u32(IFLA_LINK, static_cast<std::uint32_t>(parent->index));
  message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(join.netns_fd));
  if (on.options.mtu != 0) message.put_u32(IFLA_MTU, on.options.mtu);
  if (!place.mac.empty() && on.options.mode != MACVLAN_MODE_PASSTHRU) {
    unsigned char mac[6];
    net::parse_mac(place.mac, mac);
    message.put(IFLA_ADDRESS, mac, sizeof mac);
  }
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, "macvlan");
  nlattr* data = message.begin(IFLA_INFO_DATA);
  message.put_u32(IFLA_MACVLAN_MODE, on.options.mode);
  message.end(data);
  message.end(info);
  if (const int error = socket.run(std::move(message)); error != 0 && error != EEXIST)
    throw net::os_error("make the interface " + join.interface_hint + " of the container on " + on.parent, error);
}

Joined MacvlanDriver::join(Call&, const NetworkJoin& request) {
  const std::lock_guard lock(guard_);
  const Network& on = network(request.network_id);
  const auto found = places_.find(request.endpoint_id);
  if (found == places_.end()) throw Error(Code::not_found, "endpoint " + request.endpoint_id + " not found");
  Place& place = found->second;
  // One that is there already, from before a restart, is taken as it is.
  make_link(on, place, request);
  place.netns.reset(::fcntl(request.netns_fd, F_DUPFD_CLOEXEC, 0));
  place.interface = request.interface_hint;
  net::ContainerLink wanted;
  wanted.name = request.interface_hint;
  wanted.addresses = place.addresses;
  if (request.default_route4) wanted.gateway4 = on.gateway4;
  if (request.default_route6) wanted.gateway6 = on.gateway6;
  try {
    wanted.sysctls = net::endpoint_sysctls(request.options, request.interface_hint);
    return {request.interface_hint, net::configure(request.netns_fd, wanted)};
  } catch (...) {
    take_away(place);
    throw;
  }
}

void MacvlanDriver::take_away(Place& place) {
  if (!place.netns) return;
  try {
    const net::InNamespace inside(place.netns.get());
    net::Socket socket(NETLINK_ROUTE);
    net::delete_link(socket, place.interface);
  } catch (const Error&) {
    // The namespace ends, and its interfaces with it.
  }
  place.netns.reset();
  place.interface.clear();
}

void MacvlanDriver::leave(Call&, const std::string& network_id, const std::string& endpoint_id) {
  const std::lock_guard lock(guard_);
  const auto found = places_.find(endpoint_id);
  if (found != places_.end() && found->second.network_id == network_id) take_away(found->second);
}

void MacvlanDriver::delete_endpoint(Call& call, const std::string& network_id, const std::string& endpoint_id) {
  leave(call, network_id, endpoint_id);
  const std::lock_guard lock(guard_);
  const auto found = places_.find(endpoint_id);
  if (found != places_.end() && found->second.network_id == network_id) places_.erase(found);
}

void MacvlanDriver::reconcile(Call&, const std::vector<std::string>& live_networks,
                              const std::vector<std::string>& live_endpoints) {
  const std::set<std::string> networks(live_networks.begin(), live_networks.end()),
      endpoints(live_endpoints.begin(), live_endpoints.end());
  const std::lock_guard lock(guard_);
  for (auto& [id, place] : places_)
    if (endpoints.count(id) == 0) take_away(place);
  std::erase_if(places_, [&](const auto& item) { return endpoints.count(item.first) == 0; });
  std::erase_if(networks_, [&](const auto& item) { return networks.count(item.first) == 0; });
  std::set<std::string> aliases;
  for (const auto& id : live_networks) aliases.insert(alias(id));
  net::Socket socket(NETLINK_ROUTE);
  std::vector<std::string> orphans;
  for (const auto& link : net::list_links(socket))
    if (link.alias.rfind(alias(""), 0) == 0 && aliases.count(link.alias) == 0) orphans.push_back(link.name);
  net::delete_links(socket, orphans);
}

} // namespace gantry::net_macvlan
