#pragma once

#include <string>

#include <gantry/abi/v1/core.h>

namespace gantry::plugins {

struct HostPaths {
  std::string state_dir, run_dir, libexec_dir, instance;
};

/// What one driver instance gets from the engine. Stays where it is: the plugin holds its address.
class HostServices {
 public:
  /// Makes the two directories, mode 0700. `plugin` marks its log lines.
  HostServices(std::string plugin, HostPaths paths);
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  const gantry_host* get() const { return &c_; }

 private:
  static void log(void* ctx, std::int32_t level, const gantry_str* message) noexcept;

  std::string plugin_;
  HostPaths paths_;
  gantry_host c_{};
};

} // namespace gantry::plugins
