#pragma once

#include <string>

#include "containers/selinux/policy.hpp"

// What the running kernel and the machine's policy say.
namespace gantry::containers::selinux {

/// Whether the kernel has SELinux and a policy is loaded; enforcing or not.
bool kernel_has_policy();

/// Where the contexts of containers are written: container-selinux's own file, then the loaded policy's.
struct ContextFiles {
  std::string own = "/usr/share/containers/selinux/contexts";
  std::string selinux_root = "/etc/selinux"; ///< its "config" names the policy: ROOT/TYPE/contexts/lxc_contexts
};

/// `process = "…"` and `file = "…"` of the first file that is there; empty when neither is, or one of the two is missing.
Policy read_contexts(const ContextFiles&);

/// The contexts of this machine's containers: from the files, else container_t and container_file_t where the policy knows
/// them. Empty without SELinux, or when the policy knows nothing of containers.
Policy find_policy(const ContextFiles& files = {});

} // namespace gantry::containers::selinux
