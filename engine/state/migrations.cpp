#include "state/migrations.hpp"

#include "state/schema/build.sql.hpp"
#include "state/schema/containers.sql.hpp"
#include "state/schema/images.sql.hpp"
#include "state/schema/networks.sql.hpp"
#include "state/schema/registry.sql.hpp"
#include "state/schema/volumes.sql.hpp"

namespace gantry::state {

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = {
      {images_v1, containers_v1}, {registry_v2}, {networks_v3}, {volumes_v4}, {build_v5}, {images_v6},
  };
  return all;
}

} // namespace gantry::state
