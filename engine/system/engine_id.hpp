#pragma once

#include <string>

namespace gantry::system {

/// The UUID in the file, which is made when there is none or it holds something else.
std::string load_engine_id(const std::string& path);

} // namespace gantry::system
