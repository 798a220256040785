#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

enum class WithVolumes : bool { no, yes };

/// Removes a container that does not run, with everything it owns. The caller holds its mutex and has set `removing`.
/// Blocks. A failure leaves it `dead` (with `removing` cleared, so that it can be tried again) and is thrown.
/// With AutoRemove its anonymous volumes go too, whatever `with_volumes` says.
void destroy(Parts&, Entry&, WithVolumes with_volumes = WithVolumes::no);

} // namespace gantry::containers
