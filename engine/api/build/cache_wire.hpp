#pragma once

#include "base/json.hpp"
#include "build/request.hpp"

namespace gantry::api {

/// An entry of `/system/df`'s BuildCache.
Json cache_entry_json(const gantry::build::CacheEntry&);

} // namespace gantry::api
