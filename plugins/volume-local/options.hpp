#pragma once

#include <cstdint>
#include <string>

#include <gantry/sdk/volume.hpp>

namespace gantry::volume_local {

/// What `volume create --opt` says: type, device and o are those of mount(8).
struct Options {
  std::string type, device, o;
  std::uint64_t size = 0; ///< bytes that it may hold; 0: no limit
};

/// invalid, in Docker's words, for one that is unknown or stands alone.
Options parse_options(const VolumeSettings& settings);

/// What a size is refused with where nobody enforces it.
Error no_quota();

} // namespace gantry::volume_local
