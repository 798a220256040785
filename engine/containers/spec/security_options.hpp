#pragma once

#include <optional>
#include <string>

#include "containers/model.hpp"

namespace gantry::containers {

/// HostConfig.SecurityOpt, read.
struct SecurityOptions {
  std::string seccomp;                   ///< empty: the default; "unconfined", "builtin" or a profile in JSON
  std::string apparmor;                  ///< empty: the default
  std::optional<bool> no_new_privileges; ///< absent: the daemon's default
  StringList labels;                     ///< SELinux: what stands behind "label=", in order
  bool unconfined_system_paths = false;
  bool writable_cgroups = false;
};

/// "key=value" or the older "key:value". invalid with Docker's text.
SecurityOptions parse_security_options(const StringList&);

/// What /proc and /sys hide or protect from a container that is not privileged.
const StringList& default_masked_paths();
const StringList& default_readonly_paths();

} // namespace gantry::containers
