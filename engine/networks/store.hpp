#pragma once

#include <vector>

#include "networks/network.hpp"
#include "state/database.hpp"

namespace gantry::networks {

/// Rows of networks. Every call is one transaction and blocks.
class Store {
 public:
  explicit Store(state::Database& db) : db_(db) {}
  /// Replaces the row of the same id.
  void save(const Network&);
  void erase(const std::string& id);
  std::vector<Network> load();

 private:
  state::Database& db_;
};

} // namespace gantry::networks
