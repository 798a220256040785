#pragma once

#include <string>

#include "options.hpp"

namespace gantry::volume_local {

/// Something is mounted there.
bool is_mount_point(const std::string& path);
/// Mounts the device of a volume, as mount(8) would. unavailable, with the kernel's reason, when that fails.
void mount_device(const Options& options, const std::string& target);
/// Every mount on top of `path`; none is OK. Those who use it keep it until they are gone.
void unmount_all(const std::string& path);

} // namespace gantry::volume_local
