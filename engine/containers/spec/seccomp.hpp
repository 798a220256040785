#pragma once

#include <optional>
#include <string>
#include <vector>

#include "containers/spec.hpp"

namespace gantry::containers {

/// OCI linux.seccomp for a `seccomp=…` option ("" or "builtin", "unconfined", else a profile in Docker's or OCI's JSON);
/// null when unconfined. Sharing one value per capability set keeps container start cheap.
Json seccomp_for(const std::string& option, const std::vector<std::string>& capabilities);

/// OCI linux.seccomp of a profile in Docker's format: archMap and includes/excludes are resolved for this machine.
/// invalid with Docker's text when it is no profile.
Json resolve_seccomp_profile(const std::string& text, const std::vector<std::string>& capabilities);

} // namespace gantry::containers
