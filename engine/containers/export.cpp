#include "containers/driver_call.hpp"
#include "containers/own_files.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

std::function<void(UniqueFd)> ContainerService::export_tree(const std::string& reference) const {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  return [parts, entry](UniqueFd out) {
    DriverCall call;
    write_export(parts->drivers.storage, call, entry->id, entry->snapshot()->created_ns / 1'000'000'000, out.get());
    parts->publish(*entry->snapshot(), "export");
  };
}

} // namespace gantry::containers
