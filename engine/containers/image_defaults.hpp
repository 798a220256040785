#pragma once

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// Fills what the user left open from an image's config document, by Docker's rules: a given entrypoint drops the image's
/// command; environment, labels, ports and volumes are united with the user's first; [""] resets the entrypoint.
void apply_image_defaults(Config& config, const Json& image_config);

} // namespace gantry::containers
