#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/host.hpp>

// The network driver. A network is what containers share; an *endpoint* is one container's place in it, made before the
// container's network namespace is known and joined to it afterwards. Addresses are chosen by the engine. The engine keeps
// what exists and tells a new instance again (create_network, create_endpoint, publish, join), then reconciles: a driver needs
// no state of its own beyond what the kernel has.
// Order: create_network, create_endpoint, join and publish in any order, leave, delete_endpoint, delete_network.
// Threading: [op], the host serialises per endpoint and per network; endpoints of one network come and go concurrently.
// Optional: what has a body here.
namespace gantry {

using Options = std::vector<std::pair<std::string, std::string>>;

struct AddressPool {
  std::string subnet;  ///< CIDR
  std::string gateway; ///< an address of the subnet; empty: none
};

struct NetworkCreate {
  std::string id, name;
  std::vector<AddressPool> pools; ///< at most one per family; none: the network has no addresses
  bool internal = false;          ///< no way out
  Options options;                ///< the user's, Docker's keys ("com.docker.network.driver.mtu")
};

struct EndpointCreate {
  std::string network_id, endpoint_id;
  std::string mac;                    ///< "02:42:ac:11:00:02"; empty: the driver chooses
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
  bool default_route4 = false, default_route6 = false;
  Options options;
};

struct Route {
  std::string destination; ///< CIDR
  std::string gateway;     ///< empty: on the link
};

struct Joined {
  std::string interface;
  std::vector<Route> routes; ///< as set
};

struct Port {
  std::string protocol = "tcp"; ///< "tcp", "udp" or "sctp"
  std::string host_ip;          ///< "0.0.0.0", "::" or an address of the host
  std::uint16_t container_port = 0;
  std::uint16_t host_port = 0;     ///< 0: the driver chooses
  std::uint16_t host_port_end = 0; ///< with host_port: any free one up to this; 0: host_port itself
};

class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  /// Idempotent by id, and repairs what is missing of the network. invalid (a pool or option), already_exists (a name that
  /// the host has already).
  virtual void create_network(Call&, const NetworkCreate&) = 0;
  /// Missing is OK; in_use while endpoints are left.
  virtual void delete_network(Call&, const std::string& id) = 0;
  /// Idempotent by id. not_found (the network), invalid, already_exists (an address of another endpoint).
  virtual Endpoint create_endpoint(Call&, const EndpointCreate&) = 0;
  /// Leaves first when that was not done. Missing is OK.
  virtual void delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) = 0;
  /// Moves the endpoint into the namespace: interface, addresses, routes, all up. The calling thread is back in its own on
  /// return. Once more for the same namespace: only the default routes change to what is asked for now. not_found.
  virtual Joined join(Call&, const NetworkJoin&) = 0;
  /// Takes the interface away, also when the namespace is gone, and what was published. Nothing reaches the endpoint from here
  /// on, and its addresses are free; the interface itself may be there a moment longer. Missing is OK.
  virtual void leave(Call&, const std::string& network_id, const std::string& endpoint_id) = 0;
  /// Replaces what was published before in one step, and says which host ports were chosen, in the order of `ports`. A port of
  /// "::" that stands behind the same one of "0.0.0.0" is left out where the container is not reached by IPv6 (nothing else is);
  /// a driver that refuses it with invalid is asked again without.
  /// already_exists for a host port that is taken, by another endpoint or a process of the host; then nothing has changed.
  virtual std::vector<Port> publish(Call&, const std::string& /*network_id*/, const std::string& /*endpoint_id*/,
                                    const std::vector<Port>& /*ports*/) {
    throw not_implemented_by_driver("publish");
  }
  /// Deletes what this instance made for networks and endpoints that are not listed. Never touches anything else.
  virtual void reconcile(Call&, const std::vector<std::string>& live_networks,
                         const std::vector<std::string>& live_endpoints) = 0;
};

} // namespace gantry
