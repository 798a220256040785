#pragma once

#include <sys/types.h>

#include <string>

namespace gantry::files {

/// chmod of a child that is no symbolic link, also where somebody is swapping it for one: a link is not followed. It is not
/// opened either, which for devices and fifos has effects. -1 with errno.
int set_mode(int directory, const std::string& name, mode_t mode);

} // namespace gantry::files
