#pragma once

#include "base/json.hpp"
#include "containers/model.hpp"

namespace gantry::containers {

/// What an update may change of a running container's mounts: an extension of Gantry.
struct MountChanges {
  Json add;          ///< Docker's Mount objects of type bind and volume; null: none
  StringList remove; ///< targets

  bool empty() const { return add.empty() && remove.empty(); }
};

} // namespace gantry::containers
