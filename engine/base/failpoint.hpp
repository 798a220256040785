#pragma once

// Named faults between two steps of an operation, for tests. GANTRY_FAILPOINTS="create.after_prepare=kill" ends the
// process with SIGKILL there, "…=error" throws an internal error, "…=sleep:MS" delays; several are separated by commas.
// Unset costs one atomic load.
namespace gantry {

/// Throws what GANTRY_FAILPOINTS asks for at `name`; invalid when the variable itself is malformed.
void failpoint(const char* name);

} // namespace gantry
