#pragma once

#include <string>

namespace gantry::plugins {

/// A plugin runs with the daemon's rights, so that its files may be written by root and by the daemon's own user only:
/// forbidden for a foreign owner or a mode that lets others write, invalid for anything but a regular file, not_found.
void check_trusted_file(const std::string& path);

} // namespace gantry::plugins
