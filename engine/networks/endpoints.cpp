#include <cstdio>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "networks/check_endpoint.hpp"
#include "networks/endpoint_request.hpp"
#include "networks/impl.hpp"
#include "networks/names.hpp"
#include "networks/publish.hpp"

namespace gantry::networks {
namespace {

/// Docker's: unique as long as the address is, so that nobody's ARP cache is wrong when an address is used again.
std::string mac_of(const Address& address) {
  const auto& b = address.bytes();
  const unsigned at = address.is_ipv6() ? 12 : 0;
  char text[18];
  std::snprintf(text, sizeof text, "02:42:%02x:%02x:%02x:%02x", b[at], b[at + 1], b[at + 2], b[at + 3]);
  return text;
}

/// Takes `wanted`, or any address when it is empty.
Address take(AddressPool& pool, const std::string& wanted, const Network& network) {
  if (wanted.empty()) {
    if (const auto address = pool.take()) return *address;
    const std::string family = pool.subnet().address.is_ipv6() ? "IPv6" : "IPv4";
    throw Error(Code::resource_exhausted, "no available " + family + " addresses on this network's address pools: " +
                                              network.name + " (" + network.id + ")");
  }
  const auto address = Address::parse(wanted);
  if (!address || !pool.subnet().contains(*address))
    throw invalid("no configured subnet or ip-range contain the IP address " + wanted);
  if (!pool.take(*address)) throw forbidden("Address already in use");
  return *address;
}

void release(Live& live, const Endpoint& endpoint) {
  for (auto& pool : live.pools) {
    const auto address = Address::parse(pool.subnet().address.is_ipv6() ? endpoint.ipv6 : endpoint.ipv4);
    if (address && pool.gateway() != address) pool.release(*address);
  }
}

Member member_of(const Owner& owner, const Endpoint& endpoint) {
  Member member{owner.id, owner.name, endpoint.id, endpoint.mac, "", ""};
  if (!endpoint.ipv4.empty()) member.ipv4 = endpoint.ipv4 + "/" + std::to_string(endpoint.prefix4);
  if (!endpoint.ipv6.empty()) member.ipv6 = endpoint.ipv6 + "/" + std::to_string(endpoint.prefix6);
  return member;
}

/// Addresses of every family that the network has; on failure nothing stays taken.
void take_addresses(Live& live, const EndpointSettings& settings, Endpoint& endpoint) {
  try {
    for (auto& pool : live.pools) {
      const bool ipv6 = pool.subnet().address.is_ipv6();
      const Address address = take(pool, ipv6 ? settings.ipv6_address : settings.ipv4_address, *live.network);
      (ipv6 ? endpoint.ipv6 : endpoint.ipv4) = address.text();
      (ipv6 ? endpoint.prefix6 : endpoint.prefix4) = pool.subnet().length;
      if (pool.gateway() && !live.network->internal) (ipv6 ? endpoint.gateway6 : endpoint.gateway4) = pool.gateway()->text();
      if (endpoint.mac.empty()) endpoint.mac = mac_of(address);
    }
  } catch (...) {
    release(live, endpoint);
    throw;
  }
}

std::vector<PublishedPort> published_ports(const std::vector<Port>& ports) {
  std::vector<PublishedPort> published;
  published.reserve(ports.size());
  for (const Port& port : ports) published.push_back({port.protocol, port.container_port, port.host_port, port.host_ip});
  return published;
}

} // namespace

void NetworkService::reserve(const Owner& owner, Attachment& attachment) {
  NetworkPtr network;
  Endpoint endpoint;
  endpoint.id = random_id();
  if (!attachment.settings.mac_address.empty()) endpoint.mac = checked_mac(attachment.settings.mac_address);
  {
    const std::unique_lock lock(impl_->guard);
    Live& live = impl_->at(attachment.network);
    network = live.network;
    if (network->config_only) throw forbidden("cannot create endpoint on configuration-only network");
    check_endpoint(network.get(), network->name, attachment.settings);
    check_egress(*network, owner);
    if (network->driver == "null" || network->driver == "host") endpoint.mac.clear();
    take_addresses(live, attachment.settings, endpoint);
    live.members[endpoint.id] = member_of(owner, endpoint);
  }
  attachment.network_id = network->id;
  attachment.endpoint = std::move(endpoint);
  try {
    NetworkCall call;
    if (NetworkDriver* driver = impl_->driver_of(*network)) {
      (void)driver->create_endpoint(call, endpoint_request(owner, attachment));
    }
  } catch (...) {
    leave(owner, attachment);
    attachment.endpoint = {};
    throw;
  }
}

std::vector<PublishedPort> NetworkService::publish(const Owner& owner, const Attachment& attachment,
                                                   const std::vector<Port>& ports) {
  const NetworkPtr network = find(attachment.network_id);
  NetworkDriver* driver = impl_->driver_of(*network);
  std::vector<PublishedPort> published;
  if (driver == nullptr) return published;
  NetworkCall call;
  try {
    published = published_ports(publish_with(*driver, call, network->id, attachment.endpoint.id, ports));
  } catch (const Error& e) {
    if (e.code() == Code::not_implemented) {
      log::warn("container " + owner.name + ": the driver of network " + network->name + " publishes no ports");
      return {};
    }
    throw Error(e.code() == Code::invalid ? Code::invalid : Code::internal,
                "driver failed programming external connectivity on endpoint " + owner.name + " (" + attachment.endpoint.id +
                    "): " + e.what());
  }
  return published;
}

void NetworkService::join(const Owner& owner, const Attachment& attachment, const Sandbox& sandbox, const DefaultRoutes& routes) {
  const NetworkPtr network = find(attachment.network_id);
  move_default_route(attachment, sandbox.netns, routes);
  announce_names(impl_->dns, *network, owner, attachment, sandbox);
  {
    const std::unique_lock lock(impl_->guard);
    impl_->at(network->id).joined[attachment.endpoint.id] = true;
  }
  impl_->publish(*network, "connect", owner.id);
}

void NetworkService::move_default_route(const Attachment& attachment, int netns, const DefaultRoutes& routes) {
  const NetworkPtr network = find(attachment.network_id);
  NetworkDriver* driver = impl_->driver_of(*network);
  if (driver == nullptr) return;
  NetworkJoin request;
  request.network_id = network->id;
  request.endpoint_id = attachment.endpoint.id;
  request.netns_fd = netns;
  request.interface_hint = attachment.endpoint.interface;
  request.default_route4 = routes.ipv4;
  request.default_route6 = routes.ipv6;
  request.options.assign(attachment.settings.driver_opts.begin(), attachment.settings.driver_opts.end());
  NetworkCall call;
  (void)driver->join(call, request);
}

void NetworkService::leave(const Owner& owner, const Attachment& attachment) {
  if (attachment.endpoint.id.empty()) return;
  NetworkPtr network;
  {
    const std::shared_lock lock(impl_->guard);
    const auto found = impl_->networks.find(attachment.network_id);
    if (found == impl_->networks.end()) return;
    network = found->second.network;
  }
  try {
    NetworkCall call;
    if (NetworkDriver* driver = impl_->driver_of(*network)) driver->delete_endpoint(call, network->id, attachment.endpoint.id);
  } catch (const Error& e) {
    // Its address may be used again all the same: what is left is deleted by the next reconcile.
    log::error("container " + owner.id + ": leave network " + network->name + ": " + e.what());
  }
  forget_names(impl_->dns, attachment);
  bool was_joined = false;
  {
    const std::unique_lock lock(impl_->guard);
    const auto found = impl_->networks.find(attachment.network_id);
    if (found == impl_->networks.end() || found->second.members.erase(attachment.endpoint.id) == 0) return;
    was_joined = found->second.joined.erase(attachment.endpoint.id) != 0;
    release(found->second, attachment.endpoint);
  }
  if (was_joined) impl_->publish(*network, "disconnect", owner.id);
}

std::vector<PublishedPort> NetworkService::adopt(const Owner& owner, const Attachment& attachment, const Sandbox& sandbox,
                                                 const std::vector<PublishedPort>& ports) {
  if (attachment.endpoint.id.empty()) return ports;
  NetworkPtr network;
  {
    const std::unique_lock lock(impl_->guard);
    Live& live = impl_->at(attachment.network_id);
    network = live.network;
    for (auto& pool : live.pools) {
      const auto address = Address::parse(pool.subnet().address.is_ipv6() ? attachment.endpoint.ipv6 : attachment.endpoint.ipv4);
      if (address) pool.take(*address);
    }
    live.members[attachment.endpoint.id] = member_of(owner, attachment.endpoint);
    live.joined[attachment.endpoint.id] = true;
  }
  try {
    if (sandbox.pid != 0) announce_names(impl_->dns, *network, owner, attachment, sandbox);
  } catch (const Error& e) {
    log::error("container " + owner.id + ": name resolution in network " + network->name + ": " + e.what());
  }
  NetworkDriver* driver = impl_->driver_of(*network);
  if (driver == nullptr) return ports;
  NetworkCall call;
  (void)driver->create_endpoint(call, endpoint_request(owner, attachment));
  if (ports.empty()) return ports;
  std::vector<Port> wanted;
  for (const auto& port : ports) wanted.push_back({port.protocol, port.host_ip, port.container_port, port.host_port, 0});
  return published_ports(publish_with(*driver, call, network->id, attachment.endpoint.id, wanted));
}

void NetworkService::rename(const Owner& owner, const Attachment& attachment) {
  NetworkPtr network;
  {
    const std::unique_lock lock(impl_->guard);
    const auto found = impl_->networks.find(attachment.network_id);
    if (found == impl_->networks.end()) return;
    const auto member = found->second.members.find(attachment.endpoint.id);
    if (member == found->second.members.end()) return;
    member->second.container_name = owner.name;
    network = found->second.network;
  }
  rename_in_dns(impl_->dns, *network, owner, attachment);
}

} // namespace gantry::networks
