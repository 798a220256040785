#include "bridge_driver.hpp"

namespace gantry::net_bridge {

Endpoint BridgeDriver::create_endpoint(Call&, const EndpointCreate& request) {
  const std::unique_lock lock(guard_);
  (void)network(request.network_id);
  if (request.endpoint_id.size() < 10)
    throw Error(Code::invalid, "endpoint id \"" + request.endpoint_id + "\": at least 10 characters are needed");
  if (const auto found = endpoints_.find(request.endpoint_id); found != endpoints_.end())
    return {found->second.mac, found->second.cidrs};
  BridgeEndpoint endpoint;
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
    const unsigned char* b = address.bytes + address.size() - 4;
    char mac[18];
    std::snprintf(mac, sizeof mac, "02:42:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3]);
    endpoint.mac = mac;
  }
  if (!endpoint.mac.empty()) {
    unsigned char bytes[6];
    net::parse_mac(endpoint.mac, bytes);
  }
  const Endpoint result{endpoint.mac, endpoint.cidrs};
  endpoints_.emplace(request.endpoint_id, std::move(endpoint));
  return result;
}

void BridgeDriver::delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) {
  {
    const std::shared_lock lock(guard_);
    const auto found = endpoints_.find(endpoint_id);
    if (found == endpoints_.end() || found->second.network_id != network_id) return;
  }
  detach(endpoint_id);
  const std::unique_lock lock(guard_);
  endpoints_.erase(endpoint_id);
}

} // namespace gantry::net_bridge
