#pragma once

#include <string>

namespace gantry::containers::selinux {

/// The contexts that containers start from, without their categories; empty where SELinux is off.
struct Policy {
  std::string process; ///< "system_u:system_r:container_t:s0"
  std::string file;    ///< "system_u:object_r:container_file_t:s0"

  bool enabled() const { return !process.empty() && !file.empty(); }
};

} // namespace gantry::containers::selinux
