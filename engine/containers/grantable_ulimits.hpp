#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "containers/model.hpp"

namespace gantry::containers {

/// The config's default limits as the daemon may set them. Without CAP_SYS_RESOURCE nobody can raise a limit above the own hard
/// one: a default above it becomes it, with a warning in the log, since otherwise no container would start.
std::vector<Ulimit> grantable_ulimits(std::vector<Ulimit> defaults);

/// The same where limits cannot be raised above `own_hard(name)`; absent: no limit.
std::vector<Ulimit> capped_ulimits(std::vector<Ulimit> defaults,
                                   const std::function<std::optional<std::int64_t>(const std::string& name)>& own_hard);

} // namespace gantry::containers
