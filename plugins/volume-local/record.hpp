#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/volume.hpp>

namespace gantry::volume_local {

/// What is known of a volume besides its data: opts.json in its directory.
struct Record {
  std::int64_t created_ns = 0;
  VolumeSettings options, labels;
  std::uint32_t project = 0; ///< of its quota; 0: none. What the data's directory says may be its user's word
};

/// Survives a power cut once it returned and the directory is synced.
void write_record(const std::string& directory, const Record& record);
/// A directory without one, such as Docker's own or one that was copied here, is a volume without options. data_loss when it is
/// damaged.
Record read_record(const std::string& directory);

} // namespace gantry::volume_local
