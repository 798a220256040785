#pragma once

#include <string>
#include <vector>

#include "buildkit/solve/request.hpp"

namespace gantry::buildkit {

/// What a query of POST /build?version=2 wants.
struct PostBuildWish {
  BuildWish wish;
  std::string build_id;
  bool upload = false; ///< the context comes by another request
  bool quiet = false;  ///< only the image's id is told
};

/// Throws std::runtime_error for what is not valid.
PostBuildWish post_build_wish(const std::string& query);

/// The id that other requests mean the build by, also of a query that is not valid; "" for none.
std::string build_id_of(const std::string& query);

} // namespace gantry::buildkit
