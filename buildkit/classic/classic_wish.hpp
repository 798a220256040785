#pragma once

#include <string>
#include <vector>

#include "buildkit/solve/request.hpp"

namespace gantry::buildkit {

/// What a query of POST /build?version=2 wants.
struct ClassicWish {
  BuildWish wish;
  std::string build_id;
  bool upload = false; ///< the context comes by another request
  bool quiet = false;  ///< only the image's id is told
};

/// Throws std::runtime_error for what is not valid.
ClassicWish classic_wish(const std::string& query);

} // namespace gantry::buildkit
