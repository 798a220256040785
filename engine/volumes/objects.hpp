#pragma once

#include <functional>
#include <string>

#include "volumes/volume_service.hpp"

// Volumes as objects: copied, written as a tar, and made of one. A new volume is complete or not there, also after a crash. All
// of it blocks.
namespace gantry::volumes {

/// A new volume `name` (empty: an anonymous one) with the driver, the options and the content of `source`; blocks are shared
/// where the file system can. Who writes to the source meanwhile may be seen in part. not_found; already_exists.
VolumePtr clone_volume(VolumeService&, const std::string& source, const std::string& name);

/// The same at once, by the driver: blocks are shared, or it is not_implemented.
VolumePtr snapshot_volume(VolumeService&, const std::string& source, const std::string& name);

/// Looks now (not_found); the result, which may run on any thread, writes the files as a tar to `out`. Its volume is in use until
/// then.
std::function<void(int out)> export_volume(VolumeService&, const std::string& name);

/// A new local volume of the files in the tar (of any compression) that `in` gives. already_exists; invalid for a bad tar.
VolumePtr import_volume(VolumeService&, const std::string& name, int in);

} // namespace gantry::volumes
