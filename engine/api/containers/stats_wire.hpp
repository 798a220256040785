#pragma once

#include <string>

#include "containers/model.hpp"
#include "containers/stats_sample.hpp"

namespace gantry::api {

/// The objects of GET /containers/{id}/stats as text, one behind the other: with a watcher per container every second a tree
/// of JSON would be most of the cost.
class StatsWriter {
 public:
  /// A sample without a time: the container does not run.
  std::string next(const gantry::containers::Container& container, const gantry::containers::StatsSample& sample);
  /// Takes the sample for what was before, without a text.
  void skip(const gantry::containers::StatsSample& sample);
  /// When the last sample was taken; 0: none, or the container did not run.
  std::int64_t last_ns() const { return last_ns_; }

 private:
  std::int64_t last_ns_ = 0;
  std::string last_cpu_; ///< empty: no sample yet
};

} // namespace gantry::api
