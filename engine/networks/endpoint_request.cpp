#include "networks/endpoint_request.hpp"

#include "base/error.hpp"
#include "networks/egress.hpp"

namespace gantry::networks {
namespace {

std::vector<std::string> cidrs(const Endpoint& endpoint) {
  std::vector<std::string> addresses;
  if (!endpoint.ipv4.empty()) addresses.push_back(endpoint.ipv4 + "/" + std::to_string(endpoint.prefix4));
  if (!endpoint.ipv6.empty()) addresses.push_back(endpoint.ipv6 + "/" + std::to_string(endpoint.prefix6));
  return addresses;
}

} // namespace

EndpointCreate endpoint_request(const Owner& owner, const Attachment& attachment) {
  EndpointCreate request;
  request.network_id = attachment.network_id;
  request.endpoint_id = attachment.endpoint.id;
  request.mac = attachment.endpoint.mac;
  request.addresses = cidrs(attachment.endpoint);
  auto options = attachment.settings.driver_opts;
  options.erase(egress_key); // the container's own, or none
  if (!owner.egress.empty()) options[egress_key] = owner.egress;
  request.options.assign(options.begin(), options.end());
  return request;
}

void check_egress(const Network& network, const Owner& owner) {
  if (owner.egress.empty() || network.driver == "bridge" || network.driver == "null") return;
  throw forbidden("container " + owner.name + " has an egress policy, which network " + network.name + " with the driver " +
                  network.driver + " cannot keep");
}

} // namespace gantry::networks
