#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// OCI `hooks` for a container from directories of hook files (oci-hooks(5), version 1.0.0): every file whose "when" matches.
/// A file of a later directory replaces one of the same name. Hooks run with the daemon's rights, so that files that others
/// than root may write are refused: forbidden; malformed ones: invalid, naming file and member. Null when there are none.
Json configured_hooks(const std::vector<std::string>& directories, const Container& container);

} // namespace gantry::containers
