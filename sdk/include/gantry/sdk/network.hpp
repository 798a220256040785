#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>

// DRAFT of the network driver; any engine may change it. A network is what containers share; an *endpoint* is one
// container's place in it, made before the container's network namespace is known and joined to it afterwards.
// Threading: [op], the host serialises per network.
namespace gantry {

using Options = std::vector<std::pair<std::string, std::string>>;

struct AddressPool {
  std::string subnet;  ///< CIDR
  std::string gateway; ///< an address of the subnet
};

struct NetworkCreate {
  std::string id, name;
  std::vector<AddressPool> pools;
  bool internal = false; ///< no way out
  bool ipv6 = false;
  bool icc = true; ///< containers reach each other
  Options options;
};

struct EndpointCreate {
  std::string network_id, endpoint_id;
  std::string mac;                    ///< empty: the driver chooses
  std::vector<std::string> addresses; ///< CIDR
  Options options;
};

struct Endpoint {
  std::string mac;
  std::vector<std::string> addresses; ///< CIDR
};

struct NetworkJoin {
  std::string network_id, endpoint_id;
  int netns_fd = -1;          ///< borrowed
  std::string interface_hint; ///< "eth0"
  Options options;
};

struct Route {
  std::string destination; ///< CIDR
  std::string gateway;     ///< empty: on the link
};

struct Joined {
  std::string interface;
  std::vector<Route> routes;
  std::vector<std::string> dns;
};

struct Port {
  std::string protocol = "tcp"; ///< "tcp", "udp" or "sctp"
  std::string host_ip;
  std::uint16_t container_port = 0;
  std::uint16_t host_port = 0; ///< 0: the driver chooses
};

class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  /// Idempotent by id. Errors: invalid, already_exists (an address pool).
  virtual void create_network(Call&, const NetworkCreate&) = 0;
  /// Missing is OK; in_use while endpoints are left.
  virtual void delete_network(Call&, const std::string& id) = 0;
  /// Idempotent by id. Errors: not_found, resource_exhausted, already_exists (an address).
  virtual Endpoint create_endpoint(Call&, const EndpointCreate&) = 0;
  virtual void delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) = 0;
  /// Moves the endpoint into the namespace. The calling thread is back in its own on return.
  virtual Joined join(Call&, const NetworkJoin&) = 0;
  virtual void leave(Call&, const std::string& network_id, const std::string& endpoint_id) = 0;
  /// Replaces what was published before in one step, and says which host ports were chosen. already_exists for a host port.
  virtual std::vector<Port> publish(Call&, const std::string& /*network_id*/, const std::string& /*endpoint_id*/,
                                    const std::vector<Port>& /*ports*/) {
    throw not_implemented_by_driver("publish");
  }
  virtual void reconcile(Call&, const std::vector<std::string>& live_networks,
                         const std::vector<std::string>& live_endpoints) = 0;
};

} // namespace gantry
