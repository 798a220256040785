#pragma once

#include <map>
#include <string>
#include <vector>

#include "images/image_service.hpp"

namespace gantry::api {

/// Which layers images have in common.
class SharedSizes {
 public:
  explicit SharedSizes(const std::vector<gantry::images::ImagePtr>& images);
  /// Bytes of the image's layers that other images have too. The image must be one of those above.
  std::int64_t of(const gantry::images::Image& image) const;

 private:
  std::map<std::string, int> uses_; ///< by chain
};

} // namespace gantry::api
