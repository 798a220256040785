#include "containers/driver_call.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

std::function<void(UniqueFd)> ContainerService::export_tree(const std::string& reference) const {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  return [parts, entry](UniqueFd out) {
    DriverCall call;
    parts->drivers.storage.export_tree(call, entry->id, out.get());
    parts->publish(*entry->snapshot(), "export");
  };
}

} // namespace gantry::containers
