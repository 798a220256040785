#pragma once

#include <functional>
#include <string>

namespace gantry::cli {

/// Reads a file, or standard input for "-", piece by piece; the pieces end with an empty one. Throws Failure "open PATH: …".
std::function<std::string()> file_source(const std::string& path);

} // namespace gantry::cli
