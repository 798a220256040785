#include <algorithm>

#include "containers/driver_call.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {
namespace {

/// Mount points that the engine made for its own files are no change of the user's, and neither is the directory of
/// those when nothing else in it changed.
void drop_own_files(std::vector<Change>& changes) {
  const auto own = [](const Change& change) {
    const bool file = change.path == "/.dockerenv" || change.path == "/etc/hosts" || change.path == "/etc/hostname" ||
                      change.path == "/etc/resolv.conf";
    return file && change.kind == ChangeKind::added;
  };
  if (std::erase_if(changes, own) == 0) return;
  const auto inside = [](const Change& change) { return change.path.starts_with("/etc/"); };
  if (std::any_of(changes.begin(), changes.end(), inside)) return;
  std::erase_if(changes, [](const Change& change) { return change.path == "/etc"; });
}

} // namespace

Task<std::vector<Change>> ContainerService::changes(std::string reference) {
  const PartsPtr parts = impl_->parts;
  const EntryPtr entry = parts->index.find(reference);
  auto job = [parts, entry] {
    DriverCall call;
    auto changes = parts->drivers.storage.changes(call, entry->id);
    drop_own_files(changes);
    return changes;
  };
  co_return co_await on(parts->pool, std::move(job));
}

} // namespace gantry::containers
