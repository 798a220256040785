#include <algorithm>

#include "containers/driver_call.hpp"
#include "containers/own_files.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
Task<std::vector<Change>> ContainerService::changes(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto job = [parts, entry] {
    DriverCall call;
    auto changes = parts->drivers.storage.changes(call, entry->id);
    const auto own = own_paths(changes);
    std::erase_if(changes, [&](const Change& change) { return std::binary_search(own.begin(), own.end(), change.path); });
    for (auto& change : changes)
      if (change.kind == ChangeKind::added && is_own_directory(change.path)) change.kind = ChangeKind::modified;
    return changes;
  };
  co_return co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
