#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// A container's place in a network. Addresses are text as in the Docker API ("172.18.0.2", "fd00::2").
namespace gantry::networks {

/// What the user asked for: the members of the API's EndpointSettings that are not results.
struct EndpointSettings {
  std::string ipv4_address, ipv6_address;  ///< IPAMConfig; empty: any of the network
  std::vector<std::string> link_local_ips; ///< IPAMConfig
  bool ipam_config = false;                ///< it was given, even when empty: inspect shows {} and not null
  std::vector<std::string> links, aliases;
  std::string mac_address;
  std::map<std::string, std::string> driver_opts;
  std::int64_t gw_priority = 0;
};

/// What it got, while the container runs. Without an endpoint id there is nothing.
struct Endpoint {
  std::string id;        ///< 64 hex digits
  std::string interface; ///< "eth0"; empty where the driver makes none (none, host)
  std::string ipv4, gateway4, ipv6, gateway6;
  std::uint32_t prefix4 = 0, prefix6 = 0;
  std::string mac;
};

struct Attachment {
  std::string network;    ///< its name, as the container's NetworkMode or EndpointsConfig has it
  std::string network_id; ///< of the network that it was last part of
  EndpointSettings settings;
  Endpoint endpoint;
};

/// A host port that leads to a container's.
struct PublishedPort {
  std::string protocol = "tcp"; ///< "tcp", "udp" or "sctp"
  std::uint16_t container_port = 0, host_port = 0;
  std::string host_ip; ///< "0.0.0.0", "::" or one address of the host
};

} // namespace gantry::networks
