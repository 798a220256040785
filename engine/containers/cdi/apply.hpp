#pragma once

#include "base/json.hpp"

namespace gantry::containers::cdi {

/// Applies "containerEdits" to an OCI spec: environment, device nodes and their cgroup rules, mounts, hooks, groups.
/// Device nodes are completed from the host's. Errors: internal with Docker's text.
void apply_edits(Json& spec, const Json& edits);

} // namespace gantry::containers::cdi
