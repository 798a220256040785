#pragma once

// Named faults between two steps of an operation, for tests. GANTRY_FAILPOINTS="create.after_prepare=kill" ends the
// process with SIGKILL there, "…=error" throws an internal error, "…=sleep:MS" delays. Unset costs one atomic load.
namespace gantry {

void failpoint(const char* name);

} // namespace gantry
