#pragma once

#include <vector>

#include "containers/parts.hpp"
#include "networks/endpoint.hpp"
#include "networks/network_service.hpp"

// A container's networks while it starts, runs and ends. Blocks; the entry's mutex is held.
namespace gantry::containers {

struct Networking {
  std::vector<networks::Attachment> networks;
  std::vector<networks::PublishedPort> ports;
};

/// Throws unavailable where the daemon has no networks.
networks::NetworkService& network_service_of(Parts&);

/// Addresses and host ports for a start: what is not to be had fails here, before anything of the container exists.
/// On failure nothing stays taken.
Networking reserve_networks(Parts&, const Container&);
/// Puts the reserved endpoints into the network namespace of the process.
void join_networks(Parts&, const Container&, std::int32_t pid);
/// Gives everything back, as often as wanted.
void leave_networks(Parts&, const Container&);
/// The container has no endpoints any more.
void forget_networks(Container&);
/// After a restart of the daemon, for a container that has endpoints. Says which of its ports are published now.
std::vector<networks::PublishedPort> adopt_networks(Parts&, const Container&);
/// What a network service needs to know of a running process to put endpoints into it.
networks::Sandbox sandbox_of(const Parts&, const Container&, std::int32_t pid, int netns);
networks::Owner owner_of(const Container&);

/// Which attachment's gateways are the container's default ones, and where its ports are published: the highest priority, then
/// the first name. Null: none.
const networks::Attachment* gateway_of(const std::vector<networks::Attachment>&, bool ipv6);

/// Where ports of a network are published that say no address.
std::string default_binding(const networks::NetworkService&, const networks::Attachment&);
/// Where its ports are published; null: nowhere.
const networks::Attachment* publishing_network(const std::vector<networks::Attachment>&);

networks::DefaultRoutes default_routes_of(const std::vector<networks::Attachment>& all, const networks::Attachment& one);

/// Calls the interface of `one`, which is of `all`, as the user does ("com.docker.network.endpoint.ifname"), or the first
/// "ethN" that is and will be nobody else's. invalid: a name that no interface can have, or that another one has.
void name_interface(const std::vector<networks::Attachment>& all, networks::Attachment& one);

/// Opens the network namespace of a process.
UniqueFd open_netns(std::int32_t pid);

} // namespace gantry::containers
