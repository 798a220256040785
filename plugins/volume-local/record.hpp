#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/volume.hpp>

namespace gantry::volume_local {

/// What is known of a volume besides its data: opts.json in its directory.
struct Record {
  std::int64_t created_ns = 0;
  VolumeSettings options, labels;
};

/// Survives a power cut once it returned and the directory is synced.
void write_record(const std::string& directory, const Record& record);
/// A directory without one, such as Docker's own or one that was copied here, is a volume without options.
Record read_record(const std::string& directory);

} // namespace gantry::volume_local
