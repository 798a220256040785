#pragma once

#include <functional>
#include <string>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// Reads a file, or standard input for "-", piece by piece; the pieces end with an empty one. Throws Failure "open PATH: …".
std::function<std::string()> file_source(const std::string& path);

/// Sends the same as a tar; the answer. A regular file does not go through this process.
Response upload_file(Client& client, const Request& request, const std::string& path);

} // namespace gantry::cli
