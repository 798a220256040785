#pragma once

#include "base/error.hpp"

struct sqlite3;

namespace gantry::state {

/// The connection's last error: resource_exhausted for a full disk, unavailable for a read-only or unreadable file,
/// already_exists for a violated UNIQUE, data_loss for a damaged file, internal otherwise.
Error sqlite_error(sqlite3* db);

} // namespace gantry::state
