#pragma once

#include <functional>
#include <string>

namespace gantry::files {

/// Copies an uncompressed tar from `in` to `out` without the entries whose path ("etc/hosts": no leading "/" or "./", no trailing
/// "/") `leave_out` says yes to. Reads `in` to its end. Throws invalid for what is no tar, internal when writing fails.
void filter_tar(int in, int out, const std::function<bool(const std::string& path)>& leave_out);

} // namespace gantry::files
