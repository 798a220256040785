#pragma once

#include "base/json.hpp"

namespace gantry::api {

/// An image's run config with every field of a container config, before 1.50.
Json full_run_config(const Json& config);
/// Only the fields that images have and that are set, from 1.50 on.
Json trimmed_run_config(const Json& config);

} // namespace gantry::api
