#pragma once

#include <optional>

#include "build/state.hpp"

namespace gantry::build {

/// `built` with one layer (absent: nothing has changed) on its base instead of those that its steps made. The history keeps the
/// steps, as lines without a layer, and ends with what dockerd says of a merge.
State squash(const State& base, const State& built, const std::optional<NewLayer>& layer, std::optional<std::int64_t> epoch);

} // namespace gantry::build
