#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "events/bus.hpp"
#include "networks/endpoint.hpp"
#include "networks/network.hpp"
#include "state/database.hpp"

namespace gantry::networks {

using NetworkDrivers = std::map<std::string, NetworkDriver*>;

/// What the config decides about networks.
struct Settings {
  std::string instance;
  std::string dns_program, dns_socket; ///< gantry-dns; no program: names are not answered
  bool default_bridge = true;          ///< false: `bridge: none`
  std::string bridge_name;             ///< of the default network; empty: derived from the instance
  std::string bip, fixed_cidr;         ///< of the default network
  std::string default_gateway;
  bool icc = true, ip_masq = true;
  std::string default_binding = "0.0.0.0"; ///< for ports published without a host address
  std::uint32_t mtu = 0;                   ///< of the default network; 0: 1500
  struct Pool {
    std::string base; ///< CIDR
    unsigned size = 0;
  };
  std::vector<Pool> pools; ///< to choose subnets from; empty: the default ones
};

/// Who wants something of a network, for events and names.
struct Owner {
  std::string id, name, hostname;
  std::string egress = {}; ///< the container's own policy (networks/egress.hpp); empty: none
};

/// A container's process, whose network namespace endpoints are put into.
struct Sandbox {
  int netns = -1; ///< borrowed; -1 where it is not needed
  std::int32_t pid = 0;
  struct Server {
    std::string address;
    bool host = false; ///< reached from the host only
  };
  std::vector<Server> servers; ///< who is asked for names that are not the networks'
  bool ndots = false;          ///< the user chose ndots himself
};

struct DefaultRoutes {
  bool ipv4 = false, ipv6 = false;
};

struct CreateNetwork {
  Network network; ///< id and created_ns are chosen here
  bool check_duplicate = true;
};

struct Created {
  std::string id, warning;
};

/// Networks of one daemon: what exists, which addresses are taken, who is in it. The container service asks for endpoints and
/// keeps what it got in the container; this service knows only the living ones. Every call may block; thread-safe, and a call
/// about one endpoint is serialised by its container. Errors carry Docker's texts.
class NetworkService {
 public:
  NetworkService(state::Database&, events::Bus&, const NetworkDrivers&, Settings);
  ~NetworkService();

  /// Loads what exists and makes the predefined networks. Before anything else.
  void start();
  /// After `adopt` was called for every living endpoint: what belongs to nobody is deleted.
  void reconcile();

  /// By id, name or unique prefix of an id, in this order.
  NetworkPtr find(const std::string& reference) const;
  std::vector<NetworkPtr> list() const;
  std::vector<Member> members(const std::string& network_id) const;

  Created create(CreateNetwork);
  void remove(const std::string& reference);
  /// Another policy of what its containers may reach, from now on; empty: none. Publishes `update`.
  void set_egress(const std::string& reference, const std::string& egress);

  /// Takes addresses for a container; fills in attachment.network_id and .endpoint. Nothing else happens yet.
  void reserve(const Owner&, Attachment&);
  /// Opens host ports for containers' ports; replaces those of before. Says what became of each.
  std::vector<PublishedPort> publish(const Owner&, const Attachment&, const std::vector<Port>&);
  /// The owner has another policy than when its endpoint was reserved.
  void change_egress(const Owner&, const Attachment&);
  /// Puts the reserved endpoint into the sandbox and publishes `connect`. In a user-defined network its names are known from
  /// here on, and it is answered.
  void join(const Owner&, const Attachment&, const Sandbox&, const DefaultRoutes&);
  /// Changes nothing but the default routes of an endpoint that has joined.
  void move_default_route(const Attachment&, int netns, const DefaultRoutes&);
  /// Gives everything back, as often as wanted; publishes `disconnect` if it had been joined.
  void leave(const Owner&, const Attachment&);
  /// A living endpoint that an earlier daemon has made. Says which of its ports are published now.
  std::vector<PublishedPort> adopt(const Owner&, const Attachment&, const Sandbox&, const std::vector<PublishedPort>&);
  /// The container has another name now.
  void rename(const Owner&, const Attachment&);

  const Settings& settings() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::networks
