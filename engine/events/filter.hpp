#pragma once

#include <map>
#include <set>
#include <string>

#include "events/bus.hpp"

namespace gantry::events {

/// The `filters` of GET /events (reference A.8). Values of one key are alternatives, except that every label must match.
///
///   container volume network plugin daemon …  events of that type whose actor's ID or name begins with the value
///   image    image events by ID, name or untagged name, and container events of that image
///   event    the action; `health_status`, `exec_create` and `exec_start` stand for all their variants
///   label    KEY or KEY=VALUE among the attributes
///   type scope  exactly
class Filter {
 public:
  using Values = std::map<std::string, std::set<std::string>>;

  Filter() = default;
  /// A key that does not exist filters nothing, as in Docker.
  explicit Filter(Values values);
  bool matches(const Event& event) const;

 private:
  Values values_;
};

} // namespace gantry::events
