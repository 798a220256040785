#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace gantry::images {

/// Applies Dockerfile instructions (import's and commit's `changes`) to an image's run config: CMD ENTRYPOINT ENV EXPOSE
/// HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR. invalid with Docker's texts.
void apply_changes(Json& config, const std::vector<std::string>& changes);

} // namespace gantry::images
