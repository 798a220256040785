#pragma once

#include <map>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "ports/way.hpp"

namespace gantry::net_bridge {

struct ElementValue {
  std::string data; ///< of a map; nothing in a set
  std::string last; ///< the last key of an interval; empty: there is one key
  bool operator==(const ElementValue&) const = default;
};

/// Elements of the table's maps and sets: (name of the map, first key) → what it leads to. Bytes as the kernel takes them: every
/// part of a key filled up to four bytes.
using Elements = std::map<std::pair<std::string, std::string>, ElementValue>;

/// What a container's ports are in the table: an element for each, but one alone for many neighbours that keep their number
/// inside.
Elements elements_of(const PublishedTarget&, const std::vector<Port>&);

/// Changes the table's elements in one transaction. Returns the kernel's errno; then nothing has changed.
int change_elements(const std::string& table, const Elements& remove, const Elements& add);
/// The same, after emptying every map and set of ports.
int replace_elements(const std::string& table, const Elements& all);

} // namespace gantry::net_bridge
