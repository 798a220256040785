#include "overlay_support.hpp"

#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include <gantry/sdk/fd.hpp>

#include "system_error.hpp"

namespace gantry::storage_overlay {

void check_overlay_support() {
  // fsopen(2) makes the kernel load the module; a kernel before 5.2 lacks the call and tells at the first mount.
  const UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context && errno == ENODEV) throw Error(Code::not_implemented, "this kernel has no overlayfs (module 'overlay')");
}

std::vector<std::string> overlay_mount_options() {
  std::vector<std::string> options;
  for (const char* feature : {"index", "metacopy", "redirect_dir"}) {
    std::ifstream file(std::string("/sys/module/overlay/parameters/") + feature);
    char value = 'N';
    if (file >> value && value == 'Y') options.push_back(std::string(feature) + "=off");
  }
  return options;
}

} // namespace gantry::storage_overlay
