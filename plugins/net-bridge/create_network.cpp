#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/addresses.hpp"
#include "net-common/error.hpp"
#include "net-common/links.hpp"
#include "net-common/sysctl.hpp"

namespace gantry::net_bridge {

namespace {

Pool read_pool(const AddressPool& request) {
  const net::IpAddress subnet = net::parse_ip(request.subnet);
  Pool pool{net::network_of(subnet), std::nullopt};
  if (request.gateway.empty()) return pool;
  net::IpAddress gateway = net::parse_ip(request.gateway);
  if (gateway.family != subnet.family)
    throw Error(Code::invalid, "gateway " + request.gateway + " is not of subnet " + request.subnet);
  gateway.prefix = subnet.prefix;
  if (net::network_of(gateway) != pool.subnet)
    throw Error(Code::invalid, "gateway " + request.gateway + " is not of subnet " + request.subnet);
  pool.gateway = gateway;
  return pool;
}

BridgeNetwork read_network(const NetworkCreate& request) {
  BridgeNetwork network;
  network.request = request;
  network.options = parse_options(request.options, request.internal);
  network.bridge = network.options.bridge.empty() ? bridge_name(request.id) : network.options.bridge;
  for (const auto& pool : request.pools) {
    auto& place = net::parse_ip(pool.subnet).family == AF_INET6 ? network.pool6 : network.pool4;
    if (place) throw Error(Code::invalid, "more than one subnet of a family: " + pool.subnet);
    place = read_pool(pool);
  }
  return network;
}

net::Message bridge_request(const BridgeNetwork& network) {
  unsigned char mac[6];
  net::parse_mac(bridge_mac(network.request.id), mac);
  net::Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, network.bridge);
  message.put(IFLA_ADDRESS, mac, sizeof mac);
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, "bridge");
  message.end(info);
  return message;
}

bool overlaps(const std::optional<Pool>& a, const std::optional<Pool>& b) { return a && b && a->subnet == b->subnet; }

} // namespace

void BridgeDriver::create_network(Call&, const NetworkCreate& request) {
  BridgeNetwork network = read_network(request);
  const std::unique_lock lock(guard_);
  for (const auto& [id, other] : networks_) {
    if (id == request.id) continue;
    if (other.bridge == network.bridge)
      throw Error(Code::already_exists, "network with bridge name " + network.bridge + " already exists: " + other.request.name);
    if (overlaps(other.pool4, network.pool4) || overlaps(other.pool6, network.pool6))
      throw Error(Code::already_exists, "network " + other.request.name + " has the same subnet");
  }
  std::optional<BridgeNetwork> before;
  if (const auto found = networks_.find(request.id); found != networks_.end()) before = found->second;
  network.index = make_bridge(network);
  networks_.insert_or_assign(request.id, std::move(network));
  try {
    enable_forwarding(networks_.at(request.id));
    settle_firewall();
  } catch (...) {
    if (before) {
      networks_.at(request.id) = std::move(*before);
    } else {
      net::Socket socket(NETLINK_ROUTE);
      const auto link = net::find_link(socket, networks_.at(request.id).bridge);
      if (link && link->alias == bridge_alias(host_.instance(), request.id)) net::delete_link(socket, link->name);
      networks_.erase(request.id);
    }
    throw;
  }
}

int BridgeDriver::make_bridge(const BridgeNetwork& network) {
  net::Socket socket(NETLINK_ROUTE);
  auto link = net::find_link(socket, network.bridge);
  const bool ours = !link;
  if (link && link->kind != "bridge")
    throw Error(Code::already_exists, "the host has a network interface " + network.bridge + " that is not a bridge");
  if (!link) {
    if (const int error = socket.run(bridge_request(network)); error != 0)
      throw net::os_error("make the bridge " + network.bridge, error);
    link = net::find_link(socket, network.bridge);
    if (!link) throw Error(Code::unavailable, "the bridge " + network.bridge + " was deleted at once");
  }
  try {
    if (ours) {
      net::Message message = net::change_link(link->index);
      message.put_text(IFLA_IFALIAS, bridge_alias(host_.instance(), network.request.id));
      if (const int error = socket.run(std::move(message)); error != 0) throw net::os_error("name the bridge", error);
      // Nobody else can have its addresses, and until its link-local one is valid the kernel does not look for the neighbours
      // that packets from outside are for.
      net::write_sysctl("net/ipv6/conf/" + network.bridge + "/accept_dad", "0");
    }
    set_up_bridge(socket, network, link->index);
  } catch (...) {
    if (ours) net::delete_link(socket, network.bridge);
    throw;
  }
  return link->index;
}

void BridgeDriver::set_up_bridge(net::Socket& socket, const BridgeNetwork& network, int index) {
  const std::string& name = network.bridge;
  // Published ports are reached from the host's loopback: such packets leave by the bridge, and the firewall lets none in.
  net::write_sysctl("net/ipv4/conf/" + name + "/route_localnet", "1");
  net::write_sysctl("net/ipv6/conf/" + name + "/accept_ra", "0");
  if (!network.pool6) net::write_sysctl("net/ipv6/conf/" + name + "/disable_ipv6", "1");
  std::vector<net::Message> requests;
  const auto add = [&](const std::optional<Pool>& pool, GatewayMode mode) {
    if (pool && pool->gateway && mode != GatewayMode::isolated) requests.push_back(net::add_address(index, *pool->gateway));
  };
  if (!network.options.inhibit_ipv4) add(network.pool4, network.options.mode4);
  add(network.pool6, network.options.mode6);
  net::Message up = net::raise_link(index);
  if (network.options.mtu != 0) up.put_u32(IFLA_MTU, network.options.mtu);
  requests.push_back(std::move(up));
  for (const int error : socket.run(requests)) {
    if (error != 0 && error != EEXIST) throw net::os_error("set up the bridge " + name, error);
  }
}

void BridgeDriver::enable_forwarding(const BridgeNetwork& network) {
  if (!ip_forward_ || network.request.internal) return;
  const auto enable = [&](const std::string& name, const char* family) {
    if (net::read_sysctl(name) == "1") return;
    if (!net::write_sysctl(name, "1")) {
      host_.log(LogLevel::warn, "the kernel does not forward " + std::string(family) + " packets: " + name + " cannot be set");
      return;
    }
    // What the host did not forward before it does not forward now, but for containers.
    firewall_.drop_strays();
  };
  if (network.pool4) enable("net/ipv4/ip_forward", "IPv4");
  if (network.pool6) enable("net/ipv6/conf/all/forwarding", "IPv6");
}

} // namespace gantry::net_bridge
