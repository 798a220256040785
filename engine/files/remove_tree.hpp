#pragma once

#include <string>

namespace gantry::files {

/// Deletes what is at `path` with everything in it; missing is fine. Programs of a container can nest directories deeper than
/// this process has descriptors: those come out under names that begin with ".gone-" beside `path` until they are deleted, too.
/// Throws what the system says; what could not be deleted is left.
void remove_tree(const std::string& path);

} // namespace gantry::files
