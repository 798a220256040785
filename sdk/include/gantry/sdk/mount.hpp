#pragma once

#include <string>
#include <vector>

namespace gantry {

/// A mount as a driver describes it; the container's init performs it inside its own mount namespace. Fields as in
/// mount(8) and the OCI runtime spec: type "overlay" with options {"lowerdir=a:b", "upperdir=…", "workdir=…"}, type
/// "bind" with options {"rbind", "ro"}. `target` is empty for a root filesystem.
struct Mount {
  std::string type;
  std::string source;
  std::string target;
  std::vector<std::string> options;
};

} // namespace gantry
