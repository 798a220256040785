#pragma once

#include <string>

namespace gantry::cli {

/// Asks on standard output and reads the answer from standard input; only "y" (or "Y") is a yes.
bool confirm(const std::string& question);

} // namespace gantry::cli
