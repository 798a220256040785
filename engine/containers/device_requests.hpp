#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace gantry::containers {

/// One of HostConfig.DeviceRequests, as `--gpus` and `--device vendor.com/class=name` make them.
struct DeviceRequest {
  std::string driver;
  std::vector<std::string> ids;
  std::vector<std::vector<std::string>> capabilities; ///< one of the inner lists is enough
};

/// Errors: invalid, naming the member.
std::vector<DeviceRequest> parse_device_requests(const Json& requests);

/// Names of the CDI devices that are asked for. A request that no device driver can serve is refused in Docker's words
/// (internal): the only driver is "cdi", and only where there are directories of CDI specs.
std::vector<std::string> requested_cdi_devices(const Json& requests, bool cdi_enabled);

} // namespace gantry::containers
