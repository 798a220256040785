#pragma once

#include <array>

#include "base/failpoint.hpp"

namespace gantry::volumes {

/// Every failpoint of this folder, in the order an operation passes them, so that a test can kill the daemon at each.
inline constexpr std::array failpoints = {
    "volume.create.after_row", "volume.create.after_driver", "volume.fill.after_mark", "volume.rename.after_driver",
    "volume.rename.after_row", "volume.remove.after_driver", "volume.remove.after_row"};

} // namespace gantry::volumes
