#include <utility>

#include "bridge_driver.hpp"
#include "names.hpp"

namespace gantry::net_bridge {

Endpoint BridgeDriver::create_endpoint(Call&, const EndpointCreate& request) {
  const std::unique_lock lock(guard_);
  (void)network(request.network_id);
  if (request.endpoint_id.size() < 10)
    throw Error(Code::invalid, "endpoint id \"" + request.endpoint_id + "\": at least 10 characters are needed");
  EgressPolicy egress = read_egress(request.options);
  if (const auto found = endpoints_.find(request.endpoint_id); found != endpoints_.end()) {
    change_egress(found->second, std::move(egress));
    return {found->second.mac, found->second.cidrs};
  }
  BridgeEndpoint endpoint;
  endpoint.egress = std::move(egress);
  endpoint.port = veth_name(host_.instance(), request.endpoint_id);
  endpoint.network_id = request.network_id;
  endpoint.mac = request.mac;
  for (const auto& cidr : request.addresses) endpoint.addresses.push_back(net::parse_ip(cidr));
  endpoint.cidrs = request.addresses;
  for (const auto& [id, other] : endpoints_) {
    if (other.network_id != request.network_id) continue;
    for (const auto& address : endpoint.addresses)
      for (const auto& taken : other.addresses)
        if (address == taken) throw Error(Code::already_exists, "address " + address.text() + " is taken by endpoint " + id);
  }
  if (endpoint.mac.empty() && !endpoint.addresses.empty()) {
    // Unique as long as the address is.
    const auto& address = endpoint.addresses.front();
    endpoint.mac = net::local_mac(address.bytes + address.size() - 4);
  }
  if (!endpoint.mac.empty()) {
    unsigned char bytes[6];
    net::parse_mac(endpoint.mac, bytes);
  }
  const Endpoint result{endpoint.mac, endpoint.cidrs};
  const auto made = endpoints_.emplace(request.endpoint_id, std::move(endpoint)).first;
  if (!made->second.egress.restricted) return result;
  try {
    settle_firewall(); // before it is there to send anything
  } catch (...) {
    endpoints_.erase(made);
    throw;
  }
  return result;
}

void BridgeDriver::change_egress(BridgeEndpoint& endpoint, EgressPolicy policy) {
  if (endpoint.egress == policy) return;
  EgressPolicy before = std::exchange(endpoint.egress, std::move(policy));
  try {
    settle_firewall();
  } catch (...) {
    endpoint.egress = std::move(before);
    throw;
  }
}

void BridgeDriver::delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) {
  {
    const std::shared_lock lock(guard_);
    const auto found = endpoints_.find(endpoint_id);
    if (found == endpoints_.end() || found->second.network_id != network_id) return;
  }
  detach(endpoint_id);
  const std::unique_lock lock(guard_);
  const auto found = endpoints_.find(endpoint_id);
  if (found == endpoints_.end()) return;
  const bool restricted = found->second.egress.restricted;
  endpoints_.erase(found);
  if (restricted) settle_firewall();
}

} // namespace gantry::net_bridge
