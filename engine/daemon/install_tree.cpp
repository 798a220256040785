#include "daemon/install_tree.hpp"

#include <filesystem>

#include "base/error.hpp"

namespace gantry::daemon {

InstallTree find_install_tree() {
  std::error_code failed;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) throw os_error("find the install tree: readlink /proc/self/exe", failed.value());
  const auto prefix = executable.parent_path().parent_path().string();
  return {prefix + "/lib/gantry/plugins", prefix + "/libexec/gantry", prefix + "/share/gantry"};
}

} // namespace gantry::daemon
