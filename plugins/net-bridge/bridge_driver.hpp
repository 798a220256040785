#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "firewall/firewall.hpp"
#include "net-common/ip_address.hpp"
#include "net-common/socket.hpp"
#include "network_options.hpp"
#include "ports/holder.hpp"
#include "reaper.hpp"
#include "relay/relay.hpp"

namespace gantry::net_bridge {

struct Pool {
  std::string subnet; ///< CIDR
  std::optional<net::IpAddress> gateway;
};

/// What this instance was told of a network and made for it.
struct BridgeNetwork {
  NetworkCreate request;
  NetworkOptions options;
  std::optional<Pool> pool4, pool6;
  std::string bridge;
  int index = 0; ///< of the bridge
};

struct BridgeEndpoint {
  std::string network_id, mac;
  std::vector<net::IpAddress> addresses;
  std::vector<std::string> cidrs;
  std::string port;      ///< the host's end of the pair
  std::string interface; ///< in the container; empty: not joined
  EgressPolicy egress;
  std::vector<Port> ports;
  std::vector<UniqueFd> held; ///< sockets that keep the host's programs from the ports
};

/// The bridge driver: a Linux bridge per network, a veth pair per endpoint, one nftables table per instance. Thread-safe; it
/// needs no state on disk, for the engine tells it again what exists.
class BridgeDriver final : public NetworkDriver {
 public:
  BridgeDriver(Host& host, const std::string& config_json);
  ~BridgeDriver() override;

  void create_network(Call&, const NetworkCreate&) override;
  void delete_network(Call&, const std::string& id) override;
  Endpoint create_endpoint(Call&, const EndpointCreate&) override;
  void delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) override;
  Joined join(Call&, const NetworkJoin&) override;
  void leave(Call&, const std::string& network_id, const std::string& endpoint_id) override;
  std::vector<Port> publish(Call&, const std::string& network_id, const std::string& endpoint_id,
                            const std::vector<Port>&) override;
  void reconcile(Call&, const std::vector<std::string>& live_networks, const std::vector<std::string>& live_endpoints) override;

 private:
  /// not_found when there is none. `guard_` is held.
  BridgeNetwork& network(const std::string& id);
  BridgeEndpoint& endpoint(const std::string& network_id, const std::string& endpoint_id);

  PublishedTarget target_of(const BridgeEndpoint&) const;

  /// The bridge with its addresses, made or repaired; returns its index.
  int make_bridge(const BridgeNetwork&);
  void set_up_bridge(net::Socket&, const BridgeNetwork&, int index);
  void enable_forwarding(const BridgeNetwork&);
  /// Another policy for an endpoint that there is. `guard_` is held.
  void change_egress(BridgeEndpoint&, EgressPolicy);
  /// Tells the firewall which networks and policies there are. `guard_` is held.
  void settle_firewall();
  void make_veth(net::Socket&, const BridgeNetwork&, const BridgeEndpoint&, const NetworkJoin&);
  /// Whether ports that need gantry-relay can be published; it runs from here on.
  bool start_relay(const std::vector<Port>& wanted);
  /// Takes the ports away, and the interface from the bridge at once and from the host soon; what is missing is no error.
  void detach(const std::string& endpoint_id);

  Host& host_;
  bool ip_forward_ = true;
  std::shared_mutex guard_; ///< of the two maps
  std::map<std::string, BridgeNetwork> networks_;
  std::map<std::string, BridgeEndpoint> endpoints_;
  bool reconciled_ = false; ///< everything that lives has been told
  std::mutex ports_guard_;  ///< one publication at a time: a port is chosen, held and opened
  PortHolder holder_;
  Reaper reaper_;
  Firewall firewall_;
  Relay relay_; ///< last: its watcher calls the firewall
};

} // namespace gantry::net_bridge
