#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace gantry::files {

/// Copies an uncompressed tar from `in` to `out` without the entries whose path ("etc/hosts": no leading "/" or "./", no trailing
/// "/") `leave_out` says yes to; how many it has kept. Reads `in` to its end. Throws invalid for what is no tar, and what writing
/// fails with.
std::size_t filter_tar(int in, int out, const std::function<bool(const std::string& path)>& leave_out);

} // namespace gantry::files
