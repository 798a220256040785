#include "base/error.hpp"
#include "images/reference.hpp"
#include "images/service_impl.hpp"

namespace gantry::images {

void ImageService::tag(const std::string& reference, const std::string& repo, const std::string& tag) {
  auto image = resolve(reference);
  auto name = parse_target_name(repo, tag);
  std::vector<std::string> ids;
  for (const auto& one : impl_->store.catalogue()->find_all(reference)) ids.push_back(one->id);
  impl_->store.touch(image->id);
  impl_->store.set_name(name.full(), ids.empty() ? std::vector{image->id} : ids);
  impl_->publish_event(*image, "tag", name.familiar());
}

} // namespace gantry::images
