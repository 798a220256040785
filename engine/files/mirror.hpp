#pragma once

#include <set>
#include <string>

namespace gantry::files {

/// Makes the tree `to` what the tree `from` is at `paths` (absolute, with everything that differs inside of a directory among
/// them), and gives the directories above them what `from` has of owners, modes, times and extended attributes. No symbolic link
/// in a path is followed. Blocks; os errors name the file. The calling thread has a working directory of its own.
void mirror(int from, int to, const std::set<std::string>& paths);

} // namespace gantry::files
