#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gantry/sdk/fd.hpp>

namespace gantry::build {

/// A tmpfs that is attached nowhere yet, with options of mount(8) ("size") and MOUNT_ATTR_ flags. "noswap" (Linux 6.4) is left
/// out where the kernel does not know it. Throws os errors.
UniqueFd make_tmpfs(const std::vector<std::pair<std::string, std::string>>& options, unsigned attributes);

} // namespace gantry::build
