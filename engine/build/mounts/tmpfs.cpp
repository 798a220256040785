#include "build/mounts/tmpfs.hpp"

#include <sys/mount.h>

#include <cerrno>

#include "base/error.hpp"

namespace gantry::build {

UniqueFd make_tmpfs(const std::vector<std::pair<std::string, std::string>>& options, unsigned attributes) {
  const UniqueFd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context) throw os_error("make a tmpfs", errno);
  for (const auto& [key, value] : options) {
    const auto kind = value.empty() ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    const int done = ::fsconfig(context.get(), kind, key.c_str(), value.empty() ? nullptr : value.c_str(), 0);
    if (done != 0 && key != "noswap") throw os_error("make a tmpfs with the option " + key, errno);
  }
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) throw os_error("make a tmpfs", errno);
  UniqueFd tree(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!tree) throw os_error("make a tmpfs", errno);
  return tree;
}

} // namespace gantry::build
