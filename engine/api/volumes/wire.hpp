#pragma once

#include "base/json.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::api {

Json volume_json(const gantry::volumes::Volume& volume);

} // namespace gantry::api
