#include "api/images/shared_size.hpp"

namespace gantry::api {

SharedSizes::SharedSizes(const std::vector<gantry::images::ImagePtr>& images) {
  for (const auto& image : images)
    for (const auto& chain : image->chains) ++uses_[chain];
}

std::int64_t SharedSizes::of(const gantry::images::Image& image) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < image.chains.size(); ++i)
    if (uses_.at(image.chains[i]) > 1) total += image.layer_sizes[i];
  return static_cast<std::int64_t>(total);
}

} // namespace gantry::api
