#include "containers/capabilities.hpp"

#include <sys/prctl.h>

#include "containers/spec/capabilities.hpp"

namespace gantry::containers {

const std::vector<std::string>& daemon_capabilities() {
  static const std::vector<std::string> held = [] {
    std::vector<std::string> found;
    const auto names = capability_names();
    for (std::size_t number = 0; number < names.size(); ++number) {
      if (::prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1) found.emplace_back(names[number]);
    }
    return found;
  }();
  return held;
}

} // namespace gantry::containers
