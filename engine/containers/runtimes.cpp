#include "containers/runtimes.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace gantry::containers {

bool uses_external_runtime(const Defaults& defaults, const Container& container) {
  const auto& known = defaults.external_runtimes;
  return std::find(known.begin(), known.end(), container.host_config.runtime) != known.end();
}

std::string external_runtime(const Defaults& defaults, const std::string& name) {
  const auto& known = defaults.external_runtimes;
  if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  if (name.empty() || name == "gantry" || name == "runc" || name == "io.containerd.runc.v2") return "";
  throw invalid("unknown or invalid runtime name: " + name);
}

} // namespace gantry::containers
