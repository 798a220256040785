#include "containers/driver_call.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

Task<std::pair<std::int64_t, std::int64_t>> ContainerService::size(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto job = [parts, entry] {
    DriverCall call;
    const auto own = static_cast<std::int64_t>(parts->drivers.storage.usage(call, entry->id).bytes);
    const images::ImagePtr image = parts->images.get(entry->snapshot()->image_id);
    const std::int64_t layers = image ? static_cast<std::int64_t>(image->size) : 0;
    return std::pair(own, own + layers);
  };
  co_return co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
