#pragma once

#include <string>

#include <gantry/sdk/volume.hpp>

namespace gantry::volume_local {

/// What `volume create --opt` says: type, device and o are those of mount(8).
struct Options {
  std::string type, device, o;
};

/// invalid, in Docker's words, for one that is unknown or stands alone.
Options parse_options(const VolumeSettings& settings);

} // namespace gantry::volume_local
