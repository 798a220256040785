#pragma once

#include <string>

#include "containers/model.hpp"
#include "containers/stats_sample.hpp"

namespace gantry::api {

/// One object of GET /containers/{id}/stats as text: with a watcher per container every second a tree of JSON would be most of
/// the cost. `now` without a time: the container does not run.
std::string stats_json(const gantry::containers::Container& container, const gantry::containers::StatsSample& now,
                       const gantry::containers::StatsSample& before);

} // namespace gantry::api
