#pragma once

#include <string>
#include <vector>

#include "cli/args/flag_set.hpp"
#include "cli/json.hpp"

namespace gantry::cli {

/// --filter: "name=value" pairs, collected as the API wants them.
class Filters {
 public:
  void add_flag(FlagSet& flags, const char* help = "Show only what fits the conditions", char short_name = 'f');
  void add(const std::string& name, const std::string& value) { map_[name][value] = true; }
  bool has(const std::string& name) const { return map_.contains(name); }
  bool empty() const { return map_.empty(); }
  /// "name=value", sorted
  std::vector<std::string> sorted() const;
  /// For the query; empty without filters.
  std::string text() const { return map_.empty() ? "" : map_.dump(); }

 private:
  nlohmann::json map_ = nlohmann::json::object();
};

} // namespace gantry::cli
