#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

namespace gantry::files {

/// Docker's USER syntax (user|uid[:group|gid]) as the container's /etc/passwd and /etc/group have it. invalid, with Docker's
/// text, for a name that is not there.
std::pair<uid_t, gid_t> find_user(int root, const std::string& user);

} // namespace gantry::files
