#pragma once

#include <string>
#include <vector>

namespace gantry::cli {

/// The lines of an --env-file or --label-file that are neither empty nor comments. Throws Failure naming file and line.
std::vector<std::string> read_pairs_file(const std::string& path, bool environment);
/// Reads a whole file. Throws Failure "open PATH: …".
std::string read_file(const std::string& path);
/// "A=b" stays; "A" becomes "A=value of the client", or stays when the client has none (the daemon then unsets it).
std::string with_client_value(const std::string& variable);

} // namespace gantry::cli
