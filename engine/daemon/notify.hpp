#pragma once

#include <string_view>

namespace gantry::daemon {

/// Tells the service manager ("READY=1", sd_notify(3)); nothing when none asked for it.
void notify(std::string_view state);

} // namespace gantry::daemon
