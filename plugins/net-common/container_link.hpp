#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "net-common/ip_address.hpp"

namespace gantry::net {

/// How an interface is to be inside of a container.
struct ContainerLink {
  std::string name;
  std::vector<IpAddress> addresses;
  std::optional<IpAddress> gateway4, gateway6;              ///< of the default routes that it is to have; none: it has none
  std::vector<std::pair<std::string, std::string>> sysctls; ///< "net/ipv4/conf/eth0/…" → value
};

/// Gives the interface its addresses and routes and raises it, in the namespace behind `netns_fd`. Once more: only the default
/// routes change. not_found when there is no such interface. Returns the routes.
std::vector<Route> configure(int netns_fd, const ContainerLink&);

/// Whether there is an interface of that name in the namespace.
bool has_interface(int netns_fd, const std::string& name);

/// The sysctls of an endpoint's option com.docker.network.endpoint.sysctls ("net.ipv4.conf.IFNAME.log_martians=1,…"); invalid
/// for one that is not of an interface.
std::vector<std::pair<std::string, std::string>> endpoint_sysctls(const Options& options, const std::string& interface);

} // namespace gantry::net
