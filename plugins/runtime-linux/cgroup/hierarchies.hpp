#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::runtime_linux {

/// One mounted cgroup hierarchy.
struct Hierarchy {
  std::string mount;                    ///< "/sys/fs/cgroup/memory"
  std::string directory;                ///< last component, "memory" or "cpu,cpuacct"
  std::string options;                  ///< what mounts it again: "memory", "none,name=systemd"
  std::vector<std::string> controllers; ///< empty for a named hierarchy
  std::string base;                     ///< prefix below the mount that is ours to use: "" or the daemon's own cgroup
};

/// The host's cgroups, read once.
struct Hierarchies {
  std::uint32_t version = 1; ///< 2 when there is no v1 hierarchy with controllers
  std::vector<Hierarchy> v1;
  std::string v2; ///< mount of the v2 tree, also beside v1 ("hybrid"); empty: none
  std::string v2_base;

  /// Directory of `path` in the v1 hierarchy of `controller`; empty when there is none.
  std::string v1_directory(const std::string& controller, const std::string& path) const;
  std::string v2_directory(const std::string& path) const { return v2.empty() ? "" : v2 + v2_base + path; }
};

Hierarchies find_hierarchies();

} // namespace gantry::runtime_linux
