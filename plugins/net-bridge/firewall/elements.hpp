#pragma once

#include <map>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "net-common/ip_address.hpp"

namespace gantry::net_bridge {

/// Where published ports lead to.
struct PublishedTarget {
  std::vector<net::IpAddress> addresses; ///< of the container
  bool routed4 = false, routed6 = false; ///< reached by its own address only
};

/// Elements of the table's maps and sets: (name of the map, key) → data; no data in a set. Bytes as the kernel takes them:
/// every part of a key filled up to four bytes.
using Elements = std::map<std::pair<std::string, std::string>, std::string>;

/// What a container's ports are in the table.
Elements elements_of(const PublishedTarget&, const std::vector<Port>&);

/// Changes the table's elements in one transaction. Returns the kernel's errno; then nothing has changed.
int change_elements(const std::string& table, const Elements& remove, const Elements& add);
/// The same, after emptying every map and set of ports.
int replace_elements(const std::string& table, const Elements& all);

} // namespace gantry::net_bridge
