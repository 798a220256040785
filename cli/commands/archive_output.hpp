#pragma once

#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// Writes an archive that arrives to a file, or to standard output when `path` is empty. The file appears when it is complete:
/// what is left of a failure must not look like an archive. `what` begins the errors: "failed to save image".
void write_archive(Response& response, const std::string& path, const std::string& what);

/// Throws unless archives may be written to where `path` says.
void check_archive_output(const std::string& path);

} // namespace gantry::cli
