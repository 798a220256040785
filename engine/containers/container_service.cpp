#include "containers/container_service.hpp"

#include <algorithm>

#include "containers/parts.hpp"

namespace gantry::containers {

ContainerService::ContainerService(boost::asio::any_io_executor executor, Pool& pool, const state::Paths& paths,
                                   state::Database& db, Drivers drivers, images::ImageService& images,
                                   volumes::VolumeService& volumes, events::Bus& bus, Defaults defaults)
    : impl_(std::make_unique<Impl>()) {
  impl_->parts =
      std::make_shared<Parts>(std::move(executor), pool, paths, db, drivers, images, volumes, bus, std::move(defaults));
}

ContainerService::~ContainerService() = default;

ContainerPtr ContainerService::find(const std::string& reference) const {
  return impl_->parts->index.find(reference)->snapshot();
}

std::vector<ContainerPtr> ContainerService::list() const {
  std::vector<ContainerPtr> containers;
  const auto entries = impl_->parts->index.all();
  containers.reserve(entries.size());
  for (const auto& entry : entries) containers.push_back(entry->snapshot());
  const auto newest_first = [](const ContainerPtr& a, const ContainerPtr& b) { return a->created_ns > b->created_ns; };
  std::sort(containers.begin(), containers.end(), newest_first);
  return containers;
}

} // namespace gantry::containers
