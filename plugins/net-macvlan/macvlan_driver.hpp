#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/network.hpp>

#include "macvlan_options.hpp"
#include "net-common/ip_address.hpp"

namespace gantry::net_macvlan {

/// Containers on the host's own network: every endpoint is a macvlan interface on the network's parent. The host itself does not
/// reach them, and there is nothing to publish. Thread-safe.
class MacvlanDriver final : public NetworkDriver {
 public:
  explicit MacvlanDriver(Host& host) : host_(host) {}

  void create_network(Call&, const NetworkCreate&) override;
  void delete_network(Call&, const std::string& id) override;
  Endpoint create_endpoint(Call&, const EndpointCreate&) override;
  void delete_endpoint(Call&, const std::string& network_id, const std::string& endpoint_id) override;
  Joined join(Call&, const NetworkJoin&) override;
  void leave(Call&, const std::string& network_id, const std::string& endpoint_id) override;
  void reconcile(Call&, const std::vector<std::string>& live_networks, const std::vector<std::string>& live_endpoints) override;

 private:
  struct Network {
    NetworkCreate request;
    MacvlanOptions options;
    std::string parent;
    std::optional<net::IpAddress> gateway4, gateway6;
  };
  struct Place {
    std::string network_id, mac;
    std::vector<net::IpAddress> addresses;
    std::vector<std::string> cidrs;
    std::string interface;
    UniqueFd netns; ///< of the container that it has joined
  };
  Network& network(const std::string& id);
  std::string alias(const std::string& network_id) const;
  void make_link(const Network&, const Place&, const NetworkJoin&) const;
  static void take_away(Place&);

  Host& host_;
  std::mutex guard_;
  std::map<std::string, Network> networks_;
  std::map<std::string, Place> places_;
};

} // namespace gantry::net_macvlan
