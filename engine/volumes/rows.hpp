#pragma once

#include <string>
#include <vector>

#include "state/database.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::volumes {

/// A row of the table `volumes`.
struct Row {
  Volume volume;
  std::string made_for, filled_for; ///< see state/schema/volumes.sql.hpp
};

/// The table `volumes`. Every method is a transaction of its own.
class Rows {
 public:
  explicit Rows(state::Database& db) : db_(db) {}
  void insert(const Row& row);
  void erase(const std::string& name);
  void rename(const std::string& name, const std::string& new_name);
  void mark_filled(const std::string& name, const std::string& user);
  /// Clears what names the user.
  void settle(const std::string& user);
  void settle_volume(const std::string& name);
  std::vector<Row> load();

 private:
  state::Database& db_;
};

} // namespace gantry::volumes
