#pragma once

#include "api/router.hpp"

namespace gantry::api {

/// Everything below /images.
void add_image_routes(Router& router);

} // namespace gantry::api
