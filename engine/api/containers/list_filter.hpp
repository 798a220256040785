#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/filters.hpp"
#include "api/services.hpp"

namespace gantry::api {

/// Which containers GET /containers/json shows.
class ContainerFilter {
 public:
  /// invalid for unknown keys and impossible values, not_found for `before`/`since` that name no container.
  ContainerFilter(const Services& services, const Query& query);

  bool matches(const gantry::containers::Container& container) const;
  /// How many at most, 0 for no limit.
  std::size_t limit() const { return limit_; }

 private:
  void read_statuses();
  void read_exit_codes();
  void check_ports() const;
  void read_ancestors(const Services& services);
  bool matches_status(const gantry::containers::Container& container) const;
  bool matches_age(const gantry::containers::Container& container) const;
  bool matches_name(const gantry::containers::Container& container) const;
  bool matches_mounts(const gantry::containers::Container& container) const;
  bool matches_network(const gantry::containers::Container& container) const;
  bool matches_ports(const gantry::containers::Container& container) const;
  bool matches_ancestor(const gantry::containers::Container& container) const;

  Filters filters_;
  bool all_ = false;
  std::size_t limit_ = 0;
  std::vector<std::int64_t> exit_codes_;
  std::vector<std::string> ancestors_; ///< image IDs
  gantry::containers::ContainerPtr before_, since_;
};

} // namespace gantry::api
