#pragma once

#include "containers/spec.hpp"

namespace gantry::containers {

struct SpecDevices {
  Json nodes; ///< OCI linux.devices beside those every runtime makes
  Json rules; ///< OCI linux.resources.devices
};

/// invalid with Docker's text for a device that is not there or a malformed rule.
SpecDevices make_devices(const HostConfig&);

} // namespace gantry::containers
