#pragma once

#include "containers/model.hpp"

namespace gantry::containers {

/// The part of a container that changes while it lives (everything but name and phase, which have columns of their own).
Json state_json(const Container&);
/// Puts a stored state and phase back into `container`.
void apply_state(Container& container, const Json& state);

} // namespace gantry::containers
