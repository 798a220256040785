#pragma once

#include "containers/json_reader.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// The resource members of a HostConfig object (also the body of `update`).
void read_resources(const JsonReader&, Resources&);
/// Appends them to `json` in Docker's order.
void write_resources(Json& json, const Resources&);

} // namespace gantry::containers
