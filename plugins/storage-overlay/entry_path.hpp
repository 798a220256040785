#pragma once

#include <string>

namespace gantry::storage_overlay {

/// The name of a tar entry as a path relative to the layer's root, without ".", ".." and doubled slashes; "" is the root
/// itself. A leading slash means the layer's root. invalid when it leads out of the layer; `entry` is named in the error.
std::string layer_path(const std::string& name, const std::string& entry);

/// "a/b/c" → "a/b"; "" for a name without slash.
std::string parent_of(const std::string& path);
std::string last_name(const std::string& path);

/// For error messages: quotes a name that comes from outside, with control characters escaped and its length limited.
std::string quoted(const std::string& name);

} // namespace gantry::storage_overlay
