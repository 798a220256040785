#pragma once

#include <string>

#include "containers/model.hpp"

namespace gantry::containers {

inline constexpr const char* default_apparmor_profile = "gantry-default";

/// The AppArmor profile of a container, as inspect shows it: what the user named, "unconfined" when privileged, else the
/// default. Empty on a kernel without AppArmor.
std::string apparmor_profile_for(const HostConfig&, bool enabled);

/// Loads the default profile into the kernel unless it is there. Needs Debian's apparmor_parser; unavailable, in Docker's words,
/// when it cannot be loaded. Thread-safe; blocks.
void load_default_apparmor_profile();

} // namespace gantry::containers
