#pragma once

#include <string>
#include <vector>

namespace gantry::containers {

/// Who makes containers.
struct RuntimeNames {
  std::string by_default = "gantry";
  std::vector<std::string> external; ///< what the runtime driver has been configured with, beside itself
};

} // namespace gantry::containers
