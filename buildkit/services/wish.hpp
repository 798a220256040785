#pragma once

#include "buildkit/solve/request.hpp"
#include "control.pb.h"

namespace gantry::buildkit {

/// Takes a request apart. Throws std::runtime_error for what is not done here, and for what is too much.
BuildWish wish_of(const moby::buildkit::v1::SolveRequest& request);

} // namespace gantry::buildkit
