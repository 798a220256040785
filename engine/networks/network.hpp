#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::networks {

/// A range of addresses of a network: Docker's IPAMConfig.
struct IpamPool {
  std::string subnet;   ///< CIDR; empty in a request: chosen
  std::string ip_range; ///< CIDR inside the subnet that containers get addresses from; empty: the subnet
  std::string gateway;  ///< empty in a request: the first address
  std::map<std::string, std::string> aux_addresses;
  bool chosen = false;         ///< the whole pool, by the engine
  bool chosen_gateway = false; ///< by the engine, in a subnet of the user: inspect does not show it, as in Docker
};

/// A network at one moment; immutable, shared by readers.
struct Network {
  std::string id, name, driver = "bridge";
  std::int64_t created_ns = 0;
  bool ipv4 = true, ipv6 = false, internal = false, attachable = false, ingress = false;
  bool config_only = false;
  std::string config_from;
  std::string ipam_driver = "default";
  std::optional<std::map<std::string, std::string>> ipam_options; ///< absent: inspect shows null
  std::vector<IpamPool> pools;
  bool chosen_subnet = false; ///< by the engine: fixed addresses of containers are not for sure free at the next start
  std::map<std::string, std::string> options, labels;

  bool is_builtin() const { return name == "bridge" || name == "host" || name == "none"; }
};
using NetworkPtr = std::shared_ptr<const Network>;

/// A running container in a network, as the network's inspect shows it.
struct Member {
  std::string container_id, container_name, endpoint_id, mac;
  std::string ipv4, ipv6; ///< CIDR; empty: none
};

} // namespace gantry::networks
