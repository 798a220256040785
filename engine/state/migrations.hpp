#pragma once

#include <string>
#include <vector>

namespace gantry::state {

/// One step of the schema: SQL scripts, run in one transaction.
using Migration = std::vector<std::string>;

/// The steps from an empty file to today's schema, in order; `PRAGMA user_version` counts those that a file has seen.
/// A step that was released never changes.
const std::vector<Migration>& migrations();

} // namespace gantry::state
