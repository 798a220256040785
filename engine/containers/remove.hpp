#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Removes a container that does not run, with everything it owns. The caller holds its mutex and has set `removing`.
/// Blocks. A failure leaves it `dead` (with `removing` cleared, so that it can be tried again) and is thrown.
void destroy(Parts&, Entry&);

} // namespace gantry::containers
