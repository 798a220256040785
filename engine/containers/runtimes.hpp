#pragma once

#include <string>

#include "containers/container_service.hpp"

namespace gantry::containers {

/// HostConfig.Runtime as the driver wants it: empty for its own runtime, which also goes by Docker's names unless those are
/// configured. Throws invalid with Docker's text for a name that nobody has configured.
std::string external_runtime(const Defaults&, const std::string& name);

/// The same for a container that exists; false also when its runtime is not configured any more.
bool uses_external_runtime(const Defaults&, const Container&);

} // namespace gantry::containers
