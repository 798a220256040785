#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/runtime.hpp>

#include "containers/model.hpp"

namespace gantry::containers {

/// What only the moment knows.
struct Moment {
  std::int64_t now_ns = 0;
  std::optional<RuntimeStats> stats; ///< of a running container
  std::int64_t restart_at_ns = 0;    ///< when the restart policy is going to start it; 0: it is not going to
};

/// Why a container is not running, or what holds it back, in sentences for people: the first says how it is, the others why.
std::vector<std::string> explain(const Container&, const Moment&);

} // namespace gantry::containers
