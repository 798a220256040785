#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include "bridge_driver.hpp"
#include "names.hpp"
#include "net-common/container_link.hpp"
#include "net-common/error.hpp"
#include "net-common/links.hpp"
#include "net-common/sysctl.hpp"

namespace gantry::net_bridge {

namespace {

/// The pair in one request: our end is a port of the bridge and up, the other one is in the container under its name.
net::Message veth_request(const std::string& name, const BridgeNetwork& network, const BridgeEndpoint& endpoint,
                          const NetworkJoin& join) {
  net::Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& ours = message.header<ifinfomsg>();
  ours.ifi_flags = ours.ifi_change = IFF_UP;
  message.put_text(IFLA_IFNAME, name);
  message.put_u32(IFLA_MASTER, static_cast<std::uint32_t>(network.index));
  if (network.options.mtu != 0) message.put_u32(IFLA_MTU, network.options.mtu);
  nlattr* info = message.begin(IFLA_LINKINFO);
  message.put_text(IFLA_INFO_KIND, "veth");
  nlattr* data = message.begin(IFLA_INFO_DATA);
  nlattr* peer = message.begin(VETH_INFO_PEER);
  message.nested_header<ifinfomsg>();
  message.put_text(IFLA_IFNAME, join.interface_hint);
  message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(join.netns_fd));
  if (network.options.mtu != 0) message.put_u32(IFLA_MTU, network.options.mtu);
  if (!endpoint.mac.empty()) {
    unsigned char mac[6];
    net::parse_mac(endpoint.mac, mac);
    message.put(IFLA_ADDRESS, mac, sizeof mac);
  }
  message.end(peer);
  message.end(data);
  message.end(info);
  return message;
}

/// With br_netfilter the kernel sends a packet of a container to its own published port back over the bridge's port, which that
/// must allow.
bool needs_hairpin() { return net::read_sysctl("net/bridge/bridge-nf-call-iptables") == "1"; }

/// Ports that are isolated reach the bridge and no other such port.
net::Message port_request(int index, bool isolated, bool hairpin) {
  net::Message message(RTM_SETLINK, 0);
  auto& header = message.header<ifinfomsg>();
  header.ifi_family = AF_BRIDGE;
  header.ifi_index = index;
  nlattr* port = message.begin(IFLA_PROTINFO | NLA_F_NESTED);
  if (isolated) message.put_u8(IFLA_BRPORT_ISOLATED, 1);
  if (hairpin) message.put_u8(IFLA_BRPORT_MODE, 1);
  message.end(port);
  return message;
}

} // namespace

void BridgeDriver::make_veth(net::Socket& socket, const BridgeNetwork& network, const BridgeEndpoint& endpoint,
                             const NetworkJoin& join) {
  const std::string name = veth_name(host_.instance(), join.endpoint_id);
  if (const int error = socket.run(veth_request(name, network, endpoint, join)); error != 0)
    throw net::os_error("make the interface " + join.interface_hint + " of the container", error);
  const bool isolated = !network.options.icc, hairpin = needs_hairpin();
  if (!isolated && !hairpin) return;
  const auto link = net::find_link(socket, name);
  if (!link || socket.run(port_request(link->index, isolated, hairpin)) != 0) {
    net::delete_link(socket, name);
    throw Error(Code::internal, "cannot set up the port of the bridge " + network.bridge);
  }
}

Joined BridgeDriver::join(Call&, const NetworkJoin& request) {
  BridgeNetwork net_copy;
  BridgeEndpoint end_copy;
  {
    const std::shared_lock lock(guard_);
    net_copy = network(request.network_id);
    const BridgeEndpoint& known = endpoint(request.network_id, request.endpoint_id);
    end_copy.mac = known.mac;
    end_copy.addresses = known.addresses;
    end_copy.interface = known.interface;
  }
  net::Socket socket(NETLINK_ROUTE);
  const std::string name = veth_name(host_.instance(), request.endpoint_id);
  reaper_.cancel(name);
  auto existing = net::find_link(socket, name);
  if (existing && end_copy.interface.empty() && !net::has_interface(request.netns_fd, request.interface_hint)) {
    net::delete_link(socket, name); // left by a daemon that died on its way
    existing.reset();
  }
  if (!existing) {
    const auto bridge = net::find_link(socket, net_copy.bridge);
    if (!bridge || bridge->index != net_copy.index) {
      // Deleted by hand: made again, with what the firewall says about it unchanged.
      const std::unique_lock lock(guard_);
      BridgeNetwork& mine = network(request.network_id);
      mine.index = net_copy.index = make_bridge(mine);
      host_.log(LogLevel::warn, "the bridge " + mine.bridge + " had been deleted and was made again");
    }
    make_veth(socket, net_copy, end_copy, request);
  }
  net::ContainerLink wanted;
  wanted.name = request.interface_hint;
  wanted.addresses = end_copy.addresses;
  if (request.default_route4 && net_copy.pool4) wanted.gateway4 = net_copy.pool4->gateway;
  if (request.default_route6 && net_copy.pool6) wanted.gateway6 = net_copy.pool6->gateway;
  Joined joined;
  joined.interface = request.interface_hint;
  try {
    wanted.sysctls = net::endpoint_sysctls(request.options, request.interface_hint);
    joined.routes = net::configure(request.netns_fd, wanted);
  } catch (...) {
    if (!existing) net::delete_link(socket, name);
    throw;
  }
  const std::unique_lock lock(guard_);
  endpoint(request.network_id, request.endpoint_id).interface = request.interface_hint;
  return joined;
}

} // namespace gantry::net_bridge
