#pragma once

#include "api/router.hpp"

namespace gantry::api::images {

/// Everything below /images.
void add_routes(Router& router);

} // namespace gantry::api::images
