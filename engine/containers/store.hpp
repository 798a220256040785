#pragma once

#include <optional>
#include <string>
#include <vector>

#include "containers/container_service.hpp"
#include "containers/model.hpp"
#include "state/database.hpp"

namespace gantry::containers {

/// Rows of containers and execs. Every call is one transaction and blocks.
class Store {
 public:
  explicit Store(state::Database& db) : db_(db) {}

  void insert(const Container&);
  /// Writes phase and state, the part that changes while a container lives.
  void update(const Container&);
  /// Writes what was said when it was created and what `update` may change of it.
  void update_config(const Container&);
  void rename(const Container&);
  /// Execs go with it.
  void erase(const std::string& id);
  std::vector<Container> load();

  void insert_exec(const Exec&);
  void erase_exec(const std::string& id);
  std::vector<Exec> load_execs();

 private:
  state::Database& db_;
};

} // namespace gantry::containers
