#pragma once

#include "build/cache.hpp"
#include "build/mounts/cache_mounts.hpp"

namespace gantry::build {

/// A step that others went on from goes after them only: without it they could never be found again, and they hold its layers.
PruneReport prune(BuildCache&, CacheMounts&, const PruneRequest&);

} // namespace gantry::build
